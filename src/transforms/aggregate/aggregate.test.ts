import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Emit, Transform } from '../../component/define.ts';
import { finish, type MetricBatch, metricBatch } from '../../event/batch.ts';
import { Finalizer, type Status } from '../../event/finalizer.ts';
import { EMPTY_METADATA } from '../../event/metadata.ts';
import type { MetricEvent, MetricValue } from '../../event/metric.ts';
import { Timestamp } from '../../event/timestamp.ts';
import { FakeClock } from '../../std/clock.ts';
import { parseConfig, testContext } from '../../testing/component.ts';
import { transform } from './aggregate.ts';

const metric = (name: string, kind: MetricEvent['kind'], value: MetricValue): MetricEvent => ({
  name,
  kind,
  value,
  metadata: EMPTY_METADATA,
});
const added = (name: string, value: number) => metric(name, 'incremental', { type: 'counter', value });
const total = (name: string, value: number) => metric(name, 'absolute', { type: 'counter', value });
const gauge = (name: string, value: number) => metric(name, 'absolute', { type: 'gauge', value });

async function start(config: object) {
  const clock = new FakeClock();
  const test = testContext('transform', 'aggregate', { clock });
  const running: Transform = await transform.build(parseConfig(transform, config), test.context);
  const held: MetricBatch[] = [];
  const emit: Emit = (batch) => void held.push(batch as MetricBatch);
  running.start?.(emit);
  const statuses: Status[] = [];
  return {
    ...test,
    clock,
    statuses,
    send(...events: MetricEvent[]) {
      const index = statuses.push('errored') - 1;
      delete statuses[index];
      running.process(metricBatch(events, new Finalizer((status) => void (statuses[index] = status))), emit);
    },
    /** What has come out since the last call, as `name kind value`. */
    taken(status: Status = 'delivered') {
      return held.splice(0).flatMap((batch) => {
        finish(batch, status);
        return batch.events.map(({ name, kind, value }) => `${name} ${kind} ${shown(value)}`);
      });
    },
    heldEvents: () => held.flatMap(({ events }) => events),
    end: () => running.end?.(emit),
  };
}

const shown = (value: MetricValue): string =>
  value.type === 'counter' || value.type === 'gauge' ? `${value.type} ${value.value}` : JSON.stringify(value);

const inputs = [
  added('c', 1),
  added('c', 4),
  gauge('g', 5),
  gauge('g', 2),
  gauge('g', 8),
  total('a', 10),
  total('a', 14),
];

const passedC = ['c incremental counter 1', 'c incremental counter 4'];

for (const [mode, passed, flushed] of [
  ['Auto', [], ['c incremental counter 5', 'g absolute gauge 8', 'a absolute counter 14']],
  [
    'Sum',
    [
      'g absolute gauge 5',
      'g absolute gauge 2',
      'g absolute gauge 8',
      'a absolute counter 10',
      'a absolute counter 14',
    ],
    ['c incremental counter 5'],
  ],
  ['Latest', passedC, ['g absolute gauge 8', 'a absolute counter 14']],
  ['Count', [], ['c incremental counter 2', 'g absolute counter 3', 'a absolute counter 2']],
  ['Diff', passedC, ['g absolute gauge 8', 'a absolute counter 14']],
  ['Max', passedC, ['g absolute gauge 8', 'a absolute counter 10']],
  ['Min', passedC, ['g absolute gauge 2', 'a absolute counter 10']],
  ['Mean', passedC, ['g absolute gauge 5']],
  ['Stdev', passedC, [`g absolute gauge ${Math.sqrt(6)}`]],
] as const) {
  test(`mode ${mode}`, async () => {
    const { send, taken, clock, end } = await start({ mode, interval_ms: 1000 });
    send(...inputs);
    assert.deepEqual(taken(), passed);
    await clock.advance(999);
    assert.deepEqual(taken(), []);
    await clock.advance(1);
    assert.deepEqual(taken(), flushed);
    await clock.advance(1000);
    end();
    assert.deepEqual(taken(), []);
    assert.equal(clock.pending, 0);
  });
}

test('tells what is held when the input is over', async () => {
  const { send, taken, end } = await start({});
  send(added('c', 1));
  end();
  assert.deepEqual(taken(), ['c incremental counter 1']);
});

test('tells by how much values differ from those of the interval before', async () => {
  const { send, taken, clock, recorder } = await start({ mode: 'Diff', interval_ms: 10 });
  const next = async (...events: MetricEvent[]) => {
    send(...events);
    await clock.advance(10);
    return taken();
  };
  assert.deepEqual(await next(total('a', 10)), ['a absolute counter 10']);
  assert.deepEqual(await next(total('a', 12), total('a', 15)), ['a absolute counter 5']);
  // A counter that fell began anew.
  assert.deepEqual(await next(total('a', 3)), ['a absolute counter 3']);
  assert.equal(recorder.read('aggregate_failed_updates'), 1);
  assert.deepEqual(await next(), []);
  assert.deepEqual(await next(total('a', 4)), ['a absolute counter 4']);
});

test('puts what does not go together in the place of what was there', async () => {
  const { send, taken, end, recorder } = await start({});
  send(added('m', 1), metric('m', 'incremental', { type: 'gauge', value: 7 }));
  end();
  assert.deepEqual(taken(), ['m incremental gauge 7']);
  const read = (name: string) => recorder.read(name);
  assert.deepEqual(
    ['aggregate_events_recorded_total', 'aggregate_failed_updates', 'aggregate_flushes_total'].map(read),
    [2, 1, 1],
  );
});

test('tells series apart, and has the later time', async () => {
  const { send, end, heldEvents } = await start({});
  const at = (seconds: number, code: string): MetricEvent => ({
    ...added('m', 1),
    tags: new Map([['code', code]]),
    timestamp: new Timestamp(seconds, 0),
    intervalMs: 10,
  });
  send(at(5, 'a'), at(4, 'a'), at(1, 'b'));
  end();
  assert.deepEqual(heldEvents(), [{ ...at(5, 'a'), intervalMs: 20, value: { type: 'counter', value: 2 } }, at(1, 'b')]);
});

test('says what became of batches when the metrics made of them were delivered', async () => {
  const { send, taken, clock, statuses } = await start({ mode: 'Sum', interval_ms: 10 });
  send(added('c', 1));
  send(added('c', 1), gauge('g', 1));
  send(gauge('g', 2));
  taken();
  assert.deepEqual([...statuses], [undefined, undefined, 'delivered']);
  await clock.advance(10);
  assert.deepEqual(taken('errored'), ['c incremental counter 2']);
  assert.deepEqual(statuses, ['errored', 'errored', 'delivered']);
});

test('drops what has no mean, and counts it', async () => {
  const { send, end, taken, statuses, recorder } = await start({ mode: 'Mean' });
  send(total('a', 1));
  end();
  assert.deepEqual([taken(), statuses], [[], ['delivered']]);
  assert.equal(recorder.read('component_discarded_events_total', { intentional: 'true' }), 1);
});

test('ends an interval early that holds as much as it may', async () => {
  const { send, taken, clock, recorder } = await start({ mode: 'Diff' });
  send(total('kept', 5));
  await clock.advance(10_000);
  taken();
  send(...Array.from({ length: 100_000 }, (_, i) => total(`m${i}`, 1)));
  assert.equal(taken().length, 100_000);
  assert.equal(recorder.read('sluice_aggregate_early_flushes_total'), 1);
  assert.equal(recorder.read('sluice_state_evictions_total'), 1);
  send(total('m5', 3));
  await clock.advance(10_000);
  assert.deepEqual(taken(), ['m5 absolute counter 2']);
});
