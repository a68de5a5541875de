import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom, systemRandom } from './random.ts';

const take = (seed: number, count: number): number[] => Array.from({ length: count }, seededRandom(seed));

test('a seed gives the same numbers every time, and another seed gives others', () => {
  assert.deepEqual(take(7, 100), take(7, 100));
  assert.notDeepEqual(take(7, 5), take(8, 5));
});

test('seeded numbers are those of mulberry32', () => {
  assert.deepEqual(
    take(1, 3).map((number) => Math.floor(number * 2 ** 32)),
    [2_693_262_067, 11_749_833, 2_265_367_787],
  );
});

test('numbers lie in [0, 1) and in every tenth of it alike', () => {
  for (const seed of [0, 1, 2 ** 32 - 1, -1]) {
    const tenths = new Array<number>(10).fill(0);
    for (const number of take(seed, 10_000)) {
      assert.ok(number >= 0 && number < 1);
      tenths[Math.floor(number * 10)]! += 1;
    }
    for (const count of tenths) assert.ok(count > 800 && count < 1_200, `${seed}: ${tenths}`);
  }
  const number = systemRandom();
  assert.ok(number >= 0 && number < 1);
});
