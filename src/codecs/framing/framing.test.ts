import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { check } from '../../schema/schema.ts';
import { FakeClock } from '../../std/clock.ts';
import {
  buildFrameDecoder,
  defaultFraming,
  delimiterOf,
  FRAME_BYTES_MAX,
  type FramingConfig,
  FramingError,
} from './framing.ts';
import { framing, messageFraming } from './options.ts';

const config = (raw: unknown): FramingConfig => {
  const { value, problems } = check(framing(), raw);
  assert.ok(value, JSON.stringify(problems));
  return value;
};

interface Cut {
  readonly frames: string[];
  /** Reason and length of each discarded frame. */
  readonly discards: (string | number)[];
  readonly error?: string;
}

/** Cuts `chunks` into frames, each as Latin-1 text. */
function cut(raw: unknown, ...chunks: (string | Buffer)[]): Cut {
  const frames: string[] = [];
  const discards: (string | number)[] = [];
  const decoder = buildFrameDecoder(config(raw), {
    clock: new FakeClock(),
    onDiscard: (reason, length) => discards.push(reason, length),
    onTruncate: (length) => discards.push('cut', length),
  });
  const onFrame = (frame: Buffer) => frames.push(frame.toString('latin1'));
  try {
    for (const chunk of chunks) decoder.push(Buffer.from(chunk as string, 'latin1'), onFrame);
    decoder.end(onFrame);
    return { frames, discards };
  } catch (error) {
    if (!(error instanceof FramingError)) throw error;
    return { frames, discards, error: error.message };
  }
}

const OVERSIZED = 'Discarding frame larger than max_length.';
const newline = (options: object = {}) => ({ method: 'newline_delimited', newline_delimited: options });
const character = (options: object) => ({ method: 'character_delimited', character_delimited: options });
const length = (options: object = {}) => ({ method: 'length_delimited', length_delimited: options });
const octet = (options: object = {}) => ({ method: 'octet_counting', octet_counting: options });
const VARINT = { method: 'varint_length_delimited' };
const BYTES = { method: 'bytes' };

test('newline framing keeps carriage returns and empty lines, and takes a last line without newline', () => {
  assert.deepEqual(cut(newline(), 'a\r\nb\r\n\r\n\nc').frames, ['a\r', 'b\r', '\r', '', 'c']);
  assert.deepEqual(cut(newline(), 'a\n').frames, ['a']);
  assert.deepEqual(cut(newline()).frames, []);
});

test('a line longer than max_length is dropped and counted, or cut', () => {
  const text = 'abc\nabcdef\nxyz\nabcde\n1234567';
  assert.deepEqual(cut(newline({ max_length: 5 }), text), {
    frames: ['abc', 'xyz', 'abcde'],
    discards: [OVERSIZED, 6, OVERSIZED, 7],
  });
  assert.deepEqual(cut(newline({ max_length: 5, oversized_action: 'truncate' }), text), {
    frames: ['abc', 'abcde', 'xyz', 'abcde', '12345'],
    discards: ['cut', 6, 'cut', 7],
  });
});

test('character framing ends frames at any character', () => {
  assert.deepEqual(cut(character({ delimiter: ';' }), 'a;b;;c').frames, ['a', 'b', '', 'c']);
  assert.deepEqual(cut(character({ delimiter: '\0' }), 'one\ntwo\0three\0').frames, ['one\ntwo', 'three']);
  assert.deepEqual(cut(character({ delimiter: '|', max_length: 3 }), 'abc|abcd|x|'), {
    frames: ['abc', 'x'],
    discards: [OVERSIZED, 4],
  });
});

test('length framing reads lengths of every shape', () => {
  assert.deepEqual(cut(length(), '\0\0\0\x03abc\0\0\0\x05hello\0\0\0\0\0\0\0\x02ok').frames, [
    'abc',
    'hello',
    '',
    'ok',
  ]);
  const little = { length_field_length: 2, length_field_is_big_endian: false };
  assert.deepEqual(cut(length(little), '\x03\0abc\x02\0ok').frames, ['abc', 'ok']);
  assert.deepEqual(cut(length({ length_field_length: 1, length_field_offset: 1 }), 'X\x03abcX\x02ok').frames, [
    'abc',
    'ok',
  ]);
  assert.deepEqual(cut(length({ length_field_length: 8 }), '\0\0\0\0\0\0\0\x01a').frames, ['a']);
});

