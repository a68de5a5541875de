import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decimalToNumber, divide, multiply, parseDecimal } from './decimal.ts';
import { parseSize } from './size.ts';

function ratio(a: string, b: string): number {
  return decimalToNumber(divide(parseDecimal(a)!, parseDecimal(b)!)!);
}

test('quotients are exact where they can be', () => {
  assert.equal(ratio('1.005', '1'), 1.005);
  assert.equal(ratio('1', '0.001'), 1000);
  assert.equal(ratio('0', '7'), 0);
});

test('zeros that are left over show in the last digit', () => {
  assert.equal(ratio('199999993', '1024'), 195312.49316406247);
  assert.equal(ratio('1', '3'), 0.33333333333333337);
});

test('products that do not fit are refused', () => {
  const big = parseDecimal('9'.repeat(28))!;
  assert.equal(multiply(big, big), undefined);
  assert.equal(parseDecimal('9'.repeat(40)), undefined);
});

for (const [text, expected] of [
  ['10', 10n],
  ['1_000 k', 1_024_000n],
  ['1.5GiB', 1_610_612_736n],
  ['2e3', 2000n],
  ['1.5b', 2n],
  ['', 'cannot parse integer from empty string'],
  ['x', 'invalid digit found in string'],
  ['1e30', 'number too large to fit in target type'],
] as const) {
  test(`the size ${JSON.stringify(text)} is ${expected}`, () => {
    assert.equal(parseSize(text, true), expected);
  });
}
