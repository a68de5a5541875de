import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Timestamp } from '../../event/timestamp.ts';
import { Float, Regex } from '../../event/value.ts';
import { compareBytes, equalsExact, equalsLossy } from './compare.ts';

test('compares numbers of both kinds by value at the top only', () => {
  assert.equal(equalsLossy(1, new Float(1)), true);
  assert.equal(equalsLossy([1], [new Float(1)]), false);
  assert.equal(equalsLossy(1, '1'), false);
  assert.equal(equalsLossy(9007199254740993n, 9007199254740992n), true);
});

test('keeps integers and floats apart when it is exact', () => {
  assert.equal(equalsExact(1, new Float(1)), false);
  assert.equal(equalsExact(new Float(0), new Float(-0)), true);
  assert.equal(equalsExact(2n ** 60n, 2n ** 60n), true);
});

test('compares what is inside, under hostile keys too', () => {
  const hostile = JSON.parse('{"__proto__": [1], "a": null}');
  assert.equal(equalsExact(hostile, JSON.parse('{"a": null, "__proto__": [1]}')), true);
  assert.equal(equalsExact(hostile, { a: null, b: [1] }), false);
  assert.equal(equalsExact({}, JSON.parse('{"toString": 1}')), false);
  assert.equal(equalsExact(new Timestamp(1, 2), new Timestamp(1, 2)), true);
  assert.equal(equalsExact(new Regex('a'), 'a'), false);
  assert.equal(equalsExact(Uint8Array.of(255), Uint8Array.of(255)), true);
});

test('orders text by its bytes in UTF-8', () => {
  assert.ok(compareBytes('\u{1f600}', '\uffee') > 0);
  assert.ok(compareBytes('a', 'ab') < 0);
  assert.ok(compareBytes(Uint8Array.of(0xff), '\u{10ffff}') > 0);
  assert.equal(compareBytes('é', 'é'), 0);
});
