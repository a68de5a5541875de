import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { libraryHashes } from './hashes.ts';

test('hashes of Node are those of the library', () => {
  const value = fc.oneof(fc.string({ unit: 'grapheme' }), fc.uint8Array());
  fc.assert(
    fc.property(value, (text) => {
      for (const [native, library] of libraryHashes) assert.equal(native(text), library(text));
    }),
  );
});
