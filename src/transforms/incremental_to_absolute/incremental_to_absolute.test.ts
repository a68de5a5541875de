import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type MetricBatch, metricBatch } from '../../event/batch.ts';
import { EMPTY_METADATA } from '../../event/metadata.ts';
import type { MetricEvent, MetricValue } from '../../event/metric.ts';
import { FakeClock } from '../../std/clock.ts';
import { parseConfig, runTransform, testContext } from '../../testing/component.ts';
import { transform } from './incremental_to_absolute.ts';

const metric = (value: MetricValue, more: Partial<MetricEvent> = {}): MetricEvent => ({
  name: 'm',
  kind: 'incremental',
  value,
  metadata: EMPTY_METADATA,
  ...more,
});

const counter = (value: number, more?: Partial<MetricEvent>) => metric({ type: 'counter', value }, more);

const run = async (config: object, events: readonly MetricEvent[]) => {
  const result = await runTransform(transform, config, [events], { eventType: 'metric' });
  assert.deepEqual(result.statuses, ['delivered']);
  const out = result.outputs['']! as MetricEvent[];
  return {
    out,
    values: out.map(({ value }) => value),
    evictions: result.recorder.read('sluice_state_evictions_total'),
  };
};

const counts = (values: readonly MetricValue[]) => values.map((value) => value.type === 'counter' && value.value);

test('adds up each series for itself', async () => {
  const tags = (code: string) => ({ tags: new Map([['code', code]]) });
  const { out, values } = await run({}, [counter(1, tags('a')), counter(2, tags('b')), counter(3, tags('a'))]);
  assert.deepEqual(counts(values), [1, 2, 4]);
  assert.ok(out.every(({ kind }) => kind === 'absolute'));
  assert.deepEqual(out[2]!.tags, new Map([['code', 'a']]));
});

test('lets absolute metrics pass, and does not add to them', async () => {
  const { values } = await run({}, [counter(5, { kind: 'absolute' }), counter(1), counter(2)]);
  assert.deepEqual(counts(values), [5, 1, 3]);
});

test('joins sets, and puts samples one after the other', async () => {
  const set = (...values: string[]) => metric({ type: 'set', values });
  assert.deepEqual((await run({}, [set('b', 'a'), set('c', 'a')])).values, [
    { type: 'set', values: ['a', 'b'] },
    { type: 'set', values: ['a', 'b', 'c'] },
  ]);
  const sample = { value: 1.5, rate: 2 };
  const distribution = metric({ type: 'distribution', samples: [sample], statistic: 'summary' });
  const { values } = await run({}, [distribution, distribution]);
  assert.deepEqual(values[1], { type: 'distribution', samples: [sample, sample], statistic: 'summary' });
});

test('begins anew what is of another type than before', async () => {
  const { values } = await run({}, [
    counter(1),
    metric({ type: 'gauge', value: 2 }),
    metric({ type: 'gauge', value: 3 }),
  ]);
  assert.deepEqual(values.slice(1), [
    { type: 'gauge', value: 2 },
    { type: 'gauge', value: 5 },
  ]);
});

test('forgets the series seen longest ago when there are too many', async () => {
  const named = (name: string) => counter(1, { name });
  const { values, evictions } = await run({ cache: { max_events: 2 } }, ['a', 'b', 'a', 'c', 'a', 'b'].map(named));
  assert.deepEqual(counts(values), [1, 1, 2, 1, 3, 1]);
  assert.equal(evictions, 2);
});

test('forgets series that take too many bytes', async () => {
  const named = (name: string) => counter(1, { name });
  const { values, evictions } = await run({ cache: { max_bytes: 400 } }, ['a', 'b', 'b', 'a'].map(named));
  assert.deepEqual(counts(values), [1, 1, 2, 1]);
  assert.equal(evictions, 2);
});

test('begins a set anew that has too many members', async () => {
  const set = (from: number) =>
    metric({ type: 'set', values: Array.from({ length: 3000 }, (_, i) => String(from + i)) });
  const { values, evictions } = await run({}, [set(0), set(3000)]);
  assert.deepEqual(
    values.map((value) => value.type === 'set' && value.values.length),
    [3000, 3000],
  );
  assert.equal(evictions, 1);
});

test('forgets series that nothing came for', async () => {
  const clock = new FakeClock();
  const { context } = testContext('transform', 'incremental_to_absolute', { clock });
  const running = await transform.build(parseConfig(transform, { cache: { time_to_live: 10 } }), context);
  const values: MetricValue[] = [];
  const send = () =>
    running.process(metricBatch([counter(1)]), (batch) => void values.push((batch as MetricBatch).events[0]!.value));
  send();
  await clock.advance(9_000);
  send();
  await clock.advance(10_000);
  send();
  await clock.advance(10_001);
  send();
  assert.deepEqual(counts(values), [1, 2, 3, 1]);
});

test('what series stand at stays exact while others come that never come again', async () => {
  const { context, recorder, ledger } = testContext('transform', 'incremental_to_absolute');
  const built = await transform.build(parseConfig(transform, { cache: { max_bytes: 500_000 } }), context);
  const known = Array.from({ length: 20 }, (_, i) => `known ${i}`);
  let last: MetricEvent[] = [];
  const process = (names: readonly string[]): void => {
    const batch = metricBatch(names.map((name) => counter(1, { name })));
    built.process(batch, (out) => {
      last = (out as MetricBatch).events as MetricEvent[];
    });
  };
  for (let round = 1; round <= 30; round++) {
    process(known);
    assert.deepEqual(counts(last.map(({ value }) => value)), Array(20).fill(round));
    // Several times as many as fit.
    if (round > 1) process(Array.from({ length: 10_000 }, (_, i) => `new ${round} ${i}`));
    if (round % 7 === 0) ledger.shrink(300_000);
  }
  assert.ok(recorder.read('sluice_state_evictions_total') > 280_000);
});
