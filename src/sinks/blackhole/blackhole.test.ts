import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logBatch } from '../../event/batch.ts';
import { FakeClock } from '../../std/clock.ts';
import { log, parseConfig, runSink, testContext } from '../../testing/component.ts';
import { sink } from './blackhole.ts';

test('delivers every batch and says nothing unless asked', async () => {
  const run = await runSink(sink, {}, [[log('a')], [log('b'), log('c')]]);
  assert.deepEqual(run.statuses, ['delivered', 'delivered']);
  assert.deepEqual(run.records, []);
});

test('says in each interval how much has come so far, and once more at the end', async () => {
  const clock = new FakeClock();
  const { context, records } = testContext('sink', 'blackhole', { clock });
  const built = await sink.build(parseConfig(sink, { print_interval_secs: 10 }), context);
  const counts = (): unknown[] => records.map(({ fields }) => fields['events']);
  await built.write(logBatch([log('a'), log('b')]));
  await clock.advance(10_000);
  assert.deepEqual(counts(), [2]);
  await built.write(logBatch([log('c')]));
  await clock.advance(10_000);
  assert.deepEqual(counts(), [2, 3]);
  await built.end();
  assert.deepEqual(counts(), [2, 3, 3]);
  assert.equal(clock.pending, 0);
});

test('takes no more than its rate', async () => {
  const clock = new FakeClock();
  const { context } = testContext('sink', 'blackhole', { clock });
  const built = await sink.build(parseConfig(sink, { rate: 2 }), context);
  let isReady = false;
  const taken = built.write(logBatch([log('a'), log('b'), log('c')]))!.then(() => {
    isReady = true;
  });
  await clock.advance(1_499);
  assert.equal(isReady, false);
  await clock.advance(1);
  await taken;
});

test('a wait for the rate ends when the input does', async () => {
  const clock = new FakeClock();
  const { context } = testContext('sink', 'blackhole', { clock });
  const built = await sink.build(parseConfig(sink, { rate: 1 }), context);
  const taken = built.write(logBatch([log('a')]));
  await built.end();
  await taken;
  assert.equal(clock.pending, 0);
});
