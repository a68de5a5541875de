import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Sketch } from './metric.ts';
import { mergeSketches } from './sketch.ts';

const BIN_COUNT_MAX = 65_535;
const BINS_MAX = 4_096;

interface Bin {
  readonly key: number;
  readonly count: number;
}

/** A sketch of these bins, as the Agent would send it: in the order of keys, no bin past 16 bits. */
function sketchOf(bins: readonly Bin[], values: { readonly min: number; readonly spread: number }): Sketch {
  const sorted = [...bins].sort((a, b) => a.key - b.key);
  const count = sorted.reduce((sum, bin) => sum + bin.count, 0);
  const { min, spread } = values;
  const avg = min + spread / 2;
  return {
    keys: sorted.map(({ key }) => key),
    counts: sorted.map((bin) => bin.count),
    count,
    min,
    max: min + spread,
    sum: avg * count,
    avg,
  };
}

function totals({ keys, counts }: Pick<Sketch, 'keys' | 'counts'>): Map<number, number> {
  const map = new Map<number, number>();
  for (const [i, key] of keys.entries()) map.set(key, (map.get(key) ?? 0) + counts[i]!);
  return map;
}

function addedTotals(...sketches: readonly Sketch[]): Map<number, number> {
  const map = new Map<number, number>();
  for (const one of sketches) for (const [key, count] of totals(one)) map.set(key, (map.get(key) ?? 0) + count);
  return new Map([...map].sort(([a], [b]) => a - b));
}

const bins = (minLength: number, key = fc.integer({ min: -20, max: 20 })) =>
  fc.array(
    fc.record({
      key,
      count: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 65_530, max: BIN_COUNT_MAX })),
    }),
    {
      minLength,
      maxLength: 40,
    },
  );

const sketches = fc
  .tuple(bins(1), fc.record({ min: fc.integer({ min: -50, max: 50 }), spread: fc.integer({ min: 0, max: 50 }) }))
  .map(([some, values]) => sketchOf(some, values));

test('merged sketches have the bins of both, in order, and none past 16 bits', () => {
  fc.assert(
    fc.property(sketches, sketches, (one, other) => {
      const merged = mergeSketches(one, other);
      assert.deepEqual(totals(merged), addedTotals(one, other));
      assert.deepEqual(
        merged.keys,
        [...merged.keys].sort((a, b) => a - b),
      );
      assert.ok(merged.counts.every((count) => count > 0 && count <= BIN_COUNT_MAX));
    }),
  );
});

test('merged sketches know how many values there were, and the least, the greatest, the sum and the mean of them', () => {
  fc.assert(
    fc.property(sketches, sketches, (one, other) => {
      const merged = mergeSketches(one, other);
      assert.equal(merged.count, one.count + other.count);
      assert.equal(merged.min, Math.min(one.min, other.min));
      assert.equal(merged.max, Math.max(one.max, other.max));
      assert.equal(merged.sum, one.sum + other.sum);
      assert.ok(Math.abs(merged.avg - merged.sum / merged.count) < 1e-9);
    }),
  );
});

test('the order of merging makes no difference to what is in the bins', () => {
  fc.assert(
    fc.property(sketches, sketches, sketches, (one, two, three) => {
      const left = mergeSketches(mergeSketches(one, two), three);
      const right = mergeSketches(three, mergeSketches(two, one));
      assert.deepEqual(totals(left), totals(right));
      assert.deepEqual([left.count, left.min, left.max], [right.count, right.min, right.max]);
    }),
  );
});

test('an empty sketch changes nothing, and merging does not change what is merged', () => {
  const empty: Sketch = { keys: [], counts: [], count: 0, min: 0, max: 0, sum: 0, avg: 0 };
  fc.assert(
    fc.property(sketches, sketches, (one, other) => {
      assert.equal(mergeSketches(one, empty), one);
      assert.equal(mergeSketches(empty, one), one);
      const before = structuredClone([one, other]);
      mergeSketches(one, other);
      assert.deepEqual([one, other], before);
    }),
  );
});

test('with too many bins the highest keep their counts, and the lowest of them has what was below', () => {
  const shape = { min: 1, spread: 1 };
  const wide = fc.record({ from: fc.integer({ min: -9_000, max: 9_000 }), length: fc.integer({ min: 1, max: 4_096 }) });
  const many = wide.map(({ from, length }) =>
    sketchOf(
      Array.from({ length }, (_, i) => ({ key: from + i, count: 1 + (i % 3) })),
      shape,
    ),
  );
  fc.assert(
    fc.property(many, many, (one, other) => {
      const merged = mergeSketches(one, other);
      const all = [...addedTotals(one, other)];
      const kept = all.slice(-BINS_MAX);
      const below = all.slice(0, -kept.length).reduce((sum, [, count]) => sum + count, 0);
      kept[0] = [kept[0]![0], kept[0]![1] + below];
      assert.deepEqual([...totals(merged)], kept);
    }),
    { numRuns: 30 },
  );
});

test('there are never more bins than an Agent takes, however full they are', () => {
  const full = sketchOf(
    Array.from({ length: BINS_MAX }, (_, key) => ({ key, count: BIN_COUNT_MAX })),
    { min: 1, spread: 1 },
  );
  const merged = mergeSketches(full, full);
  assert.equal(merged.keys.length, BINS_MAX);
  assert.equal(merged.keys.at(-1), BINS_MAX - 1);
  assert.ok(merged.counts.every((count) => count <= BIN_COUNT_MAX));
  assert.equal(merged.count, 2 * full.count);
});
