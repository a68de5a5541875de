// LZ4 blocks: a token, literals, and a copy of earlier bytes, again and again. Frames are in `lz4_frame.ts`.

import { DECOMPRESSED_BYTES_MAX, type GrowingBytes } from './bytes.ts';

/** Why a block cannot be read, in Vector's words: as text, and as its programmers print it. */
export interface Lz4Problem {
  readonly text: string;
  readonly debug: string;
}

const problem = (text: string, debug: string): Lz4Problem => ({ text, debug });

const TRUNCATED = problem('expected another byte, found none', 'ExpectedAnotherByte');
const LITERAL_BEYOND = problem('literal is out of bounds of the input', 'LiteralOutOfBounds');
const OFFSET_ZERO = problem('0 is not a valid match offset', 'OffsetZero');
const OFFSET_BEYOND = problem('the offset to copy is not contained in the decompressed buffer', 'OffsetOutOfBounds');

function tooSmall(expected: number, actual: number): Lz4Problem {
  return problem(
    `provided output is too small for the decompressed data, actual ${actual}, expected ${expected}`,
    `OutputTooSmall { expected: ${expected}, actual: ${actual} }`,
  );
}

/** What does not fit `DECOMPRESSED_BYTES_MAX`. */
const TOO_LARGE = problem(`the decompressed data is larger than ${DECOMPRESSED_BYTES_MAX} bytes`, 'OutputTooLarge');

const COPY_MIN = 4;

/**
 * Reads a block into `out`, behind what is there, which copies may reach back to.
 * @param capacity how many bytes of this block are allowed
 */
export function lz4Decompress(input: Uint8Array, out: GrowingBytes, capacity: number): Lz4Problem | undefined {
  if (input.length === 0) return TRUNCATED;
  const start = out.length;
  const end = start + capacity;
  let at = 0;
  /** The sum of a length that goes on in further bytes; -1 when they end. */
  const extended = (base: number): number => {
    let length = base;
    for (;;) {
      const byte = input[at++];
      if (byte === undefined) return -1;
      length += byte;
      if (byte !== 255) return length;
    }
  };
  for (;;) {
    const token = input[at++]!;
    const literal = token >> 4 === 15 ? extended(15) : token >> 4;
    if (literal < 0) return TRUNCATED;
    if (literal > input.length - at) return LITERAL_BEYOND;
    if (out.length + literal > end) return tooSmall(out.length - start + literal, capacity);
    if (!out.push(input.subarray(at, at + literal))) return TOO_LARGE;
    at += literal;
    if (at >= input.length) return undefined;
    if (input.length - at < 2) return TRUNCATED;
    const offset = input[at]! | (input[at + 1]! << 8);
    at += 2;
    if (offset === 0) return OFFSET_ZERO;
    const length = (token & 15) === 15 ? extended(COPY_MIN + 15) : COPY_MIN + (token & 15);
    if (length < 0) return TRUNCATED;
    if (out.length + length > end) return tooSmall(out.length - start + length, capacity);
    if (offset > out.length) return OFFSET_BEYOND;
    if (!copyBack(out, offset, length)) return TOO_LARGE;
    if (at >= input.length) return TRUNCATED;
  }
}

/** Repeats the bytes that begin `offset` before the end; false when that is beyond the limit. */
export function copyBack(out: GrowingBytes, offset: number, length: number): boolean {
  const bytes = out.reserve(length);
  if (bytes === undefined) return false;
  const from = out.length - offset;
  const to = out.length;
  if (offset >= length) bytes.copyWithin(to, from, from + length);
  // A copy that overlaps itself repeats what it has just written, so it goes byte by byte.
  else for (let i = 0; i < length; i++) bytes[to + i] = bytes[from + i]!;
  out.length += length;
  return true;
}

/** The last bytes of a block are literals, and the last copy begins well before the end: readers rely on it. */
const END_LITERALS = 6;
const COPY_DISTANCE_TO_END = 12;
const OFFSET_MAX = 65_535;
const HASH_BITS = 13;

/** Compresses into one block: the nearest earlier place with the same four bytes is copied. */
export function lz4Compress(input: Uint8Array): Uint8Array {
  const out = new Uint8Array(input.length + Math.ceil(input.length / 255) + 16);
  const places = new Int32Array(1 << HASH_BITS).fill(-1);
  const lastStart = input.length - COPY_DISTANCE_TO_END;
  const writer = { out, filled: 0 };
  let literalStart = 0;
  let at = 0;
  // The more places gave nothing, the larger the steps: what cannot be compressed costs little.
  let misses = 0;
  while (at <= lastStart) {
    const word = wordAt(input, at);
    const slot = Math.imul(word, 0x9e3779b1) >>> (32 - HASH_BITS);
    const found = places[slot]!;
    places[slot] = at;
    if (found < 0 || at - found > OFFSET_MAX || wordAt(input, found) !== word) {
      at += 1 + (misses++ >> 6);
      continue;
    }
    let from = found;
    let start = at;
    while (start > literalStart && from > 0 && input[start - 1] === input[from - 1]) {
      start -= 1;
      from -= 1;
    }
    let end = at + COPY_MIN;
    const limit = input.length - END_LITERALS;
    while (end < limit && input[end] === input[end - (start - from)]) end += 1;
    writeSequence(writer, input.subarray(literalStart, start), start - from, end - start);
    at = literalStart = end;
    misses = 0;
  }
  writeSequence(writer, input.subarray(literalStart), 0, 0);
  return out.subarray(0, writer.filled);
}

function wordAt(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}

interface Writer {
  readonly out: Uint8Array;
  filled: number;
}

/** Literals, and a copy unless its length is 0. */
function writeSequence(writer: Writer, literals: Uint8Array, offset: number, length: number): void {
  const { out } = writer;
  const copied = length === 0 ? 0 : length - COPY_MIN;
  out[writer.filled++] = (Math.min(literals.length, 15) << 4) | Math.min(copied, 15);
  writeLength(writer, literals.length);
  out.set(literals, writer.filled);
  writer.filled += literals.length;
  if (length === 0) return;
  out[writer.filled++] = offset & 255;
  out[writer.filled++] = offset >> 8;
  writeLength(writer, copied);
}

/** What of a length the token cannot say. */
function writeLength(writer: Writer, length: number): void {
  if (length < 15) return;
  let rest = length - 15;
  for (; rest >= 255; rest -= 255) writer.out[writer.filled++] = 255;
  writer.out[writer.filled++] = rest;
}
