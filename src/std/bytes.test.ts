import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asBuffer, latin1Text, utf8Text } from './bytes.ts';

test('reads a range of bytes as UTF-8, with U+FFFD for what is not', () => {
  const bytes = Buffer.from([0x41, 0xc3, 0xa4, 0xff, 0xf0, 0x9f, 0x98, 0x80, 0xc3]);
  assert.equal(utf8Text(bytes, 0, bytes.length), 'Aä\ufffd😀\ufffd');
  assert.equal(utf8Text(bytes, 1, 3), 'ä');
  assert.equal(utf8Text(bytes, 4, 4), '');
});

test('reads a range of bytes one character per byte', () => {
  const bytes = Buffer.from([0x00, 0x80, 0xff]);
  assert.equal(latin1Text(bytes, 0, 3), '\u0000\u0080\u00ff');
});

test('reads shared memory, and what it read does not change with the memory', () => {
  const { buffer } = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  const bytes = Buffer.from(buffer, 100, 5);
  bytes.write('hello');
  const [text, latin1] = [utf8Text(bytes, 0, 5), latin1Text(bytes, 0, 5)];
  bytes.fill(0x2a);
  assert.equal(text, 'hello');
  assert.equal(latin1, 'hello');
  assert.equal(utf8Text(bytes, 0, 5), '*****');
});

test('gives bytes the methods of a buffer without a copy', () => {
  const whole = new Uint8Array([1, 2, 3, 4]);
  const buffer = asBuffer(whole.subarray(1, 3));
  assert.deepEqual([...buffer], [2, 3]);
  buffer[0] = 9;
  assert.equal(whole[1], 9);
  const same = Buffer.alloc(1);
  assert.equal(asBuffer(same), same);
});
