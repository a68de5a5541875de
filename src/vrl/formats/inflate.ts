// Reads deflate data, strictly and up to a limit, and tells where it ends: what gzip members need, and what the libraries
// that compress do not offer.

import type { GrowingBytes } from './bytes.ts';
import { copyBack } from './lz4.ts';

/** The data breaks off, is no deflate data, or writes too much. */
class InflateError extends Error {}

/**
 * Reads deflate data that begins at `start` into `out`.
 * @returns where it ends; undefined when it is damaged or too much
 */
export function inflate(bytes: Uint8Array, start: number, out: GrowingBytes): number | undefined {
  const reader = new BitReader(bytes, start);
  try {
    while (!inflateBlock(reader, out));
    return reader.byteEnd();
  } catch (error) {
    if (error instanceof InflateError) return undefined;
    throw error;
  }
}

class BitReader {
  readonly #bytes: Uint8Array;
  #at: number;
  #bits = 0;
  #count = 0;

  constructor(bytes: Uint8Array, start: number) {
    this.#bytes = bytes;
    this.#at = start;
  }

  /** The next `count` bits (up to 16), the first lowest. */
  read(count: number): number {
    while (this.#count < count) {
      if (this.#at >= this.#bytes.length) throw new InflateError();
      this.#bits |= this.#bytes[this.#at++]! << this.#count;
      this.#count += 8;
    }
    const value = this.#bits & ((1 << count) - 1);
    this.#bits >>>= count;
    this.#count -= count;
    return value;
  }

  /** The symbol of the code that comes next. */
  symbol(code: HuffmanCode): number {
    while (this.#count < CODE_BITS_MAX && this.#at < this.#bytes.length) {
      this.#bits |= this.#bytes[this.#at++]! << this.#count;
      this.#count += 8;
    }
    const entry = code[this.#bits & (code.length - 1)]!;
    const length = entry & 15;
    if (length === 0 || length > this.#count) throw new InflateError();
    this.#bits >>>= length;
    this.#count -= length;
    return entry >>> 4;
  }

  /** Plain bytes from the next whole byte on. */
  plain(length: number): Uint8Array {
    const start = this.byteEnd();
    if (start + length > this.#bytes.length) throw new InflateError();
    this.#at = start + length;
    return this.#bytes.subarray(start, start + length);
  }

  /** Drops the rest of a byte that was begun, and tells where the next one is. */
  byteEnd(): number {
    this.#at -= this.#count >> 3;
    this.#count = 0;
    this.#bits = 0;
    return this.#at;
  }
}

/** Reads one block; true when it was the last. */
function inflateBlock(reader: BitReader, out: GrowingBytes): boolean {
  const isLast = reader.read(1) === 1;
  const type = reader.read(2);
  if (type === 0) {
    const sizes = reader.plain(4);
    const length = sizes[0]! | (sizes[1]! << 8);
    if ((length ^ 0xffff) !== (sizes[2]! | (sizes[3]! << 8))) throw new InflateError();
    if (!out.push(reader.plain(length))) throw new InflateError();
  } else if (type === 1) inflateCodes(reader, out, fixedCodes.literals, fixedCodes.distances);
  else if (type === 2) {
    const { literals, distances } = readCodes(reader);
    inflateCodes(reader, out, literals, distances);
  } else throw new InflateError();
  return isLast;
}

const LENGTH_BASES = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
];
const LENGTH_BITS = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const DISTANCE_BASES = [
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145,
  8193, 12289, 16385, 24577,
];
const BLOCK_END = 256;

function inflateCodes(reader: BitReader, out: GrowingBytes, literals: HuffmanCode, distances: HuffmanCode): void {
  let room = out.reserve(0)!;
  for (;;) {
    const symbol = reader.symbol(literals);
    if (symbol < BLOCK_END) {
      if (out.length === room.length) {
        const grown = out.reserve(1);
        if (grown === undefined) throw new InflateError();
        room = grown;
      }
      room[out.length++] = symbol;
      continue;
    }
    if (symbol === BLOCK_END) return;
    const base = LENGTH_BASES[symbol - 257];
    if (base === undefined) throw new InflateError();
    const length = base + reader.read(LENGTH_BITS[symbol - 257]!);
    const far = reader.symbol(distances);
    const distanceBase = DISTANCE_BASES[far];
    if (distanceBase === undefined) throw new InflateError();
    const distance = distanceBase + reader.read(far < 4 ? 0 : (far >> 1) - 1);
    if (distance > out.length || !copyBack(out, distance, length)) throw new InflateError();
    room = out.reserve(0)!;
  }
}

/** By the next bits of the input: the symbol shifted by four, and the length of its code; 0 for none. */
type HuffmanCode = Uint16Array;

const CODE_BITS_MAX = 15;

/** The code whose symbols have these lengths, 0 for symbols that do not occur. */
function huffmanCode(lengths: ArrayLike<number>): HuffmanCode {
  const counts = new Uint16Array(CODE_BITS_MAX + 1);
  for (let i = 0; i < lengths.length; i++) counts[lengths[i]!]! += 1;
  counts[0] = 0;
  const next = new Uint16Array(CODE_BITS_MAX + 2);
  let bits = 1;
  let left = 1;
  for (let length = 1; length <= CODE_BITS_MAX; length++) {
    left = left * 2 - counts[length]!;
    if (left < 0) throw new InflateError();
    next[length + 1] = (next[length]! + counts[length]!) << 1;
    if (counts[length]! > 0) bits = length;
  }
  // Only a code of a single symbol, or of none, may leave codes unused.
  const used = counts.reduce((sum, count) => sum + count, 0);
  if (left > 0 && used > 1) throw new InflateError();
  const table = new Uint16Array(1 << bits);
  for (let symbol = 0; symbol < lengths.length; symbol++) {
    const length = lengths[symbol]!;
    if (length === 0) continue;
    const step = 1 << length;
    for (let at = turnedBits(next[length]!++, length); at < table.length; at += step)
      table[at] = (symbol << 4) | length;
  }
  return table;
}

function turnedBits(code: number, length: number): number {
  let out = 0;
  for (let i = 0; i < length; i++) out |= ((code >> i) & 1) << (length - 1 - i);
  return out;
}

const fixedCodes = {
  literals: huffmanCode(
    Uint8Array.from({ length: 288 }, (_, symbol) => (symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8)),
  ),
  distances: huffmanCode(new Uint8Array(32).fill(5)),
};

const LENGTH_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/** The codes that a block brings along: their lengths are written in a code of their own. */
function readCodes(reader: BitReader): { readonly literals: HuffmanCode; readonly distances: HuffmanCode } {
  const literalCount = reader.read(5) + 257;
  const distanceCount = reader.read(5) + 1;
  const orderCount = reader.read(4) + 4;
  if (literalCount > 286 || distanceCount > 30) throw new InflateError();
  const orderLengths = new Uint8Array(19);
  for (let i = 0; i < orderCount; i++) orderLengths[LENGTH_ORDER[i]!] = reader.read(3);
  const code = huffmanCode(orderLengths);
  const lengths = new Uint8Array(literalCount + distanceCount);
  for (let filled = 0; filled < lengths.length; ) {
    const symbol = reader.symbol(code);
    if (symbol < 16) {
      lengths[filled++] = symbol;
      continue;
    }
    if (symbol === 16 && filled === 0) throw new InflateError();
    const repeated = symbol === 16 ? lengths[filled - 1]! : 0;
    const end =
      filled + (symbol === 16 ? 3 + reader.read(2) : symbol === 17 ? 3 + reader.read(3) : 11 + reader.read(7));
    if (end > lengths.length) throw new InflateError();
    lengths.fill(repeated, filled, end);
    filled = end;
  }
  if (lengths[BLOCK_END] === 0) throw new InflateError();
  return {
    literals: huffmanCode(lengths.subarray(0, literalCount)),
    distances: huffmanCode(lengths.subarray(literalCount)),
  };
}
