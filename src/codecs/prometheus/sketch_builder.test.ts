import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Sample, Sketch } from '../../event/metric.ts';
import { sketchKey, sketchQuantile } from '../encoding/sketch.ts';
import { SKETCH_BINS_MAX, SketchBuilder } from './sketch_builder.ts';

/** What the limits of bins grow by, and the exponent of the first bin: the Agent's figures, written out. */
const GAMMA = 1.015625;
const FIRST = -1337;

/** A bin reaches half a power to both sides of its limit, and quantiles are told from the limit to the next one. */
const RELATIVE_ERROR = GAMMA ** 1.5 - 1;

function sketchOf(...groups: readonly (readonly Sample[])[]): Sketch {
  const builder = new SketchBuilder();
  for (const samples of groups) builder.add(samples);
  return builder.sketch();
}

const value = fc.double({ min: 1e-6, max: 1e9, noNaN: true });
const anyValue = fc.oneof(
  value,
  value.map((one) => -one),
  fc.constantFrom(0, 1e-300, -1e-300),
);
const samplesOf = (values: fc.Arbitrary<number>) =>
  fc.array(fc.record({ value: values, rate: fc.integer({ min: 1, max: 50 }) }), { minLength: 1, maxLength: 60 });

const expand = (samples: readonly Sample[]): number[] =>
  samples.flatMap(({ value: one, rate }) => new Array<number>(rate).fill(one)).sort((a, b) => a - b);

test('a value is in the bin whose limit is the nearest power', () => {
  for (const [exponent, key] of [
    [FIRST, 1],
    [FIRST + 1, 2],
    [0, 1338],
    [1, 1339],
    [-10, 1328],
  ] as const)
    assert.equal(sketchKey(GAMMA ** exponent), key, String(exponent));
  fc.assert(
    fc.property(value, (one) => {
      const key = sketchKey(one);
      const limit = GAMMA ** (key - 1338);
      const slack = 1 + 1e-9;
      assert.ok(one <= limit * Math.sqrt(GAMMA) * slack && one >= limit / Math.sqrt(GAMMA) / slack);
      assert.equal(sketchKey(-one), -key);
    }),
  );
});

test('what is smaller than the Agent tells apart is zero, and what is larger than all bins in the last one', () => {
  for (const one of [0, -0, 1e-10, -1e-10, Number.MIN_VALUE]) assert.ok(sketchKey(one) === 0, String(one));
  assert.equal(sketchKey(Number.POSITIVE_INFINITY), 32_767);
  assert.equal(sketchKey(Number.NEGATIVE_INFINITY), -32_767);
});

test('a sketch knows exactly how many values there were, their sum, the least and the greatest', () => {
  fc.assert(
    fc.property(samplesOf(anyValue), (samples) => {
      const { count, sum, min, max, avg, counts } = sketchOf(samples);
      const all = expand(samples);
      assert.equal(count, all.length);
      assert.equal(
        counts.reduce((total, one) => total + one, 0),
        all.length,
      );
      assert.equal(
        sum,
        samples.reduce((total, { value: one, rate }) => total + one * rate, 0),
      );
      assert.deepEqual([min, max], [all[0], all.at(-1)]);
      const scale = Math.max(...all.map(Math.abs));
      assert.ok(Math.abs(avg - sum / count) <= 1e-9 * scale);
    }),
  );
});

test('a quantile is the value of its rank, but for the width of a bin', () => {
  fc.assert(
    fc.property(samplesOf(value), fc.double({ min: 0, max: 1, noNaN: true }), (samples, quantile) => {
      const all = expand(samples);
      const rank = quantile * (all.length - 1);
      const [low, high] = [all[Math.floor(rank)]!, all[Math.ceil(rank)]!];
      const told = sketchQuantile(sketchOf(samples), quantile)!;
      assert.ok(told >= low * (1 - RELATIVE_ERROR) && told <= high * (1 + RELATIVE_ERROR), `${low} ${told} ${high}`);
    }),
  );
});

test('quantiles do not fall, and lie between the least and the greatest value', () => {
  fc.assert(
    fc.property(samplesOf(value), (samples) => {
      const sketch = sketchOf(samples);
      let before = sketch.min;
      for (let quantile = 0; quantile <= 1; quantile += 0.05) {
        const told = sketchQuantile(sketch, quantile)!;
        assert.ok(told >= before * (1 - 1e-12) && told <= sketch.max);
        before = told;
      }
      assert.deepEqual([sketchQuantile(sketch, 0), sketchQuantile(sketch, 1)], [sketch.min, sketch.max]);
    }),
  );
});

test('values that are added one by one, in groups or by merging make the same bins', () => {
  fc.assert(
    fc.property(samplesOf(anyValue), samplesOf(anyValue), (one, other) => {
      const merged = new SketchBuilder();
      merged.merge(sketchOf(one));
      merged.merge(sketchOf(other));
      const { keys, counts, count, min, max } = merged.sketch();
      const single = sketchOf(...[...one, ...other].map((sample) => [sample]));
      assert.deepEqual(
        { keys, counts, count, min, max },
        { keys: single.keys, counts: single.counts, count: single.count, min: single.min, max: single.max },
      );
    }),
  );
});

test('what is no number, or was never seen, is not in it', () => {
  const sketch = sketchOf([
    { value: Number.NaN, rate: 1 },
    { value: 1, rate: 0 },
    { value: 2, rate: 3 },
  ]);
  assert.deepEqual([sketch.count, sketch.sum, sketch.min, sketch.max, sketch.avg], [3, 6, 2, 2, 2]);
  const empty = sketchOf();
  assert.deepEqual([empty.count, empty.min, empty.max], [0, 0, 0]);
  assert.equal(sketchQuantile(empty, 0.5), undefined);
});

test('with more bins than there may be the lowest become one, and no value is lost', () => {
  const samples = Array.from({ length: 6_000 }, (_, i) => ({ value: 1e-8 * GAMMA ** (5 * i), rate: 2 }));
  const sketch = sketchOf(samples);
  assert.equal(sketch.count, 12_000);
  assert.equal(sketch.keys.length, SKETCH_BINS_MAX);
  assert.equal(
    sketch.counts.reduce((total, one) => total + one, 0),
    sketch.count,
  );
  assert.ok(sketch.counts.slice(1).every((count) => count === 2));
  assert.equal(sketch.keys.at(-1), sketchKey(sketch.max));
});
