import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Random, seededRandom } from './random.ts';
import { type Sample, slopeOf } from './slope.ts';

function samplesOf(count: number, value: (t: number) => number): Sample[] {
  return Array.from({ length: count }, (_, t) => ({ t, value: value(t) }));
}

function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Each value keeps a part of the one before it. */
function autocorrelated(random: Random, kept: number): () => number {
  let last = 0;
  return () => {
    last = kept * last + Math.sqrt(1 - kept * kept) * normal(random);
    return last;
  };
}

test('a straight line has its slope and an interval of nothing', () => {
  fc.assert(
    fc.property(fc.integer({ min: -1000, max: 1000 }), fc.integer({ min: 8, max: 200 }), (slope, count) => {
      const found = slopeOf(samplesOf(count, (t) => 5 + slope * t));
      for (const value of [found.slope, found.low, found.high]) assert.ok(Math.abs(value - slope) < 1e-6);
    }),
  );
});

test('adding a line to samples adds its slope to the slope and both ends', () => {
  const values = fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 10, maxLength: 60 });
  fc.assert(
    fc.property(values, fc.integer({ min: -50, max: 50 }), (values, more) => {
      const flat = slopeOf(samplesOf(values.length, (t) => values[t]!));
      const steep = slopeOf(samplesOf(values.length, (t) => values[t]! + more * t));
      assert.ok(Math.abs(steep.slope - flat.slope - more) < 1e-6);
      assert.ok(Math.abs(steep.low - flat.low - more) < 1e-6);
      assert.ok(Math.abs(steep.high - flat.high - more) < 1e-6);
      assert.ok(flat.low <= flat.high);
    }),
  );
});

test('what does not change is flat exactly', () => {
  assert.deepEqual(slopeOf(samplesOf(60, () => 4096)), { slope: 0, low: 0, high: 0 });
});

test('too few samples, or all at one time, tell nothing', () => {
  assert.deepEqual(slopeOf([]), { slope: 0, low: -Infinity, high: Infinity });
  assert.equal(slopeOf(samplesOf(7, (t) => t)).high, Infinity);
  const { low, high } = slopeOf(Array.from({ length: 20 }, (_, value) => ({ t: 3, value })));
  assert.deepEqual([low, high], [-Infinity, Infinity]);
});

test('the times count, not the order of samples: uneven samples have the same line', () => {
  const times = [0, 1, 2, 3, 5, 8, 13, 14, 15, 30, 31, 60];
  const { slope, low, high } = slopeOf(times.map((t) => ({ t, value: 100 + 7 * t })));
  for (const value of [slope, low, high]) assert.ok(Math.abs(value - 7) < 1e-9);
});

test('the same samples give the same interval', () => {
  const noise = autocorrelated(seededRandom(3), 0.5);
  const samples = samplesOf(100, noise);
  assert.deepEqual(slopeOf(samples), slopeOf(samples));
});

test('the saw-tooth of a collector is flat, and a leak below it is found', () => {
  const tooth = (t: number): number => 1_000_000 * ((t % 17) / 17);
  const flat = slopeOf(samplesOf(600, tooth));
  assert.ok(flat.low < 0 && flat.high > 0, JSON.stringify(flat));
  const leaking = slopeOf(samplesOf(600, (t) => tooth(t) + 8192 * t));
  assert.ok(leaking.low > 4096 && leaking.low < 8192 && leaking.high > 8192, JSON.stringify(leaking));
});

test('one step is not taken for steady growth', () => {
  const noise = autocorrelated(seededRandom(5), 0.5);
  const { low } = slopeOf(samplesOf(600, (t) => (t < 60 ? 0 : 1_000_000) + 10_000 * noise()));
  assert.ok(low < 1_000_000 / 600, `${low}`);
});

/** How often the interval of many series holds the slope that was put into them. */
function coverage(kept: number, count: number): number {
  const random = seededRandom(11);
  const series = 400;
  let holds = 0;
  for (let i = 0; i < series; i++) {
    const noise = autocorrelated(random, kept);
    for (let j = 0; j < 50; j++) noise();
    const { low, high } = slopeOf(
      samplesOf(count, (t) => 0.02 * t + noise()),
      { rounds: 200, random },
    );
    if (low <= 0.02 && 0.02 <= high) holds += 1;
  }
  return holds / series;
}

for (const [kept, count, atLeast] of [
  [0, 60, 0.92],
  [0, 300, 0.92],
  [0.5, 300, 0.92],
  [0.8, 300, 0.9],
  [0.9, 600, 0.9],
] as const) {
  test(`an interval of 95 % holds the slope of ${count} samples that keep ${kept} of the one before`, () => {
    const part = coverage(kept, count);
    assert.ok(part >= atLeast && part < 1, `${part}`);
  });
}
