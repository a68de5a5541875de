import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getField, removeField, setField, setFieldIfAbsent, sortedKeys } from './object.ts';
import { parseRfc3339, Timestamp, utcSeconds } from './timestamp.ts';
import {
  bytesValue,
  cloneValue,
  Float,
  float,
  integer,
  isObject,
  kindOf,
  lossyText,
  type ObjectValue,
  own,
  Regex,
  toNumber,
} from './value.ts';

test('keeps integers, floats, bytes and timestamps apart', () => {
  const kinds = [
    null,
    true,
    1,
    2n ** 60n,
    1.5,
    new Float(1),
    'a',
    new Uint8Array([255]),
    new Timestamp(0, 0),
    new Regex('a'),
    [],
    {},
  ].map(kindOf);
  assert.deepEqual(kinds, [
    'null',
    'boolean',
    'integer',
    'integer',
    'float',
    'float',
    'bytes',
    'bytes',
    'timestamp',
    'regex',
    'array',
    'object',
  ]);
  assert.ok(
    float(1) instanceof Float && float(-0) instanceof Float && float(Number.POSITIVE_INFINITY) instanceof Float,
  );
  assert.equal(float(1.5), 1.5);
  assert.equal(float(Number.NaN), null);
  assert.equal(integer(5n), 5);
  assert.equal(integer(2n ** 60n), 2n ** 60n);
  assert.deepEqual([toNumber(1), toNumber(2n), toNumber(new Float(3)), toNumber('4')], [1, 2, 3, undefined]);
});

test('makes text of bytes that are UTF-8 and keeps a copy of those that are not', () => {
  const bytes = Buffer.from('caf\u00e9');
  assert.equal(bytesValue(bytes), 'café');
  const broken = Buffer.from([0xff, 0x61]);
  const kept = bytesValue(broken) as Uint8Array;
  broken[1] = 0x62;
  assert.deepEqual([...kept], [0xff, 0x61]);
  assert.equal(lossyText(Buffer.from([0xff, 0x61])), '\ufffda');
  assert.equal(bytesValue(Buffer.from('\ufeffx')), '\ufeffx');
});

test('copies deeply, hostile keys included', () => {
  const original = JSON.parse('{"__proto__": {"a": [1]}, "b": {"c": 2}}') as ObjectValue;
  const copy = cloneValue(original) as ObjectValue;
  (copy['b'] as ObjectValue)['c'] = 3;
  assert.equal((original['b'] as ObjectValue)['c'], 2);
  assert.deepEqual(getField(copy, '__proto__'), { a: [1] });
  assert.notEqual(getField(copy, '__proto__'), getField(original, '__proto__'));
});

test('treats hostile names as ordinary members', () => {
  const object: ObjectValue = {};
  assert.equal(getField(object, 'toString'), undefined);
  setField(object, '__proto__', 5);
  setFieldIfAbsent(object, '__proto__', 6);
  assert.equal(getField(object, '__proto__'), 5);
  assert.equal(removeField(object, '__proto__'), 5);
  assert.equal(isObject(object), true);
});

test('orders keys by their UTF-8 bytes', () => {
  assert.deepEqual(sortedKeys({ b: 1, a: 1, B: 1, '10': 1, '9': 1 }), ['10', '9', 'B', 'a', 'b']);
  assert.deepEqual(sortedKeys({ '\u{1f600}': 1, '\uffee': 1 }), ['\uffee', '\u{1f600}']);
});

test('prints timestamps with the fewest digits that are exact', () => {
  assert.equal(new Timestamp(0, 0).toString(), '1970-01-01T00:00:00Z');
  assert.equal(Timestamp.fromMs(-1500).toString(), '1969-12-31T23:59:58.500Z');
  assert.equal(new Timestamp(1, 1_000).toString(), '1970-01-01T00:00:01.000001Z');
  assert.equal(new Timestamp(1, 1).toString(), '1970-01-01T00:00:01.000000001Z');
});

test('reads RFC 3339 and refuses what is no date', () => {
  assert.equal(parseRfc3339('2021-02-03T05:15:06.123456789+01:10')?.toString(), '2021-02-03T04:05:06.123456789Z');
  assert.equal(parseRfc3339('2021-02-03 04:05:06z')?.toNanos(), 1612325106000000000n);
  assert.equal(parseRfc3339('2016-12-31T23:59:60Z')?.toString(), '2017-01-01T00:00:00Z');
  for (const text of [
    '2021-02-30T00:00:00Z',
    '2021-02-03T24:00:00Z',
    '2021-02-03',
    '2021-13-01T00:00:00Z',
    '2021-02-03T04:05:06',
    '',
  ])
    assert.equal(parseRfc3339(text), undefined, text);
  assert.equal(utcSeconds(99, 1, 1, 0, 0, 0), -59042995200);
});

test('owns text without changing it', () => {
  const big = 'x'.repeat(100_000);
  assert.equal(own(big.slice(10, 60)), 'x'.repeat(50));
});
