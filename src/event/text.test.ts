import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { displayFloat, textOf } from './text.ts';
import { Timestamp } from './timestamp.ts';
import { Float, Regex } from './value.ts';

test('floats have no exponent and no trailing zero', () => {
  const texts: [number, string][] = [
    [2, '2'],
    [-0, '-0'],
    [1.5, '1.5'],
    [1e21, '1000000000000000000000'],
    [1.5e22, '15000000000000000000000'],
    [123456789.125e20, '12345678912500000000000000000'],
    [1e-9, '0.000000001'],
    [-1.25e-7, '-0.000000125'],
    [Number.POSITIVE_INFINITY, 'inf'],
    [Number.NEGATIVE_INFINITY, '-inf'],
    [Number.NaN, 'NaN'],
  ];
  for (const [value, text] of texts) assert.equal(displayFloat(value), text);
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      const text = displayFloat(value);
      assert.match(text, /^-?\d+(\.\d*[1-9])?$/);
      assert.ok(Object.is(Number(text), value));
    }),
  );
});

test('any value has a text', () => {
  assert.equal(textOf('x'), 'x');
  assert.equal(textOf(null), '<null>');
  assert.equal(textOf(9007199254740993n), '9007199254740993');
  assert.equal(textOf(new Float(2)), '2');
  assert.equal(textOf(new Timestamp(0, 5)), '1970-01-01T00:00:00.000000005Z');
  assert.equal(textOf(new Regex('a+')), 'a+');
  assert.equal(textOf([1, new Float(2), null]), '[1,2.0,null]');
  assert.equal(textOf(false), 'false');
});
