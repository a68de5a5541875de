import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Moments } from './moments.ts';

test('agrees with two passes over all numbers, with bounded memory', () => {
  const numbers = Array.from({ length: 5000 }, (_, i) => 1e6 + ((i * 7919) % 1013) / 7);
  const moments = new Moments(numbers[0]!);
  for (const number of numbers.slice(1)) moments.add(number);
  const mean = numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
  const variance = numbers.reduce((sum, number) => sum + (number - mean) ** 2, 0) / numbers.length;
  assert.equal(moments.mean, mean);
  assert.ok(Math.abs(moments.standardDeviation - Math.sqrt(variance)) < 1e-9);
  assert.ok(moments.sizeBytes <= 8 * 1024);
});

test('one number has no deviation', () => {
  assert.deepEqual([new Moments(5).mean, new Moments(5).standardDeviation], [5, 0]);
});
