import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type MetricEvent, type MetricValue, SharedTags } from '../event/metric.ts';
import { FakeClock } from '../std/clock.ts';
import { Registry } from '../telemetry/registry.ts';
import { counter, gauge, metric } from '../testing/metrics.ts';
import { AbsoluteMetrics, type AbsoluteOptions, stateBytesOf } from './absolute_metrics.ts';
import { ValueProblem } from './absolute_value.ts';

function kept(options: Partial<AbsoluteOptions> = {}) {
  const clock = new FakeClock();
  const recorder = new Registry();
  const metrics = new AbsoluteMetrics({
    buckets: [1, 10],
    quantiles: [0.5, 1],
    distributions: 'histogram',
    defaultNamespace: undefined,
    idleMs: 60_000,
    stateBytesMax: 1_000_000,
    clock,
    recorder,
    ...options,
  });
  return { metrics, clock, recorder };
}

function after(events: readonly MetricEvent[], options: Partial<AbsoluteOptions> = {}) {
  const { metrics } = kept(options);
  for (const event of events) assert.ok(typeof metrics.take(event) === 'object');
  return [...metrics.all()].map((one) => ({ name: one.name, labels: one.labels, value: one.value.exposed() }));
}

const set = (kind: MetricEvent['kind'], ...values: string[]) => metric('s', { type: 'set', values }, { kind });
const samples = (...values: number[]): MetricValue => ({
  type: 'distribution',
  samples: values.map((value) => ({ value, rate: 1 })),
  statistic: 'summary',
});

test('increments add up, absolute values stand for themselves', () => {
  const events = [
    counter('c', 1),
    counter('c', 2),
    gauge('g', 5),
    gauge('g', -2, { kind: 'incremental' }),
    gauge('h', 1),
  ];
  assert.deepEqual(
    after(events).map(({ name, value }) => [name, value]),
    [
      ['c', { type: 'counter', value: 3 }],
      ['g', { type: 'gauge', value: 3 }],
      ['h', { type: 'gauge', value: 1 }],
    ],
  );
});

test('a set is how many distinct texts came', () => {
  assert.deepEqual(after([set('incremental', 'a', 'b'), set('incremental', 'b', 'c')])[0]?.value, {
    type: 'gauge',
    value: 3,
  });
  assert.deepEqual(after([set('incremental', 'a', 'b'), set('absolute', 'b')])[0]?.value, { type: 'gauge', value: 1 });
});

test('the order of tags makes no difference, and those that become one are one', () => {
  const series = after([
    gauge('g', 1, { tags: { b: '1', a: '2' } }),
    gauge('g', 2, { tags: { a: '2', b: '1', bare: null } }),
    gauge('x', 3, { tags: { 'a.b': '1', a_b: ['2', null] } }),
  ]);
  assert.deepEqual(series, [
    {
      name: 'g',
      labels: [
        ['a', '2'],
        ['b', '1'],
      ],
      value: { type: 'gauge', value: 2 },
    },
    { name: 'x', labels: [['a_b', '2']], value: { type: 'gauge', value: 3 } },
  ]);
});

test('a histogram with other limits begins anew', () => {
  const histogram = (kind: MetricEvent['kind'], ...limits: number[]) =>
    metric(
      'h',
      {
        type: 'aggregated_histogram',
        buckets: limits.map((upperLimit) => ({ upperLimit, count: 1 })),
        count: limits.length,
        sum: 2,
      },
      { kind },
    );
  const inf = Number.POSITIVE_INFINITY;
  assert.deepEqual(after([histogram('absolute', 1, 5, inf), histogram('incremental', 5, 1, inf)])[0]?.value, {
    type: 'histogram',
    limits: [1, 5],
    counts: [2, 2],
    count: 6,
    sum: 4,
  });
  assert.deepEqual(after([histogram('absolute', 1, 5), histogram('incremental', 1, 9)])[0]?.value, {
    type: 'histogram',
    limits: [1, 9],
    counts: [1, 1],
    count: 2,
    sum: 2,
  });
});

