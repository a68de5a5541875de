import assert from 'node:assert/strict';
import { test } from 'node:test';
import zlib from 'node:zlib';
import fc from 'fast-check';
import { check, object, Substituted } from '../../schema/schema.ts';
import { ALGORITHMS, type Algorithm, compress, compressAsync, compressSync, streamCompressor } from './compression.ts';
import { type ContentEncoding, DecompressError, decompress, parseContentEncoding } from './decompress.ts';
import { compression } from './options.ts';

const LIMIT = 10_000_000;
const algorithms = ['gzip', 'zlib', 'zstd', 'snappy'] as const;
const encodingOf = (algorithm: Algorithm) => ALGORITHMS[algorithm].contentEncoding as ContentEncoding;
const text = Buffer.from('a line of a log, and then another\n'.repeat(500));

for (const algorithm of algorithms) {
  test(`${algorithm}: what was compressed inflates to the same`, async () => {
    const levels = ALGORITHMS[algorithm].levels ? [undefined, 0, 1, ALGORITHMS[algorithm].levels.max] : [undefined];
    for (const level of levels) {
      for (const body of [text, Buffer.alloc(0), Buffer.from('x')]) {
        const packed = compressSync({ algorithm, level }, body);
        assert.deepEqual(await decompress([encodingOf(algorithm)], packed, LIMIT), body);
        assert.deepEqual(
          await decompress([encodingOf(algorithm)], await compressAsync({ algorithm, level }, body), LIMIT),
          body,
        );
      }
    }
    assert.ok(compressSync({ algorithm }, text).length < text.length / 5);
  });

  test(`${algorithm}: inflating stops at the limit`, async () => {
    const packed = compressSync({ algorithm }, text);
    const exactly = await decompress([encodingOf(algorithm)], packed, text.length);
    assert.equal(exactly.length, text.length);
    await assert.rejects(decompress([encodingOf(algorithm)], packed, text.length - 1), (error) => {
      assert.ok(error instanceof DecompressError);
      return error.message.includes(`more than ${text.length - 1}`) || error.message.includes('inflates to');
    });
  });

  test(`${algorithm}: bytes that are cut short or damaged are an error`, async () => {
    const packed = compressSync({ algorithm }, text);
    for (const length of [0, 1, packed.length >> 1, packed.length - 1])
      await assert.rejects(decompress([encodingOf(algorithm)], packed.subarray(0, length), LIMIT), DecompressError);
    await assert.rejects(decompress([encodingOf(algorithm)], Buffer.from('not compressed'), LIMIT), DecompressError);
  });

  test(`${algorithm}: any bytes inflate or are an error, within the limit`, async () => {
    const packed = compressSync({ algorithm }, text);
    const mutated = fc
      .tuple(fc.nat(packed.length - 1), fc.nat(255), fc.nat(packed.length))
      .map(([at, byte, end]) => Buffer.from(packed.with(at, byte)).subarray(0, end));
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 64 }), mutated), async (bytes) => {
        try {
          assert.ok((await decompress([encodingOf(algorithm)], bytes, 20_000)).length <= 20_000);
        } catch (error) {
          assert.ok(error instanceof DecompressError, String(error));
        }
      }),
      { numRuns: 300 },
    );
  });
}

test('a large body is compressed off the main thread, a small one at once', async () => {
  assert.ok(Buffer.isBuffer(compress({ algorithm: 'gzip' }, text)));
  const large = Buffer.alloc(100_000, 'x');
  const pending = compress({ algorithm: 'gzip' }, large);
  assert.ok(pending instanceof Promise);
  assert.deepEqual(zlib.gunzipSync(await pending), large);
  assert.equal(compressSync({ algorithm: 'none' }, text), text);
});

test('bytes in shared memory are compressed without a copy of ours', async () => {
  const shared = Buffer.from(new SharedArrayBuffer(1000)).fill('abc');
  for (const algorithm of algorithms) {
    const packed = compressSync({ algorithm }, shared);
    assert.deepEqual(Buffer.compare(await decompress([encodingOf(algorithm)], packed, LIMIT), shared), 0);
  }
});

test('bombs cost an error, not memory', async () => {
  const zeros = Buffer.alloc(64 * 1024 * 1024);
  const bombs: [ContentEncoding[], Buffer][] = [
    [['gzip'], zlib.gzipSync(zeros)],
    [['deflate'], zlib.deflateSync(zeros)],
    [['zstd'], zlib.zstdCompressSync(zeros)],
    [['snappy'], Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f])],
    [['gzip', 'gzip'], zlib.gzipSync(zlib.gzipSync(zeros))],
  ];
  for (const [encodings, bomb] of bombs) {
    assert.ok(bomb.length < 100_000);
    await assert.rejects(decompress(encodings, bomb, 1_000_000), DecompressError, String(encodings));
  }
});

test('snappy gives no memory to a claim that its bytes cannot hold', async () => {
  // 100 MB claimed by five bytes.
  const claim = Buffer.from([0x80, 0xc2, 0xd7, 0x2f, 0x00, 0x61]);
  await assert.rejects(decompress(['snappy'], claim, 2 ** 30), /not valid Snappy/);
});

