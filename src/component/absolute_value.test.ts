// What series show is what one gets by keeping everything that came, and counting it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Exposed, samplesOf } from '../codecs/prometheus/exposition.ts';
import type { MetricEvent, MetricValue, Sample } from '../event/metric.ts';
import { ValueProblem, type ValueShape, valueFor } from './absolute_value.ts';

type Kind = MetricEvent['kind'];
type Came = readonly (readonly [value: MetricValue, kind: Kind])[];

const SHAPE: ValueShape = { buckets: [-1, 0, 2.5, 10], quantiles: [0, 0.5, 0.9, 1], distributions: 'histogram' };

function shown(came: Came, shape: Partial<ValueShape> = {}): Exposed {
  const value = valueFor(came[0]![0], { ...SHAPE, ...shape });
  assert.ok(!(value instanceof ValueProblem));
  for (const [one, kind] of came) {
    assert.ok(value.fits(one));
    const mostBytes: number = value.sizeBytes + value.growthOf(one);
    assert.equal(value.take(one, kind), undefined);
    assert.ok(value.sizeBytes <= mostBytes, 'it grows by no more than it says');
  }
  return value.exposed();
}

/** Those since the last absolute value, itself included: what it was before is of no account. */
function sinceAbsolute<T>(came: readonly (readonly [value: T, kind: Kind])[]): T[] {
  const last = came.findLastIndex(([, kind]) => kind === 'absolute');
  return came.slice(Math.max(0, last)).map(([value]) => value);
}

const kinds = fc.constantFrom<Kind>('incremental', 'incremental', 'incremental', 'absolute');
const comings = <T>(value: fc.Arbitrary<T>) => fc.array(fc.tuple(value, kinds), { minLength: 1, maxLength: 12 });

const number = fc.integer({ min: -40, max: 200 }).map((quarters) => quarters / 4);
const samples = fc.array(fc.record({ value: number, rate: fc.integer({ min: 1, max: 9 }) }), { maxLength: 20 });

const distribution = (given: readonly Sample[]): MetricValue => ({
  type: 'distribution',
  samples: given,
  statistic: 'summary',
});

const asMetrics = <T>(came: readonly (readonly [T, Kind])[], make: (value: T) => MetricValue): Came =>
  came.map(([value, kind]) => [make(value), kind] as const);

const expand = (given: readonly Sample[]): number[] =>
  given.flatMap(({ value, rate }) => new Array<number>(rate).fill(value)).sort((a, b) => a - b);

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, one) => sum + one, 0);

test('a set is as many as there are different texts', () => {
  const texts = fc.array(fc.constantFrom('', 'a', 'b', 'c', '__proto__', 'é', 'A'), { maxLength: 6 });
  fc.assert(
    fc.property(comings(texts), (came) => {
      const all = new Set(sinceAbsolute(came).flat());
      assert.deepEqual(shown(asMetrics(came, (values) => ({ type: 'set', values }))), {
        type: 'gauge',
        value: all.size,
      });
    }),
  );
});

test('a distribution as a histogram counts each sample up to every limit that it does not exceed', () => {
  fc.assert(
    fc.property(comings(samples), (came) => {
      const all = sinceAbsolute(came).flatMap(expand);
      const told: (readonly [string, number])[] = [];
      samplesOf(shown(asMetrics(came, distribution)), (suffix, value, _label, text = '') =>
        told.push([`${suffix} ${text}`.trim(), value]),
      );
      assert.deepEqual(told, [
        ...SHAPE.buckets.map((limit) => [`_bucket ${limit}`, all.filter((one) => one <= limit).length]),
        ['_bucket +Inf', all.length],
        ['_sum', sumOf(all)],
        ['_count', all.length],
      ]);
    }),
  );
});

test('a distribution as a summary has the exact quantiles while its samples are few', () => {
  fc.assert(
    fc.property(comings(samples), (came) => {
      const all = sinceAbsolute(came)
        .flatMap(expand)
        .sort((a, b) => a - b);
      const summary = shown(asMetrics(came, distribution), { distributions: 'statistic' });
      assert.ok(summary.type === 'summary');
      assert.deepEqual([summary.count, summary.sum], [all.length, sumOf(all)]);
      const rank = (quantile: number): number => Math.max(0, Math.round(quantile * all.length) - 1);
      const exact = SHAPE.quantiles.map((quantile) => ({ quantile, value: all[rank(quantile)] }));
      assert.deepEqual(summary.quantiles, all.length === 0 ? [] : exact);
    }),
  );
});

test('a sketch of a distribution is right about count and sum, and near in its quantiles', () => {
  const positive = fc.array(
    fc.record({ value: number.map((one) => Math.abs(one) + 0.25), rate: fc.integer({ min: 1, max: 9 }) }),
    { minLength: 1, maxLength: 20 },
  );
  fc.assert(
    fc.property(comings(positive), (came) => {
      const all = sinceAbsolute(came)
        .flatMap(expand)
        .sort((a, b) => a - b);
      const summary = shown(asMetrics(came, distribution), { distributions: 'sketch' });
      assert.ok(summary.type === 'summary');
      assert.deepEqual([summary.count, summary.sum], [all.length, sumOf(all)]);
      for (const { quantile, value } of summary.quantiles) {
        const rank = quantile * (all.length - 1);
        const [low, high] = [all[Math.floor(rank)]!, all[Math.ceil(rank)]!];
        assert.ok(value >= low / 1.025 && value <= high * 1.025, `${quantile}: ${low} ${value} ${high}`);
      }
    }),
  );
});

test('with very many samples a summary goes on, as exact in count and sum as before', () => {
  const batch = Array.from({ length: 600 }, (_, i) => ({ value: i + 1, rate: 1 }));
  const summary = shown(
    Array.from({ length: 5 }, () => [distribution(batch), 'incremental'] as const),
    { distributions: 'statistic' },
  );
  assert.ok(summary.type === 'summary');
  assert.deepEqual([summary.count, summary.sum], [3_000, (5 * 600 * 601) / 2]);
  const median = summary.quantiles.find(({ quantile }) => quantile === 0.5)!.value;
  assert.ok(Math.abs(median - 300) <= 300 * 0.025);
});

test('histograms of the same limits add up bucket by bucket', () => {
  const counts = fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 3, maxLength: 3 });
  const histogram = (given: readonly number[]): MetricValue => ({
    type: 'aggregated_histogram',
    buckets: given.map((count, i) => ({ upperLimit: [1, 5, Number.POSITIVE_INFINITY][i]!, count })),
    count: sumOf(given),
    sum: given[0]! / 2,
  });
  fc.assert(
    fc.property(comings(counts), (came) => {
      const all = sinceAbsolute(came);
      const column = (i: number): number => sumOf(all.map((given) => given[i]!));
      assert.deepEqual(shown(asMetrics(came, histogram)), {
        type: 'histogram',
        limits: [1, 5],
        counts: [column(0), column(1)],
        count: column(0) + column(1) + column(2),
        sum: column(0) / 2,
      });
    }),
  );
});

test('of quantiles that others made the last stand', () => {
  const summary = (value: number): MetricValue => ({
    type: 'aggregated_summary',
    quantiles: [{ quantile: 0.5, value }],
    count: 2 * value,
    sum: value,
  });
  fc.assert(
    fc.property(comings(fc.integer({ min: 0, max: 100 })), (came) => {
      const last = came.at(-1)![0];
      assert.deepEqual(shown(asMetrics(came, summary)), {
        type: 'summary',
        quantiles: [{ quantile: 0.5, value: last }],
        count: 2 * last,
        sum: last,
      });
    }),
  );
});