test('distributions become what the sink wants of them', () => {
  const events = [
    metric('d', samples(0.5, 20), { kind: 'incremental' }),
    metric('d', samples(5), { kind: 'incremental' }),
  ];
  assert.deepEqual(after(events)[0]?.value, {
    type: 'histogram',
    limits: [1, 10],
    counts: [1, 1],
    count: 3,
    sum: 25.5,
  });
  const exact = after(events, { distributions: 'statistic' })[0]?.value;
  assert.deepEqual(exact?.type === 'summary' && exact.quantiles, [
    { quantile: 0.5, value: 5 },
    { quantile: 1, value: 20 },
  ]);
  const sketch = after(events, { distributions: 'sketch' })[0]?.value;
  assert.ok(sketch?.type === 'summary' && Math.abs(sketch.quantiles[0]!.value - 5) < 0.1);
});

test('many samples become a sketch, so that memory stays', () => {
  const { metrics } = kept({ distributions: 'statistic' });
  for (let i = 0; i < 1_000; i++)
    metrics.take(metric('d', samples(...Array.from({ length: 100 }, (_, j) => i * 100 + j)), { kind: 'incremental' }));
  assert.ok(metrics.sizeBytes < 100_000, `${metrics.sizeBytes}`);
  const value = [...metrics.all()][0]?.value.exposed();
  assert.ok(value?.type === 'summary' && value.count === 100_000);
  assert.ok(Math.abs(value.quantiles[0]!.value - 50_000) < 1_000);
});

test('another type under the same name takes its place', () => {
  assert.deepEqual(
    after([gauge('x', 1), counter('x', 2)]).map(({ value }) => value),
    [{ type: 'counter', value: 2 }],
  );
});

test('a full state takes no new series and goes on with those that it has', async () => {
  const { metrics, clock, recorder } = kept({ stateBytesMax: 5_000 });
  assert.ok(typeof metrics.take(counter('mine', 1)) === 'object');
  let taken = 1;
  while (metrics.take(gauge(`other_${taken}`, 1)) !== 'full') taken += 1;
  assert.equal(metrics.size, taken);
  assert.ok(metrics.sizeBytes <= 5_000);
  metrics.take(counter('mine', 1));
  assert.deepEqual([...metrics.all()][0]?.value.exposed(), { type: 'counter', value: 2 });
  await clock.advance(60_001);
  metrics.take(counter('mine', 1));
  assert.ok(typeof metrics.take(gauge('new', 1)) === 'object');
  assert.equal(metrics.size, 2);
  assert.equal(recorder.read('sluice_metric_series_expired_total'), taken - 1);
  assert.equal(recorder.read('sluice_metric_series'), 1);
});

test('a set that has no room to grow is refused, and keeps what it had', () => {
  const { metrics } = kept({ stateBytesMax: 2_000 });
  assert.ok(typeof metrics.take(set('incremental', 'a')) === 'object');
  assert.equal(metrics.take(set('incremental', 'b'.repeat(2_000))), 'full');
  assert.deepEqual([...metrics.all()][0]?.value.exposed(), { type: 'gauge', value: 1 });
});

test('a histogram of ever so many buckets is no histogram', () => {
  const buckets = Array.from({ length: 20_000 }, (_, upperLimit) => ({ upperLimit, count: 1 }));
  const event = metric('h', { type: 'aggregated_histogram', buckets, count: 1, sum: 1 });
  assert.ok(kept().metrics.take(event) instanceof ValueProblem);
});

test('the room for series follows the memory of the process, within limits', () => {
  const mebibyte = 1024 * 1024;
  assert.deepEqual(
    [1, 14, 40, 1_000].map(
      (size) =>
        stateBytesOf({ arena: { sizeBytes: size * mebibyte }, stateBytesMax: Number.POSITIVE_INFINITY }) / mebibyte,
    ),
    [16, 16, 40, 64],
  );
  assert.equal(stateBytesOf({ arena: { sizeBytes: 20 * mebibyte }, stateBytesMax: 9 * mebibyte }), 9 * mebibyte);
});