test('length framing ends at a frame that is too long, and complains about one that is not whole', () => {
  const long = cut(length({ max_frame_length: 4 }), '\0\0\0\x03abc\0\0\0\x05hello\0\0\0\x02ok');
  assert.deepEqual(
    [long.frames, long.error],
    [['abc'], 'a frame of 5 bytes is larger than max_frame_length, which is 4'],
  );
  const huge = cut(length({ length_field_length: 8 }), '\xff\xff\xff\xff\xff\xff\xff\xffa');
  assert.match(huge.error!, /larger than max_frame_length/);
  const half = cut(length(), '\0\0\0\x03abc\0\0\0\x09hel');
  assert.deepEqual([half.frames, half.error], [['abc'], 'the stream ends inside a frame, 7 bytes after its begin']);
  assert.match(cut(length(), '\0\0').error!, /ends inside a frame/);
});

test('varint framing reads lengths of several bytes', () => {
  assert.deepEqual(cut(VARINT, `\x03abc\0\xac\x02${'q'.repeat(300)}\x01z`).frames, ['abc', '', 'q'.repeat(300), 'z']);
  assert.deepEqual(cut({ ...VARINT, max_frame_length: 4 }, '\x03abc\x05hello\x02ok').frames, ['abc']);
  assert.match(cut({ ...VARINT, max_frame_length: 4 }, '\x05hello').error!, /larger than max_frame_length/);
  assert.match(cut(VARINT, '\xff'.repeat(20)).error!, /takes more than 10 bytes/);
  assert.match(cut(VARINT, '\x05hel').error!, /ends inside a frame/);
  assert.match(cut(VARINT, '\x80').error!, /ends inside a frame/);
});

test('octet counting takes counted frames and lines in one stream', () => {
  assert.deepEqual(cut(octet(), 'plain line\n5 helloanother\n').frames, ['plain line', 'hello', 'another']);
  assert.deepEqual(cut(octet(), '11 line\ninside<13>x\r\n\n3 end').frames, ['line\ninside', '<13>x', '', 'end']);
  assert.deepEqual(cut(octet(), 'no newline').frames, ['no newline']);
  assert.deepEqual(cut(octet(), 'a\n\r').frames, ['a']);
});

test('a line that only begins with digits is a line', () => {
  assert.deepEqual(cut(octet(), '2024-01-01 up\n12\n99999999999 bottles\n0 zero\n404').frames, [
    '2024-01-01 up',
    '12',
    '99999999999 bottles',
    '0 zero',
    '404',
  ]);
});

test('octet counting drops what is too long and goes on behind it', () => {
  assert.deepEqual(cut(octet({ max_length: 4 }), '5 hello3 abclong line\nshort\nline\n'), {
    frames: ['abc', 'line'],
    discards: [OVERSIZED, 5, OVERSIZED, 9, OVERSIZED, 5],
  });
  assert.match(cut(octet(), '5 hel').error!, /2 bytes before its end/);
});

test('bytes framing makes one frame of everything, an empty message included', () => {
  assert.deepEqual(cut(BYTES, 'everything\nin one', '\nframe\n').frames, ['everything\nin one\nframe\n']);
  assert.deepEqual(cut(BYTES, '').frames, ['']);
  assert.deepEqual(cut(BYTES).frames, []);
});

for (const raw of [newline(), character({ delimiter: 'x' }), octet(), BYTES]) {
  test(`${raw.method} drops a frame without end after ${FRAME_BYTES_MAX} bytes and does not keep it`, () => {
    const chunk = Buffer.alloc(1 << 20, 'a');
    const before = process.memoryUsage().arrayBuffers;
    let discarded = 0;
    const frames: number[] = [];
    const decoder = buildFrameDecoder(config(raw), {
      clock: new FakeClock(),
      onDiscard: (_, size) => {
        discarded = size;
      },
    });
    for (let i = 0; i < 256; i++) decoder.push(chunk, (frame) => frames.push(frame.length));
    assert.ok(process.memoryUsage().arrayBuffers - before < 4 * FRAME_BYTES_MAX);
    decoder.end((frame) => frames.push(frame.length));
    assert.deepEqual([frames, discarded], [[], 256 * chunk.length]);
    decoder.push(Buffer.from('b'), () => frames.push(-1));
    decoder.end((frame) => frames.push(frame.length));
    assert.deepEqual(frames, [1]);
  });
}

/** Cuts bytes at the given places. */
function split(bytes: Buffer, places: number[]): Buffer[] {
  const cuts = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [...cuts, bytes.length].map((end, i) => bytes.subarray(i === 0 ? 0 : cuts[i - 1]!, end));
}

const METHODS = [
  newline(),
  newline({ max_length: 4 }),
  newline({ max_length: 4, oversized_action: 'truncate' }),
  newline({ max_length: 0 }),
  character({ delimiter: ' ', max_length: 3 }),
  length({ length_field_length: 1 }),
  length({ length_field_length: 2, length_field_offset: 1, max_frame_length: 300 }),
  VARINT,
  { ...VARINT, max_frame_length: 12 },
  octet(),
  octet({ max_length: 4 }),
  BYTES,
];

