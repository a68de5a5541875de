import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Timestamp } from '../event/timestamp.ts';
import { Float, type Value } from '../event/value.ts';
import { textKey, valuesKey } from './state_key.ts';

test('different values have different keys', () => {
  const values: (Value | undefined)[][] = [
    [1],
    ['1'],
    [new Float(1)],
    [1.5],
    [true],
    ['true'],
    [null],
    [undefined],
    [],
    [new Timestamp(1, 0)],
    ['1.0'],
    [[1]],
    ['[1]'],
    [[1, 2]],
    [[[1], 2]],
    [{ a: 1 }],
    [{ a: 1, b: 2 }],
    [{ b: 1 }],
    [new Uint8Array([255])],
    ['\u00ff'],
    ['a', 'b'],
    ['ab', ''],
    ['a', undefined, 'b'],
    [9_007_199_254_740_993n],
    ['x'.repeat(100)],
    ['x'.repeat(101)],
  ];
  assert.equal(new Set(values.map(valuesKey)).size, values.length);
});

test('the same values have the same key, whatever the order of members', () => {
  assert.equal(valuesKey([{ a: 1, b: [{ c: 2, d: 3 }] }]), valuesKey([{ b: [{ d: 3, c: 2 }], a: 1 }]));
});

test('keys are short, and no text is the digest of another one', () => {
  const long = textKey('x'.repeat(1_000_000));
  assert.equal(long.length, 44);
  assert.notEqual(textKey(long), long);
  assert.equal(textKey('a'), textKey('a'));
});
