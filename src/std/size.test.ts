import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatMebibytes, parseSize } from './size.ts';

for (const [text, bytes] of [
  ['128MiB', 134_217_728],
  ['128 mib', 134_217_728],
  ['128Mi', 134_217_728],
  ['0.5GiB', 536_870_912],
  ['100MB', 100_000_000],
  ['100m', 100_000_000],
  ['1_000_000', 1_000_000],
  ['64KiB', 65_536],
  ['12B', 12],
  ['2TiB', 2 ** 41],
] as const) {
  test(`a size: ${text}`, () => assert.equal(parseSize(text), bytes));
}

for (const text of ['', 'much', 'MiB', '-1MiB', '12 apples', '1e6', '1.MiB', '9999999TiB', '12MiBs']) {
  test(`no size: ${text}`, () => assert.equal(parseSize(text), undefined));
}

test('a size is shown in whole MiB that are enough for it', () => {
  assert.equal(formatMebibytes(2 ** 27), '128MiB');
  assert.equal(formatMebibytes(2 ** 27 + 1), '129MiB');
});