const stream = fc.oneof(
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  fc
    .string({ unit: fc.constantFrom(...'0123456789 \n\r\0\x01\x02\x80ab'), maxLength: 60 })
    .map((text) => Buffer.from(text, 'latin1')),
);

for (const raw of METHODS) {
  test(`chunk boundaries never change what ${JSON.stringify(raw)} makes of any bytes`, () => {
    fc.assert(
      fc.property(stream, fc.array(fc.nat(), { maxLength: 12 }), (bytes, places) => {
        const whole = cut(raw, bytes);
        assert.deepEqual(cut(raw, ...split(bytes, places)), whole);
        assert.deepEqual(cut(raw, ...[...bytes].map((byte) => Buffer.of(byte))), bytes.length > 0 ? whole : cut(raw));
      }),
      { numRuns: 300 },
    );
  });
}

test('memory and time stay in proportion when a long frame comes byte by byte', () => {
  const bytes = 1_000_000;
  for (const raw of [newline(), octet(), VARINT]) {
    const sizes: number[] = [];
    const decoder = buildFrameDecoder(config(raw), { clock: new FakeClock(), onDiscard: assert.fail });
    const onFrame = (frame: Buffer) => sizes.push(frame.length);
    const head =
      raw === VARINT ? Buffer.of(0xc0, 0x84, 0x3d) : Buffer.from(raw.method === 'octet_counting' ? '1000000 ' : '');
    decoder.push(head, onFrame);
    const one = Buffer.from('a');
    for (let i = 0; i < bytes; i++) decoder.push(one, onFrame);
    decoder.end(onFrame);
    assert.deepEqual(sizes, [bytes]);
  }
});

// Chunked GELF ------------------------------------------------------------------------------------------------------

function gelf(options: object = {}) {
  const clock = new FakeClock();
  const frames: string[] = [];
  const discards: string[] = [];
  const decoder = buildFrameDecoder(config({ method: 'chunked_gelf', chunked_gelf: options }), {
    clock,
    onDiscard: (reason) => discards.push(reason),
  });
  const push = (...datagrams: Buffer[]) => {
    for (const datagram of datagrams) {
      decoder.push(datagram, (frame) => frames.push(frame.toString()));
      decoder.end((frame) => frames.push(frame.toString()));
    }
  };
  return { clock, frames, discards, push };
}

const chunk = (id: string, sequence: number, total: number, payload: string | Buffer) =>
  Buffer.concat([Buffer.of(0x1e, 0x0f), Buffer.from(id), Buffer.of(sequence, total), Buffer.from(payload as string)]);

test('chunked GELF puts chunks together in any order, and passes whole messages on', () => {
  const { push, frames, discards, clock } = gelf();
  push(Buffer.from('{"whole":1}'));
  push(chunk('aaaaaaaa', 2, 3, 'ef'), chunk('bbbbbbbb', 0, 2, '12'), chunk('aaaaaaaa', 0, 3, 'ab'));
  push(chunk('aaaaaaaa', 0, 3, 'twice'), chunk('bbbbbbbb', 1, 2, '34'), chunk('aaaaaaaa', 1, 3, 'cd'));
  push(chunk('cccccccc', 0, 1, 'alone'));
  assert.deepEqual(frames, ['{"whole":1}', '1234', 'abcdef', 'alone']);
  assert.deepEqual(discards, []);
  assert.equal(clock.pending, 0);
});

test('chunked GELF inflates messages, chunked or not', () => {
  const zipped = gzipSync('{"a":1}');
  const { push, frames, discards } = gelf();
  push(zipped, deflateSync('{"b":2}'), chunk('aaaaaaaa', 1, 2, zipped.subarray(9)));
  push(chunk('aaaaaaaa', 0, 2, zipped.subarray(0, 9)));
  assert.deepEqual(frames, ['{"a":1}', '{"b":2}', '{"a":1}']);
  assert.deepEqual(discards, []);
  const plain = gelf({ decompression: 'None' });
  plain.push(Buffer.from('x\x9c'));
  assert.deepEqual(plain.frames, ['x\x9c']);
  const strict = gelf({ decompression: 'Zlib' });
  strict.push(zipped, deflateSync('ok'));
  assert.deepEqual([strict.frames, strict.discards], [['ok'], ['The message is not Zlib.']]);
});

test('a GELF message that inflates beyond the limit is dropped', () => {
  const { push, frames, discards } = gelf();
  push(gzipSync(Buffer.alloc(FRAME_BYTES_MAX)), gzipSync(Buffer.alloc(FRAME_BYTES_MAX + 1)), gzipSync('ok'));
  assert.deepEqual(
    frames.map((frame) => frame.length),
    [FRAME_BYTES_MAX, 2],
  );
  assert.deepEqual(discards, ['The message inflates to more than is allowed.']);
});

