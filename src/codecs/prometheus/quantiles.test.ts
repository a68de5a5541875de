import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { quantilesOf } from './quantiles.ts';

const samples = fc.array(
  fc.record({ value: fc.integer({ min: -1000, max: 1000 }), rate: fc.integer({ min: 0, max: 20 }) }),
  { maxLength: 40 },
);
const QUANTILES = [0, 0.01, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1];

test('quantiles are those of all values in order', () => {
  fc.assert(
    fc.property(samples, fc.double({ min: 0, max: 1, noNaN: true }), (given, extra) => {
      const all = given.flatMap(({ value, rate }) => new Array<number>(rate).fill(value)).sort((a, b) => a - b);
      const summary = quantilesOf(given, [...QUANTILES, extra]);
      assert.ok(summary.type === 'summary');
      assert.equal(summary.count, all.length);
      assert.equal(
        summary.sum,
        all.reduce((sum, one) => sum + one, 0),
      );
      if (all.length === 0) {
        assert.deepEqual([summary.quantiles, summary.extremes], [[], undefined]);
        return;
      }
      assert.deepEqual(
        summary.quantiles,
        [...QUANTILES, extra].map((quantile) => ({
          quantile,
          value: all[Math.max(0, Math.round(quantile * all.length) - 1)],
        })),
      );
      assert.deepEqual(summary.extremes, { min: all[0], max: all.at(-1), avg: summary.sum / all.length });
    }),
  );
});

test('what is no number is left out', () => {
  const summary = quantilesOf(
    [
      { value: Number.NaN, rate: 5 },
      { value: 3, rate: 1 },
      { value: Number.POSITIVE_INFINITY, rate: 1 },
    ],
    [0.5, 1],
  );
  assert.ok(summary.type === 'summary');
  assert.equal(summary.count, 2);
  assert.deepEqual(
    summary.quantiles.map(({ value }) => value),
    [3, Number.POSITIVE_INFINITY],
  );
});
