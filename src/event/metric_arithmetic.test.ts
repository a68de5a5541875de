import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MetricValue } from './metric.ts';
import { joinedTimes, MetricSum, subtractValue } from './metric_arithmetic.ts';
import { sortedStrings } from './object.ts';
import { Timestamp } from './timestamp.ts';

const sample = (value: number) => ({ value, rate: 1 });
const distribution = (...values: number[]): MetricValue => ({
  type: 'distribution',
  samples: values.map(sample),
  statistic: 'histogram',
});
const histogram = (count: number | bigint, limits = [1, 2]): MetricValue => ({
  type: 'aggregated_histogram',
  buckets: limits.map((upperLimit) => ({ upperLimit, count })),
  count,
  sum: Number(count),
});

const sum = (one: MetricValue, other: MetricValue): MetricValue | false => {
  const total = new MetricSum(one);
  return total.add(other) && total.value;
};

test('adds values of one type', () => {
  assert.deepEqual(sum({ type: 'counter', value: 1 }, { type: 'counter', value: 2 }), { type: 'counter', value: 3 });
  assert.deepEqual(sum({ type: 'gauge', value: 1 }, { type: 'gauge', value: -2 }), { type: 'gauge', value: -1 });
  assert.deepEqual(sum({ type: 'set', values: ['b'] }, { type: 'set', values: ['a', 'b'] }), {
    type: 'set',
    values: ['a', 'b'],
  });
  assert.deepEqual(sum(distribution(1, 2), distribution(2)), distribution(1, 2, 2));
  assert.deepEqual(sum(histogram(2), histogram(3)), histogram(5));
});

test('adds counts past 2^53 exactly, and no further than u64', () => {
  assert.deepEqual(sum(histogram(2 ** 53 - 1), histogram(2)), { ...histogram(2n ** 53n + 1n), sum: 2 ** 53 + 1 });
  assert.deepEqual((sum(histogram(2n ** 64n - 1n), histogram(1)) as { count: bigint }).count, 2n ** 64n - 1n);
});

test('does not add what does not go together', () => {
  const summary: MetricValue = { type: 'aggregated_summary', quantiles: [], count: 1, sum: 1 };
  assert.equal(sum({ type: 'counter', value: 1 }, { type: 'gauge', value: 1 }), false);
  assert.equal(sum(histogram(1), histogram(1, [1, 3])), false);
  assert.equal(sum(distribution(1), { ...distribution(1), statistic: 'summary' } as MetricValue), false);
  assert.equal(sum(summary, summary), false);
});

test('keeps sets in order, however many texts come at once', () => {
  const all = Array.from({ length: 200 }, (_, i) => `${(i * 37) % 200}${i % 7 === 0 ? '\u{10000}' : '\uffff'}`);
  const total = new MetricSum({ type: 'set', values: all.slice(0, 3) });
  for (let at = 3, step = 1; at < all.length; at += step, step = (step % 30) + 4) {
    total.add({ type: 'set', values: all.slice(at, at + step) });
    const expected = sortedStrings(new Set(all.slice(0, at + step)));
    assert.deepEqual(total.value, { type: 'set', values: expected });
  }
});

test('does not change the values it was made of', () => {
  const one = distribution(1);
  const total = new MetricSum(one);
  const before = total.value;
  total.add(distribution(2));
  assert.deepEqual([one, before, total.items], [distribution(1), distribution(1), 2]);
});

test('merges sketches bin by bin', () => {
  const sketch = (keys: number[], counts: number[], value: number): MetricValue => ({
    type: 'sketch',
    sketch: { keys, counts, count: 4, min: value, max: value, sum: 4 * value, avg: value },
  });
  assert.deepEqual(sum(sketch([1, 3], [65_530, 2], 2), sketch([1, 2], [10, 1], 4)), {
    type: 'sketch',
    sketch: { keys: [1, 1, 2, 3], counts: [5, 65_535, 1, 2], count: 8, min: 2, max: 4, sum: 24, avg: 3 },
  });
});

test('folds the lowest bins of a sketch together when there are too many', () => {
  const keys = (from: number) => Array.from({ length: 4000 }, (_, i) => from + i);
  const sketch = (from: number): MetricValue => ({
    type: 'sketch',
    sketch: { keys: keys(from), counts: keys(from).map(() => 1), count: 4000, min: 1, max: 1, sum: 1, avg: 1 },
  });
  const merged = sum(sketch(0), sketch(4000));
  assert.ok(merged && merged.type === 'sketch');
  assert.equal(merged.sketch.keys.length, 4096);
  assert.equal(merged.sketch.keys[0], 8000 - 4096);
  assert.equal(merged.sketch.counts[0], 8000 - 4095);
});

test('takes values from each other', () => {
  const counter = (value: number): MetricValue => ({ type: 'counter', value });
  assert.deepEqual(subtractValue(counter(5), counter(2)), counter(3));
  assert.equal(subtractValue(counter(1), counter(2)), undefined);
  assert.deepEqual(subtractValue({ type: 'gauge', value: 1 }, { type: 'gauge', value: 3 }), {
    type: 'gauge',
    value: -2,
  });
  assert.deepEqual(subtractValue({ type: 'set', values: ['a', 'b'] }, { type: 'set', values: ['b'] }), {
    type: 'set',
    values: ['a'],
  });
  assert.deepEqual(subtractValue(distribution(1, 2, 2), distribution(2)), distribution(1));
  assert.deepEqual(subtractValue(histogram(5), histogram(3)), histogram(2));
  assert.equal(subtractValue(histogram(2), histogram(3)), undefined);
  assert.equal(subtractValue(histogram(3), histogram(2, [1])), undefined);
});

test('keeps the later time and adds intervals', () => {
  const early = new Timestamp(1, 0);
  const late = new Timestamp(1, 1);
  assert.deepEqual(joinedTimes({ timestamp: late, intervalMs: 5 }, { timestamp: early, intervalMs: 6 }), {
    timestamp: late,
    intervalMs: 11,
  });
  assert.deepEqual(joinedTimes({}, { timestamp: early }), { timestamp: early });
});