test('a GELF message whose chunks do not come in time is dropped', async () => {
  const { clock, push, frames, discards } = gelf({ timeout_secs: 2 });
  push(chunk('aaaaaaaa', 0, 2, 'a'));
  await clock.advance(1500);
  push(chunk('bbbbbbbb', 0, 2, 'b'));
  await clock.advance(500);
  assert.equal(discards.length, 1);
  push(chunk('aaaaaaaa', 1, 2, 'late'), chunk('bbbbbbbb', 1, 2, '!'));
  assert.deepEqual(frames, ['b!']);
  await clock.advance(2000);
  assert.equal(discards.length, 2);
  assert.equal(clock.pending, 0);
});

test('chunked GELF keeps its limits', () => {
  const few = gelf({ pending_messages_limit: 1 });
  few.push(chunk('aaaaaaaa', 0, 2, 'a'), chunk('bbbbbbbb', 0, 2, 'b'), chunk('aaaaaaaa', 1, 2, 'A'));
  few.push(chunk('bbbbbbbb', 0, 2, 'b'), chunk('bbbbbbbb', 1, 2, 'B'));
  assert.deepEqual([few.frames, few.discards], [['aA', 'bB'], ['pending_messages_limit is reached.']]);
  const short = gelf({ max_length: 3 });
  short.push(chunk('aaaaaaaa', 0, 3, 'ab'), chunk('aaaaaaaa', 1, 3, 'cd'), Buffer.from('long'), Buffer.from('yes'));
  assert.deepEqual([short.frames, short.discards], [['yes'], [OVERSIZED, OVERSIZED]]);
});

test('chunked GELF counts chunks that are not valid', () => {
  const { push, frames, discards } = gelf();
  push(
    Buffer.of(0x1e, 0x0f),
    chunk('aaaaaaaa', 0, 0, 'x'),
    chunk('aaaaaaaa', 2, 2, 'x'),
    chunk('aaaaaaaa', 0, 129, 'x'),
  );
  push(chunk('aaaaaaaa', 0, 2, 'x'), chunk('aaaaaaaa', 1, 3, 'x'));
  assert.deepEqual([frames, discards.length], [[], 5]);
});

test('hostile datagrams never throw', () => {
  const { push } = gelf({ max_length: 64 });
  const datagram = fc.oneof(
    fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
    fc
      .tuple(fc.constantFrom('aaaaaaaa', 'bbbbbbbb'), fc.nat(4), fc.nat(4), fc.uint8Array({ maxLength: 40 }))
      .map(([id, sequence, total, payload]) => chunk(id, sequence, total, Buffer.from(payload))),
    fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.concat([Buffer.of(0x1f, 0x8b, 8), bytes])),
  );
  fc.assert(fc.property(fc.array(datagram), (datagrams) => push(...datagrams)));
});

// Options -----------------------------------------------------------------------------------------------------------

test('the default framing follows the codec and the kind of source', () => {
  assert.equal(defaultFraming('json', 'stream').method, 'newline_delimited');
  assert.equal(defaultFraming('json', 'message').method, 'bytes');
  assert.deepEqual(delimiterOf(defaultFraming('gelf', 'stream'))?.byte, 0);
  assert.equal(defaultFraming('gelf', 'message').method, 'chunked_gelf');
  assert.equal(check(messageFraming(), undefined).value?.method, 'bytes');
  assert.equal(check(framing(), undefined).value, undefined);
});

test('readers that cut lines by themselves are told how', () => {
  assert.deepEqual(delimiterOf(config(newline())), { byte: 10, maxLength: FRAME_BYTES_MAX, oversized: 'drop' });
  assert.deepEqual(delimiterOf(config(character({ delimiter: ',', max_length: 9, oversized_action: 'truncate' }))), {
    byte: 44,
    maxLength: 9,
    oversized: 'truncate',
  });
  assert.equal(delimiterOf(config(octet())), undefined);
});

test('wrong framing options are named, and unknown ones are ignored with a warning, as Vector ignores them', () => {
  const problems = (raw: unknown) => check(framing(), raw).problems.map(({ severity, path }) => [severity, ...path]);
  assert.deepEqual(problems({ method: 'lines' }), [['error', 'method']]);
  assert.deepEqual(problems({ method: 'character_delimited' }), [['error']]);
  assert.deepEqual(problems(character({})), [['error', 'character_delimited']]);
  assert.deepEqual(problems(length({ length_field_length: 9 })), [
    ['error', 'length_delimited', 'length_field_length'],
  ]);
  assert.deepEqual(problems({ ...VARINT, varint_length_delimited: { max_frame_length: 4 } }), [
    ['warning', 'varint_length_delimited'],
  ]);
});
