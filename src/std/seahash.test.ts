import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seahash } from './seahash.ts';

test('hashes as the original does', () => {
  assert.equal(seahash(Buffer.from('to be or not to be')), 1_988_685_042_348_123_509n);
});

test('values of every length have a hash of their own', () => {
  const hashes = new Set(Array.from({ length: 70 }, (_, length) => seahash(new Uint8Array(length))));
  assert.equal(hashes.size, 70);
});