test('with less memory the series go that nothing came for, then those that came last', async () => {
  const { metrics, clock, recorder } = kept({ stateBytesMax: 16_000 });
  for (let i = 0; i < 20; i++) metrics.take(counter(`c${i}`, 1));
  await clock.advance(60_001);
  for (let i = 2; i < 20; i++) metrics.take(counter(`c${i}`, 1));
  const before = metrics.sizeBytes;
  const freed = metrics.shrink(before / 2);
  assert.ok(freed >= before / 2 && freed < before * 0.55, `${freed} of ${before}`);
  assert.equal(metrics.sizeBytes, before - freed);
  assert.equal(recorder.read('sluice_metric_series_expired_total'), 2);
  assert.equal(recorder.read('sluice_state_evictions_total'), 18 - metrics.size);
  assert.deepEqual(
    [...metrics.all()].map(({ name }) => name),
    Array.from({ length: metrics.size }, (_, i) => `c${i + 2}`),
  );
  assert.equal(metrics.take(counter('new', 1)), 'full', 'what was taken away stays away');
});

test('some series stay however short memory is', () => {
  const { metrics } = kept({ stateBytesMax: 16_000 });
  for (let i = 0; i < 20; i++) metrics.take(counter(`c${i}`, 1));
  for (let i = 0; i < 10; i++) metrics.shrink(16_000);
  assert.ok(metrics.sizeBytes <= 1_000 && metrics.sizeBytes > 500, String(metrics.sizeBytes));
  assert.equal([...metrics.all()][0]?.name, 'c0');
});

test('series that are there may grow when no new ones are taken', () => {
  const { metrics } = kept({ stateBytesMax: 16_000 });
  assert.ok(typeof metrics.take(set('incremental', 'a')) === 'object');
  let others = 0;
  while (metrics.take(gauge(`other_${others}`, 1)) !== 'full') others += 1;
  assert.ok(typeof metrics.take(set('incremental', 'b'.repeat(700))) === 'object');
  assert.deepEqual([...metrics.all()][0]?.value.exposed(), { type: 'gauge', value: 2 });
  assert.ok(typeof metrics.take(counter('other_0', 1)) === 'object', 'of another type than before');
});

/** A counter with tags that other events have as well. */
const shared = (tags: SharedTags, value: number, about: { name?: string; namespace?: string } = {}): MetricEvent => ({
  ...counter(about.name ?? 'c', value, about),
  tags,
});

test('tags that events share lead to the series of their names, each sink having its own', () => {
  const tags = new SharedTags([['code', '200']]);
  const [one, other] = [kept().metrics, kept().metrics];
  for (let round = 0; round < 3; round++) {
    one.take(shared(tags, 1));
    one.take(shared(tags, 10, { name: 'd' }));
    one.take(shared(tags, 100, { namespace: 'n' }));
    other.take(shared(tags, 5));
    one.take({ ...shared(tags, 1), tags: new Map([['code', '200']]) });
  }
  const totals = (metrics: AbsoluteMetrics) =>
    [...metrics.all()].map(({ name, value }) => [name, (value.exposed() as { value: number }).value]);
  assert.deepEqual(totals(one), [
    ['c', 6],
    ['d', 30],
    ['n_c', 300],
  ]);
  assert.deepEqual(totals(other), [['c', 15]]);
});

test('a series that expired begins anew, also for tags that led to it', async () => {
  const { metrics, clock } = kept({ expireMs: 1_000 });
  const tags = new SharedTags([['code', '200']]);
  for (let i = 0; i < 3; i++) metrics.take(shared(tags, 1));
  await clock.advance(1_001);
  metrics.take(shared(tags, 7));
  assert.deepEqual(
    [...metrics.all()].map(({ value }) => value.exposed()),
    [{ type: 'counter', value: 7 }],
  );
});

test('tags do not keep the value of a series that was let go', async () => {
  const ends: Readonly<Record<string, (metrics: AbsoluteMetrics) => void>> = {
    swept: (metrics) => metrics.sweep(0),
    evicted: (metrics) => void metrics.shrink(600),
    replaced: (metrics) => void metrics.take({ ...gauge('s', 1), tags: new Map([['t', 'v']]) }),
    closed: (metrics) => metrics.close(),
  };
  for (const [how, end] of Object.entries(ends)) {
    const { metrics, clock } = kept({ stateBytesMax: 2_000 });
    const tags = new SharedTags([['t', 'v']]);
    for (let i = 0; i < 2; i++) metrics.take({ ...set('incremental', `text ${i}`), tags });
    const place = (): unknown => (tags.memo as unknown as { place: { series: unknown } }).place.series;
    assert.equal(place(), [...metrics.all()][0], how);
    await clock.advance(10);
    end(metrics);
    assert.equal(place(), undefined, how);
  }
});
