// CBOR items as values, and what is said of those that are none.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Float, type Value } from '../../event/value.ts';
import { CborProblem, parseCbor } from './cbor.ts';

const values: readonly [hex: string, value: Value][] = [
  ['1903e8', 1000],
  ['3b7fffffffffffffff', -(2n ** 63n)],
  ['1bffffffffffffffff', new Float(2 ** 64)],
  ['f93c00', new Float(1)],
  ['fb3ff199999999999a', 1.1],
  ['f7', null],
  ['7f61616162ff', 'ab'],
  ['9f01f5ff', [1, true]],
  ['a1616101', { a: 1 }],
  ['0102', 1],
];

for (const [hex, value] of values) {
  test(`${hex} is read`, () => assert.deepEqual(parseCbor(Buffer.from(hex, 'hex')), value));
}

const problems: readonly [hex: string, problem: string][] = [
  ['', 'Io(EndOfFile(()))'],
  ['7a7fffffff61', 'Io(EndOfFile(()))'],
  ['1c', 'Syntax(0)'],
  ['61ff', 'Syntax(0)'],
  ['4161', 'Semantic(None, "invalid type: byte array, expected any valid JSON value")'],
  ['c11a514b67b0', 'Semantic(None, "invalid type: enum, expected any valid JSON value")'],
  ['a1016101', 'Semantic(None, "invalid type: integer `1`, expected string")'],
  ['f97e00', 'Semantic(None, "invalid value: floating point `NaN`, expected any valid JSON value")'],
  [`${'81'.repeat(257)}01`, 'RecursionLimitExceeded'],
];

for (const [hex, message] of problems) {
  test(`${hex.slice(0, 20)} is refused`, () => {
    assert.throws(() => parseCbor(Buffer.from(hex, 'hex')), new CborProblem(message));
  });
}
