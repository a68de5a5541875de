// The modes of AES that are built here agree with Node's, and all ciphers undo what they did.

import assert from 'node:assert/strict';
import { createCipheriv } from 'node:crypto';
import { test } from 'node:test';
import { CIPHERS } from './ciphers.ts';

const bytes = (length: number, seed: number) => Uint8Array.from({ length }, (_, i) => (i * 37 + seed * 101) & 255);
const sizes = [0, 1, 15, 16, 17, 100];

for (const [name, cipher] of CIPHERS) {
  test(`${name} undoes what it did`, () => {
    for (const size of sizes) {
      const text = bytes(size, 1);
      const key = bytes(cipher.keyBytes, 2);
      const iv = bytes(cipher.ivBytes, 3);
      assert.deepEqual(new Uint8Array(cipher.decrypt(cipher.encrypt(text, key, iv), key, iv)!), text);
    }
  });
}

const nodeNames: readonly [ours: string, node: string][] = [
  ['CFB', 'cfb'],
  ['OFB', 'ofb'],
  ['CTR-BE', 'ctr'],
  ['CBC-PKCS7', 'cbc'],
];

for (const bits of [128, 192, 256])
  for (const [ours, node] of nodeNames) {
    test(`AES-${bits}-${ours} is as Node has it`, () => {
      for (const size of sizes) {
        const [text, key, iv] = [bytes(size, 4), bytes(bits / 8, 5), bytes(16, 6)];
        const there = createCipheriv(`aes-${bits}-${node}`, key, iv);
        const wanted = Buffer.concat([there.update(text), there.final()]);
        assert.deepEqual(Buffer.from(CIPHERS.get(`AES-${bits}-${ours}`)!.encrypt(text, key, iv)), wanted);
      }
    });
  }

test('what was changed is not taken for what was sealed', () => {
  for (const name of ['AES-128-SIV', 'AES-256-SIV', 'CHACHA20-POLY1305', 'XCHACHA20-POLY1305', 'XSALSA20-POLY1305']) {
    const cipher = CIPHERS.get(name)!;
    const [key, iv] = [bytes(cipher.keyBytes, 7), bytes(cipher.ivBytes, 8)];
    const sealed = cipher.encrypt(bytes(20, 9), key, iv);
    sealed[3]! ^= 1;
    assert.equal(cipher.decrypt(sealed, key, iv), undefined, name);
    assert.equal(cipher.decrypt(new Uint8Array(3), key, iv), undefined, name);
  }
});

test('counters carry over', () => {
  const key = bytes(16, 1);
  for (const [name, iv] of [
    ['AES-128-CTR-LE', Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 255, 1, 2, 3, 4, 5, 6, 7, 8)],
    ['AES-128-CTR-BE', Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 255, 255, 255, 255, 255, 255, 255, 255)],
  ] as const) {
    const cipher = CIPHERS.get(name)!;
    const stream = cipher.encrypt(new Uint8Array(32), key, iv);
    const wrapped = name.endsWith('LE')
      ? [...new Uint8Array(8), ...iv.subarray(8)]
      : [...iv.subarray(0, 8), ...new Uint8Array(8)];
    assert.deepEqual(stream.subarray(16), cipher.encrypt(new Uint8Array(16), key, Uint8Array.from(wrapped)), name);
  }
});
