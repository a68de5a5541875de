import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SnappyError, snappyCompress, snappyDecompress } from './snappy.ts';

const LIMIT = 10_000_000;

test('what was compressed is read again', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('a', 'bc', 'abcabc', 'xyz', '\0'), { maxLength: 400 }), (parts) => {
      const body = new TextEncoder().encode(parts.join(''));
      assert.deepEqual(snappyDecompress(snappyCompress(body), LIMIT), body);
    }),
  );
});

test('copies of every layout are read', () => {
  // Literal `abcd`; copies with one, two and four bytes of offset, the first over itself.
  const block = Uint8Array.of(20, 0x0c, 97, 98, 99, 100, 0x11, 4, 0x0e, 4, 0, 0x0f, 4, 0, 0, 0);
  assert.equal(new TextDecoder().decode(snappyDecompress(block, LIMIT)), 'abcd'.repeat(5));
});

test('too much is told from damage', () => {
  const isTooLarge = (error: unknown) => error instanceof SnappyError && error.isTooLarge;
  assert.throws(() => snappyDecompress(snappyCompress(new Uint8Array(100)), 99), isTooLarge);
  assert.throws(
    () => snappyDecompress(Uint8Array.of(5, 0x0c, 97), LIMIT),
    (error) => error instanceof SnappyError && !error.isTooLarge,
  );
});
