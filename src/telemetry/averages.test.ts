import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MovingMean, TimedMean } from './averages.ts';

test('a moving mean begins with the first value, and then keeps a part of what was', () => {
  const mean = new MovingMean(0.9);
  assert.equal(mean.add(10), 10);
  assert.ok(Math.abs(mean.add(0) - 1) < 1e-12);
  assert.ok(Math.abs(mean.add(10) - 9.1) < 1e-12);
});

test('after one half-life what was there counts half, however often something came meanwhile', () => {
  const seldom = new TimedMean(5);
  seldom.add(100, 0);
  assert.ok(Math.abs(seldom.add(0, 5_000) - 50) < 1e-9);
  const often = new TimedMean(5);
  often.add(100, 0);
  let last = 0;
  for (let ms = 1; ms <= 5_000; ms++) last = often.add(0, ms);
  assert.ok(Math.abs(last - 50) < 1e-9);
});

test('values that come at the same moment leave the mean where it was', () => {
  const mean = new TimedMean(5);
  mean.add(4, 1_000);
  assert.equal(mean.add(400, 1_000), 4);
});
