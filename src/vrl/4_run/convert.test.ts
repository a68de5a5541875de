import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Float, type Value } from '../../event/value.ts';
import { convertFloat, convertInteger, parseBoolean } from './convert.ts';
import { Failure } from './failure.ts';

const outcome = (result: Value | Failure): Value => (result instanceof Failure ? result.message : result);

for (const [text, expected] of [
  ['+5', 5],
  ['-0', 0],
  ['00000000000000000000000012', 12],
  ['9223372036854775807', 9223372036854775807n],
  ['-9223372036854775808', -9223372036854775808n],
  ['9223372036854775808', 'Invalid integer "9223372036854775808": number too large to fit in target type'],
  ['-9223372036854775809', 'Invalid integer "-9223372036854775809": number too small to fit in target type'],
  ['99999999999999999999x', 'Invalid integer "99999999999999999999x": number too large to fit in target type'],
  ['9223372036854775807x', 'Invalid integer "9223372036854775807x": invalid digit found in string'],
  ['', 'Invalid integer "": cannot parse integer from empty string'],
  ['-', 'Invalid integer "-": invalid digit found in string'],
  [' 1', 'Invalid integer " 1": invalid digit found in string'],
] as const) {
  test(`reads ${JSON.stringify(text)} as an integer`, () => assert.equal(outcome(convertInteger(text)), expected));
}

for (const [text, expected] of [
  ['1.5', 1.5],
  ['.5', 0.5],
  ['-Infinity', new Float(Number.NEGATIVE_INFINITY)],
  ['1e400', new Float(Number.POSITIVE_INFINITY)],
  ['7.', new Float(7)],
  ['NaN', 'NaN number not supported "NaN"'],
  ['', 'Invalid floating point number "": cannot parse float from empty string'],
  ['.', 'Invalid floating point number ".": invalid float literal'],
  ['0x1', 'Invalid floating point number "0x1": invalid float literal'],
] as const) {
  test(`reads ${JSON.stringify(text)} as a float`, () => assert.deepEqual(outcome(convertFloat(text)), expected));
}

test('reads words and integers as booleans', () => {
  for (const text of ['true', 'T', 'Yes', 'y', '1', '-7']) assert.equal(parseBoolean(text), true);
  for (const text of ['false', 'F', 'no', 'N', '0', '000']) assert.equal(parseBoolean(text), false);
  assert.equal(outcome(parseBoolean('constructor')), 'Invalid boolean value "constructor"');
});
