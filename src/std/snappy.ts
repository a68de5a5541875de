// Snappy's raw format: the length of the text as a varint, then literals and copies. The package compresses; reading is
// ours, because a crafted literal length makes the package's reader run backwards for ever.

import { compress } from 'snappyjs';

/** The bytes are damaged, or stand for more than the limit. */
export class SnappyError extends Error {
  override readonly name = 'SnappyError';
  /** Whether the bytes may be fine, and only too many. */
  readonly isTooLarge: boolean;

  constructor(message: string, isTooLarge = false) {
    super(message);
    this.isTooLarge = isTooLarge;
  }
}

/** Compresses in one go; costs about 10 ms per MB. */
export function snappyCompress(bytes: Uint8Array): Uint8Array {
  // The package tells apart a `Buffer` and a plain array of bytes, and answers in kind.
  return compress(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}

/** The text of a raw Snappy block; throws `SnappyError` when it is damaged or longer than `limitBytes`. */
export function snappyDecompress(bytes: Uint8Array, limitBytes: number): Uint8Array {
  const input = { bytes, position: 0 };
  const length = readLength(input);
  if (length > limitBytes) throw new SnappyError(`it inflates to ${length} bytes, more than ${limitBytes}`, true);
  // A copy of three bytes stands for 64 at most: a longer claim is a lie and gets no memory.
  if (length > bytes.length * 32) throw damaged();
  const out = new Uint8Array(length);
  let filled = 0;
  while (input.position < bytes.length) {
    const tag = bytes[input.position++]!;
    filled += (tag & 3) === 0 ? literal(input, tag, out, filled) : copy(input, tag, out, filled);
  }
  if (filled !== length) throw damaged();
  return out;
}

interface Input {
  readonly bytes: Uint8Array;
  position: number;
}

function readLength(input: Input): number {
  let length = 0;
  for (let shift = 0; shift < 35; shift += 7) {
    const byte = input.bytes[input.position++];
    if (byte === undefined) break;
    length += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return length;
  }
  throw damaged();
}

function literal(input: Input, tag: number, out: Uint8Array, filled: number): number {
  const code = tag >>> 2;
  const length = 1 + (code < 60 ? code : little(input, code - 59));
  if (input.position + length > input.bytes.length || filled + length > out.length) throw damaged();
  out.set(input.bytes.subarray(input.position, input.position + length), filled);
  input.position += length;
  return length;
}

function copy(input: Input, tag: number, out: Uint8Array, filled: number): number {
  const short = (tag & 3) === 1;
  const length = short ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1;
  const offset = short ? ((tag >>> 5) << 8) + little(input, 1) : little(input, (tag & 3) === 2 ? 2 : 4);
  if (offset === 0 || offset > filled || filled + length > out.length) throw damaged();
  if (offset >= length) out.copyWithin(filled, filled - offset, filled - offset + length);
  // A copy that overlaps itself repeats what it has just written, so it goes byte by byte.
  else for (let i = filled; i < filled + length; i++) out[i] = out[i - offset]!;
  return length;
}

/** An unsigned number of `count` bytes, least significant first. */
function little(input: Input, count: number): number {
  if (input.position + count > input.bytes.length) throw damaged();
  let value = 0;
  for (let i = 0; i < count; i++) value += input.bytes[input.position++]! * 2 ** (8 * i);
  return value;
}

function damaged(): SnappyError {
  return new SnappyError('it is not valid Snappy data');
}
