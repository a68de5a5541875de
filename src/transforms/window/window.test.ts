import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decode, finish, logBatch } from '../../event/batch.ts';
import type { LogEvent } from '../../event/event.ts';
import { Finalizer, type Status } from '../../event/finalizer.ts';
import type { Value } from '../../event/value.ts';
import { log, parseConfig, runTransform, testContext } from '../../testing/component.ts';
import { transform } from './window.ts';

/** Letters, each an event: `i` passes by, `e` flushes. */
async function passed(raw: Record<string, unknown>, ...batches: string[]) {
  const events = batches.map((letters) => [...letters].map((m, i) => log({ m, i })));
  const all = { flush_when: '.m == "e"', ...raw };
  const { outputs, recorder, statuses } = await runTransform(transform, all, events);
  const letters = (outputs[''] ?? []).map((event) => ((event as LogEvent).value as { m: string }).m).join('');
  return { letters, recorder, statuses };
}

for (const [raw, batches, expected] of [
  [{ num_events_before: 2, num_events_after: 2 }, ['abcdefghij'], 'cdefg'],
  [{ num_events_before: 2 }, ['abcd', 'efgh', 'e'], 'cdeghe'],
  [{ num_events_before: 0, num_events_after: 1 }, ['abecdeeff'], 'eceef'],
  [{ num_events_before: 1, num_events_after: 1, forward_when: '.m == "i"' }, ['aibiceigihie'], 'iiceigiihe'],
  [{ num_events_before: 3 }, ['a', 'b', 'c', 'd', 'e', 'f'], 'bcde'],
  [{}, ['abcdefgh'], 'abcde'],
  [{ num_events_before: 2 }, ['abcd'], ''],
] as const)
  test(`${JSON.stringify(raw)}: of ${batches.join(' | ')} passes ${expected || 'nothing'}`, async () => {
    assert.equal((await passed(raw, ...batches)).letters, expected);
  });

test('counts what it drops, also at the end, and what waited for a flush', async () => {
  const { recorder, statuses } = await passed({ num_events_before: 2 }, 'abcd', 'efgh');
  assert.equal(recorder.read('component_discarded_events_total', { intentional: 'true' }), 2 + 3);
  assert.equal(recorder.read('stale_events_flushed_total'), 2);
  assert.deepEqual(statuses, ['delivered', 'delivered']);
});

async function started(raw: Record<string, unknown>) {
  const setting = testContext('transform', 'window');
  const window = await transform.build(parseConfig(transform, { flush_when: '.m == "e"', ...raw }), setting.context);
  const statuses: (Status | undefined)[] = [];
  const values: Value[] = [];
  let status: Status = 'delivered';
  return {
    ...setting,
    window,
    statuses,
    values,
    answer: (next: Status) => void (status = next),
    send(...events: LogEvent[]) {
      const index = statuses.push(undefined) - 1;
      window.process(logBatch(events, new Finalizer((one) => void (statuses[index] = one))), (batch) => {
        for (const event of decode(batch).events) values.push((event as LogEvent).value);
        finish(batch, status);
      });
    },
  };
}

test('holds a batch as long as an event of it waits', async () => {
  const run = await started({ num_events_before: 2 });
  run.send(log({ m: 'a' }), log({ m: 'b' }));
  run.send(log({ m: 'c' }));
  assert.deepEqual(run.statuses, [undefined, undefined]);
  run.send(log({ m: 'd' }));
  assert.deepEqual(run.statuses, ['delivered', undefined, undefined]);
  run.answer('rejected');
  run.send(log({ m: 'x' }), log({ m: 'e' }));
  assert.deepEqual(run.statuses, ['delivered', 'delivered', 'rejected', 'rejected']);
});

test('what waits is a copy, which nobody else writes', async () => {
  const run = await started({ num_events_before: 2 });
  const event = log({ m: 'a', o: { n: 1 } });
  run.send(event);
  (event.value as { o: { n: number } }).o.n = 2;
  run.send(log({ m: 'e' }));
  assert.deepEqual(run.values, [{ m: 'a', o: { n: 1 } }, { m: 'e' }]);
});

test('what waits has a limit in bytes as well', async () => {
  const run = await started({ num_events_before: 1000 });
  for (let i = 0; i < 70; i++) run.send(log({ m: 'x'.repeat(1_048_576) }));
  assert.equal(run.recorder.read('sluice_state_evictions_total'), 7);
  assert.equal(run.statuses.filter((status) => status === 'delivered').length, 7);
  run.window.end!(() => {});
  assert.ok(run.statuses.every((status) => status === 'delivered'));
});

test('says which condition is wrong', () => {
  const { context } = testContext('transform', 'window');
  for (const [raw, path] of [
    [{ flush_when: '.a' }, 'flush_when'],
    [{ flush_when: 'true', forward_when: '.a' }, 'forward_when'],
  ] as const)
    assert.deepEqual(transform.verify!(parseConfig(transform, raw), context)[0]!.path, [path]);
  assert.throws(() => parseConfig(transform, {}));
});
