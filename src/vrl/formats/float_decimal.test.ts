import assert from 'node:assert/strict';
import { test } from 'node:test';
import { floatDecimal } from './float_decimal.ts';

const CASES: readonly (readonly [number, string | undefined])[] = [
  [0, '0'],
  [-0, '-0'],
  [0.1, '0.1'],
  [-2.675, '-2.675'],
  [1 / 3, '0.3333333333333333'],
  [123_456_789.123_456_79, '123456789.1234568'],
  [1e-20, '0.00000000000000000001'],
  [5e-324, '0'],
  [1.5e28, '15000000000000000474191233024'],
  [8e28, undefined],
  [Number.POSITIVE_INFINITY, undefined],
];

for (const [value, expected] of CASES) {
  test(`${Object.is(value, -0) ? '-0' : value} is ${expected}`, () => assert.equal(floatDecimal(value), expected));
}
