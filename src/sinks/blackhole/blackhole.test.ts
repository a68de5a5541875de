import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logBatch } from '../../event/batch.ts';
import { Finalizer, type Status } from '../../event/finalizer.ts';
import { FakeClock } from '../../std/clock.ts';
import { Logger, type LogRecord } from '../../telemetry/log.ts';
import { log, parseConfig, runSink, testContext } from '../../testing/component.ts';
import { sink } from './blackhole.ts';

async function started(raw: unknown) {
  const clock = new FakeClock();
  const it = testContext('sink', 'blackhole', { clock });
  // With a rate limit, as in the real command.
  const records: LogRecord[] = [];
  const logger = new Logger({ level: 'info', clock, rateLimitSecs: 10, write: (line) => void records.push(line) });
  const running = await sink.build(parseConfig(sink, raw), { ...it.context, log: logger });
  const statuses: Status[] = [];
  const write = (count: number): Promise<void> | undefined =>
    running.write(
      logBatch(
        Array.from({ length: count }, () => log('x')),
        new Finalizer((status) => void statuses.push(status)),
      ),
    );
  const reports = () => records.map(({ message, fields }) => [message, fields['events']]);
  return { ...it, clock, running, write, statuses, records, reports };
}

/** Whether a promise has settled, without waiting for it. */
async function isSettled(promise: Promise<void>): Promise<boolean> {
  let settled = false;
  void promise.then(() => {
    settled = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  return settled;
}

test('takes whatever comes, delivered, and counts it', async () => {
  const { statuses, recorder } = await runSink(sink, {}, [[log('one'), log('two')], [log('three')]]);
  assert.deepEqual(statuses, ['delivered', 'delivered']);
  assert.equal(recorder.read('component_sent_events_total'), 3);
  assert.ok(recorder.read('component_sent_event_bytes_total') > 30);
  assert.equal(
    recorder.read('component_sent_bytes_total', { protocol: 'blackhole' }),
    recorder.read('component_sent_event_bytes_total'),
  );
});

test('without a rate it is ready at once, and without an interval it says nothing', async () => {
  const { write, clock, records, running } = await started({});
  assert.equal(write(1_000_000), undefined);
  assert.equal(clock.pending, 0);
  await clock.advance(100_000);
  await running.end();
  assert.deepEqual(records, []);
});

test('with a rate it takes that many events in a second', async () => {
  const { write, clock } = await started({ rate: 10 });
  const first = write(5)!;
  await clock.advance(499);
  assert.equal(await isSettled(first), false);
  await clock.advance(1);
  await first;
  const second = write(20)!;
  await clock.advance(1_999);
  assert.equal(await isSettled(second), false);
  await clock.advance(1);
  await second;
});

test('time in which nothing came is not saved up', async () => {
  const { write, clock } = await started({ rate: 10 });
  await clock.advance(60_000);
  const wait = write(10)!;
  await clock.advance(999);
  assert.equal(await isSettled(wait), false);
  await clock.advance(1);
  await wait;
});

test('the events are delivered before the wait, which an end cuts short', async () => {
  const { write, clock, running, statuses } = await started({ rate: 1 });
  const wait = write(1_000_000)!;
  assert.deepEqual(statuses, ['delivered']);
  await running.end();
  await wait;
  assert.equal(clock.pending, 0);
});

test('says in each interval how much it took in all, and once more at the end', async () => {
  const { write, clock, running, reports, records } = await started({ print_interval_secs: 2 });
  write(3);
  await clock.advance(2_000);
  write(2);
  await clock.advance(6_000);
  write(1);
  await running.end();
  assert.deepEqual(
    reports(),
    [3, 5, 5, 5, 6].map((events) => ['Collected events.', events]),
  );
  assert.ok(Number(records[0]!.fields['raw_bytes_collected']) > 0);
  assert.equal(clock.pending, 0);
});

test('an interval longer than Node’s timers is no reason to hurry', async () => {
  const { clock, reports } = await started({ print_interval_secs: 10_000_000 });
  await clock.advance(1_000_000_000);
  assert.deepEqual(reports(), []);
});
