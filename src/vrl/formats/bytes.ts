// A string argument as bytes or as text: it arrives as a JavaScript string, or as bytes where they are not UTF-8.

import { lossyText } from '../../event/value.ts';

const encoder = new TextEncoder();

/** The bytes of a string value. They may be those of the value itself: not to be written to. */
export function bytesOf(value: string | Uint8Array): Uint8Array {
  return typeof value === 'string' ? encoder.encode(value) : value;
}

/** Longer strings are worth the way through the encoder. */
const SHORT_MAX = 256;
const short = new Uint8Array(SHORT_MAX);

/** The same for who is done with them before anybody asks again: short ones of ASCII are put where the last were. */
export function passingBytesOf(value: string | Uint8Array): Uint8Array {
  if (typeof value !== 'string') return value;
  const { length } = value;
  if (length > SHORT_MAX) return encoder.encode(value);
  for (let at = 0; at < length; at++) {
    const code = value.charCodeAt(at);
    if (code > 0x7f) return encoder.encode(value);
    short[at] = code;
  }
  return short.subarray(0, length);
}

/** The text of a string value, with U+FFFD for what is not UTF-8. */
export function textOf(value: string | Uint8Array): string {
  return typeof value === 'string' ? value : lossyText(value);
}

/** Pieces put together. */
export function joined(pieces: readonly Uint8Array[], length: number): Uint8Array {
  if (pieces.length === 1 && pieces[0]!.length === length) return pieces[0]!;
  const whole = new Uint8Array(length);
  let filled = 0;
  for (const piece of pieces) {
    whole.set(piece, filled);
    filled += piece.length;
  }
  return whole;
}

/** What decompressors may write: a short string must not become gigabytes. Reaching it is an error of the function. */
export const DECOMPRESSED_BYTES_MAX = 100 * 1024 * 1024;

/** Bytes that grow up to a limit. */
export class GrowingBytes {
  readonly #max: number;
  #bytes: Uint8Array;
  /** Bytes written so far. */
  length = 0;

  constructor(expected: number, max: number) {
    this.#max = max;
    this.#bytes = new Uint8Array(Math.min(Math.max(expected, 64), max));
  }

  /** The memory behind it, with room for `more` bytes at `length`; undefined when that is beyond the limit. */
  reserve(more: number): Uint8Array | undefined {
    const wanted = this.length + more;
    if (wanted > this.#max) return undefined;
    if (wanted > this.#bytes.length) {
      const grown = new Uint8Array(Math.min(Math.max(wanted, this.#bytes.length * 2), this.#max));
      grown.set(this.#bytes.subarray(0, this.length));
      this.#bytes = grown;
    }
    return this.#bytes;
  }

  /** Adds bytes; false when that is beyond the limit. */
  push(piece: Uint8Array): boolean {
    const bytes = this.reserve(piece.length);
    if (bytes === undefined) return false;
    bytes.set(piece, this.length);
    this.length += piece.length;
    return true;
  }

  /** What was written. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.length);
  }
}
