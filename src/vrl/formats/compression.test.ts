// The compressed formats: what we write, Node's own readers take (where it has them), and back; damage is refused.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as zlib from 'node:zlib';
import { GrowingBytes } from './bytes.ts';
import { gzipCompress, gzipDecompress, zlibCompress, zlibDecompress } from './deflate.ts';
import { lz4Compress, lz4Decompress } from './lz4.ts';
import { isLz4Frame, lz4DecompressFrame } from './lz4_frame.ts';
import { zstdDecompress } from './zstd.ts';
import { zstdCompress } from './zstd_compress.ts';

let seed = 7;
const random = (below: number): number => {
  seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
  return seed % below;
};
const words = Array.from({ length: 200 }, () =>
  Array.from({ length: 2 + random(9) }, () => 'etaoinshr'[random(9)]).join(''),
);
const prose = (count: number) =>
  new TextEncoder().encode(Array.from({ length: count }, () => words[random(200)]).join(' '));
const noise = (count: number) => Uint8Array.from({ length: count }, () => random(256));

const samples: readonly [string, Uint8Array][] = [
  ['nothing', new Uint8Array(0)],
  ['a byte', Uint8Array.of(7)],
  ['one byte again and again', new Uint8Array(300_000).fill(97)],
  ['a short period', new TextEncoder().encode('abc'.repeat(400))],
  ['prose', prose(60_000)],
  ['noise', noise(200_000)],
  ['noise twice', new Uint8Array([...noise(1), ...prose(3000), ...noise(4000), ...prose(2000)])],
];

function unpackBlock(bytes: Uint8Array, length: number): Uint8Array {
  const out = new GrowingBytes(length, length);
  assert.equal(lz4Decompress(bytes, out, length), undefined);
  return out.view();
}

for (const [name, bytes] of samples) {
  test(`${name}: gzip and zlib of every level come back`, () => {
    for (let level = 0; level <= 10; level++) {
      assert.deepEqual(new Uint8Array(zlib.gunzipSync(gzipCompress(bytes, level))), bytes);
      assert.deepEqual(new Uint8Array(zlib.inflateSync(zlibCompress(bytes, level))), bytes);
    }
    assert.deepEqual(gzipDecompress(zlib.gzipSync(bytes)), bytes);
    assert.deepEqual(gzipDecompress(zlib.gzipSync(bytes, { strategy: zlib.constants.Z_FIXED })), bytes);
    assert.deepEqual(zlibDecompress(zlib.deflateSync(bytes, { level: 1 })), bytes);
  });
  test(`${name}: zstd comes back`, () => {
    for (const level of [1, 3, 19]) {
      const packed = zstdCompress(bytes, level);
      assert.deepEqual(new Uint8Array(zlib.zstdDecompressSync(packed)), bytes);
      assert.deepEqual(zstdDecompress(packed), bytes);
    }
    const { ZSTD_c_checksumFlag, ZSTD_c_contentSizeFlag } = zlib.constants;
    for (const flag of [0, 1]) {
      const params = { [ZSTD_c_checksumFlag]: 1, [ZSTD_c_contentSizeFlag]: flag };
      assert.deepEqual(zstdDecompress(zlib.zstdCompressSync(bytes, { params })), bytes);
    }
  });
  test(`${name}: an lz4 block comes back`, () => {
    assert.deepEqual(unpackBlock(lz4Compress(bytes), bytes.length), bytes);
  });
}

test('prose and repeats become smaller', () => {
  const [, text] = samples[4]!;
  assert.ok(zstdCompress(text, 3).length < text.length * 0.7);
  assert.ok(lz4Compress(text).length < text.length * 0.8);
  assert.ok(zstdCompress(samples[2]![1], 3).length < 100);
});

test('a changed, missing or added byte is found out', () => {
  const [, text] = samples[6]!;
  const packed: [string, (bytes: Uint8Array) => Uint8Array | undefined, Uint8Array][] = [
    ['gzip', gzipDecompress, zlib.gzipSync(text)],
    ['zlib', zlibDecompress, zlib.deflateSync(text)],
    ['zstd', zstdDecompress, zlib.zstdCompressSync(text, { params: { [zlib.constants.ZSTD_c_checksumFlag]: 1 } })],
  ];
  for (const [name, read, bytes] of packed) {
    for (let i = 0; i < 60; i++) {
      const at = 10 + random(bytes.length - 10);
      const changed = Uint8Array.from(bytes);
      changed[at]! ^= 1 << random(8);
      assert.equal(read(changed), undefined, `${name} changed at ${at}`);
      assert.equal(read(bytes.subarray(0, at)), undefined, `${name} cut at ${at}`);
    }
  }
  assert.equal(gzipDecompress(Uint8Array.from([...zlib.gzipSync(text), 0])), undefined);
});

test('members and frames one behind the other are one text', () => {
  const twice = (bytes: Uint8Array) => Uint8Array.from([...bytes, ...bytes]);
  const text = prose(10);
  assert.deepEqual(gzipDecompress(twice(zlib.gzipSync(text))), twice(text));
  assert.deepEqual(zstdDecompress(twice(zlib.zstdCompressSync(text))), twice(text));
});

test('a bomb is refused', () => {
  const bomb = new Uint8Array(101 * 1024 * 1024);
  assert.equal(gzipDecompress(zlib.gzipSync(bomb)), undefined);
  assert.equal(zstdDecompress(zlib.zstdCompressSync(bomb)), undefined);
});

test('an lz4 block says what is wrong with it', () => {
  const read = (bytes: number[], capacity = 100) =>
    lz4Decompress(Uint8Array.from(bytes), new GrowingBytes(100, 100), capacity)?.text;
  assert.equal(read([]), 'expected another byte, found none');
  assert.equal(read([0x20, 65]), 'literal is out of bounds of the input');
  assert.equal(read([0x10, 65, 0, 0, 0]), '0 is not a valid match offset');
  assert.equal(read([0x10, 65, 2, 0, 0]), 'the offset to copy is not contained in the decompressed buffer');
  assert.match(read([0x50, 65, 65, 65, 65, 65], 3)!, /too small .* actual 3, expected 5/);
});

test('an lz4 frame is read, and checked', () => {
  const frame = Buffer.from('BCJNGGBAgg0AAIBoZWxsbywgd29ybGQhAAAAAA==', 'base64');
  assert.ok(isLz4Frame(frame));
  assert.equal(new TextDecoder().decode(lz4DecompressFrame(frame) as Uint8Array), 'hello, world!');
  frame[6]! ^= 1;
  assert.equal(lz4DecompressFrame(frame), 'HeaderChecksumError');
});