test('snappy ends on lengths that would lead backwards', async () => {
  // A literal of four length bytes 0xfffffffa, which is -6 to a signed reader.
  const crafted = Buffer.from([0x10, 0xfc, 0xfa, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0]);
  await assert.rejects(decompress(['snappy'], crafted, LIMIT), /not valid Snappy/);
});

test('stacked encodings are undone from the last to the first', async () => {
  const header = 'gzip, Deflate ,identity, zstd';
  const encodings = parseContentEncoding(header);
  assert.deepEqual(encodings, ['gzip', 'deflate', 'zstd']);
  const body = zlib.zstdCompressSync(zlib.deflateSync(zlib.gzipSync(text)));
  assert.deepEqual(await decompress(encodings as ContentEncoding[], body, LIMIT), text);
  assert.deepEqual(parseContentEncoding(''), []);
  assert.deepEqual(parseContentEncoding('x-gzip'), ['gzip']);
  for (const unknown of ['br', 'gzip, br', '__proto__', 'constructor'])
    assert.match(String(parseContentEncoding(unknown)), /is not supported/);
  assert.match(String(parseContentEncoding('gzip,'.repeat(1000))), /more than 4/);
});

for (const algorithm of ['gzip', 'zlib', 'zstd'] as const) {
  test(`${algorithm}: a stream is readable after each flush and whole at its end`, async () => {
    const stream = streamCompressor({ algorithm, level: 1 })!;
    const chunk = Buffer.from('first line\n');
    const pieces = [await stream.write(chunk)];
    chunk.fill(0);
    pieces.push(await stream.flush());
    const sofar = Buffer.concat(pieces);
    const inflate = { gzip: zlib.gunzipSync, zlib: zlib.inflateSync, zstd: zlib.zstdDecompressSync }[algorithm];
    const finishFlush = algorithm === 'zstd' ? zlib.constants.ZSTD_e_flush : zlib.constants.Z_SYNC_FLUSH;
    assert.equal(String(inflate(sofar, { finishFlush })), 'first line\n');
    for (let i = 0; i < 50; i++) pieces.push(await stream.write(text));
    pieces.push(await stream.end());
    assert.equal(inflate(Buffer.concat(pieces)).length, 11 + 50 * text.length);
  });

  test(`${algorithm}: a stream that was closed takes nothing more`, async () => {
    const stream = streamCompressor({ algorithm })!;
    await stream.write(text);
    stream.close();
    await assert.rejects(stream.write(text));
  });
}

test('no stream without an algorithm that has one', () => {
  assert.equal(streamCompressor({ algorithm: 'none' }), undefined);
  assert.equal(streamCompressor({ algorithm: 'snappy' }), undefined);
});

const options = object('Sample.', { compression: compression(['none', 'gzip', 'zlib', 'zstd', 'snappy']) });
const parse = (raw: unknown) => {
  const { value, problems } = check(options, raw);
  return value ? { ...value.compression } : problems.map(({ path, message }) => `${path.join('.')}: ${message}`);
};

test('the option is a word or an object with a level', () => {
  assert.deepEqual(parse({}), { algorithm: 'none' });
  assert.deepEqual(parse({ compression: 'gzip' }), { algorithm: 'gzip' });
  assert.deepEqual(parse({ compression: new Substituted('zstd', false) }), { algorithm: 'zstd' });
  assert.deepEqual(parse({ compression: { algorithm: 'zstd', level: 21 } }), { algorithm: 'zstd', level: 21 });
  assert.deepEqual(parse({ compression: { algorithm: 'gzip', level: 'best' } }), { algorithm: 'gzip', level: 9 });
  assert.deepEqual(parse({ compression: { algorithm: 'gzip', level: 'fast' } }), { algorithm: 'gzip', level: 1 });
  assert.deepEqual(parse({ compression: { algorithm: 'zlib', level: 'none' } }), { algorithm: 'zlib', level: 0 });
  assert.deepEqual(parse({ compression: { algorithm: 'zlib', level: 'default' } }), { algorithm: 'zlib' });
});

test('the option says what is wrong with it', () => {
  assert.deepEqual(parse({ compression: 'gzp' }), ['compression.algorithm: unknown value `gzp`']);
  assert.deepEqual(parse({ compression: { algorithm: 'gzip', level: 10 } }), [
    'compression: the level of `gzip` must be from 0 to 9, got 10',
  ]);
  assert.deepEqual(parse({ compression: { algorithm: 'zstd', level: 22 } }), [
    'compression: the level of `zstd` must be from 0 to 21, got 22',
  ]);
  assert.deepEqual(parse({ compression: { algorithm: 'snappy', level: 1 } }), ['compression: `snappy` has no levels']);
  assert.match(String(parse({ compression: { algoritm: 'gzip' } })), /unknown option `algoritm`/);
  assert.match(String(parse({ compression: { algorithm: 'gzip', level: 'hard' } })), /expected one of `none`/);
  assert.match(String(parse({ compression: 3 })), /expected one of/);
  const few = object('Sample.', { compression: compression(['none', 'gzip'], { default: 'gzip' }) });
  assert.deepEqual({ ...check(few, {}).value?.compression }, { algorithm: 'gzip' });
  assert.equal(check(few, { compression: 'snappy' }).problems.length, 1);
});
