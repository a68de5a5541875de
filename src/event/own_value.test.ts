import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ownValue } from './own_value.ts';
import { Timestamp } from './timestamp.ts';
import { Float, type ObjectValue, type Value } from './value.ts';

test('is equal to what it is a copy of, and shares nothing that can be written', () => {
  const value = {
    text: 'a text that is longer than thirteen',
    list: [1, new Float(1), null, { deep: true }],
    bytes: new Uint8Array([255]),
    time: new Timestamp(1, 2),
  };
  const copy = ownValue(value) as typeof value;
  assert.deepEqual(copy, value);
  assert.notEqual(copy.list, value.list);
  assert.notEqual(copy.list[3], value.list[3]);
  assert.notEqual(copy.bytes, value.bytes);
});

test('takes hostile names for ordinary ones', () => {
  const value = JSON.parse('{"__proto__": {"a": 1}, "constructor": 2}') as ObjectValue;
  const copy = ownValue(value);
  assert.equal(JSON.stringify(copy), JSON.stringify(value));
  assert.equal((copy as { a?: number }).a, undefined);
});

test('does not keep the text alive that its texts were cut from', () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const kept: Value[] = [];
  collect();
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < 64; i++) {
    const big = String(i).padEnd(1_048_576, 'x');
    kept.push(ownValue({ slice: big.slice(0, 64), [big.slice(64, 128)]: true }));
  }
  collect();
  assert.ok(process.memoryUsage().heapUsed - before < 8_388_608);
  assert.equal(kept.length, 64);
});
