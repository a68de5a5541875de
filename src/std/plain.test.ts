import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPlain } from './plain.ts';

class Thing {}

const plain = [
  1,
  1n,
  'a',
  null,
  undefined,
  true,
  [1, ['b']],
  { a: { b: [null] } },
  new Map([['a', [1]]]),
  new Set([1]),
];
const others = [() => 1, Symbol('a'), new Thing(), { a: [new Thing()] }, new Map([['a', () => 1]]), [() => 1], /a/];

for (const value of plain)
  test(`a clone of ${typeof value} ${JSON.stringify(String(value))} is as good`, () => {
    assert.equal(isPlain(value), true);
    assert.deepEqual(structuredClone(value), value);
  });

for (const value of others)
  test(`a clone of ${typeof value} ${JSON.stringify(String(value))} is not`, () => assert.equal(isPlain(value), false));

test('bytes are plain, and what has no end is not', () => {
  assert.equal(isPlain({ bytes: new Uint8Array(2) }), true);
  const loop: unknown[] = [];
  loop.push(loop);
  assert.equal(isPlain(loop), false);
});
