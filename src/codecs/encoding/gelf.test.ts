import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gelfChunks } from './gelf.ts';

test('a GELF message that fits is one datagram, a larger one is cut into chunks', () => {
  const id = Buffer.from('8 bytes!');
  assert.deepEqual(
    gelfChunks(Buffer.from('fits'), 13, () => id),
    [Buffer.from('fits')],
  );
  const chunks = gelfChunks(Buffer.from('abcdefgh-123456'), 14, () => id);
  assert.deepEqual(
    chunks.map((chunk) => chunk.toString('latin1')),
    ['ab', 'cd', 'ef', 'gh', '-1', '23', '45', '6'].map(
      (part, index) => `\x1e\x0f8 bytes!${String.fromCharCode(index, 8)}${part}`,
    ),
  );
  assert.equal(gelfChunks(Buffer.alloc(128), 13, () => id).length, 128);
  assert.throws(() => gelfChunks(Buffer.alloc(129), 13, () => id), { name: 'EncodeError', message: /129 chunks/ });
});
