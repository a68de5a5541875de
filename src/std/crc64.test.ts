import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc64 } from './crc64.ts';

test('gives the check value of CRC-64/ECMA-182', () => {
  assert.equal(crc64(Buffer.from('123456789')), 0x6c40df5f0b497347n);
});

test('gives the fingerprints that Vector wrote for known first lines', () => {
  assert.equal(crc64(Buffer.from('first line of a\n')), 15426642810809465459n);
  assert.equal(crc64(Buffer.from('zipped first line\n')), 5663855377039897393n);
  assert.equal(crc64(Buffer.from('line one after the header\nline two\n')), 14936080532512811038n);
  assert.equal(crc64(Buffer.alloc(0)), 0n);
});
