// Writes Zstandard frames: earlier bytes are copied, literals are stored as they are, and sequences are packed with the
// tables that every reader has. Any reader takes it; it is larger than what the original writes by a third or so, which
// packs literals too.
//
//   magic 4 | descriptor 1 | window 1 | block: header 3, data | …

const WINDOW_LOGS: readonly number[] = [
  19, 19, 20, 21, 21, 21, 21, 21, 21, 22, 22, 22, 22, 22, 22, 22, 22, 23, 23, 23, 25, 26, 27,
];
const LEVEL_DEFAULT = 3;
const BLOCK_BYTES_MAX = 128 * 1024;

/** Compresses into one frame. The level only says how far back copies may reach. */
export function zstdCompress(bytes: Uint8Array, level: number): Uint8Array {
  if (bytes.length === 0) return Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x20, 0, 1, 0, 0);
  const windowLog = WINDOW_LOGS[level === 0 ? LEVEL_DEFAULT : Math.min(Math.max(level, 0), WINDOW_LOGS.length - 1)]!;
  const blocks = Math.ceil(bytes.length / BLOCK_BYTES_MAX);
  const out = new Uint8Array(6 + blocks * 3 + bytes.length);
  out.set([0x28, 0xb5, 0x2f, 0xfd, 0, (windowLog - 10) << 3]);
  const finder = new CopyFinder(bytes, 2 ** windowLog);
  let filled = 6;
  for (let start = 0; start < bytes.length; start += BLOCK_BYTES_MAX) {
    const end = Math.min(start + BLOCK_BYTES_MAX, bytes.length);
    const block = bytes.subarray(start, end);
    const packed = packBlock(finder, start, end);
    const isSmaller = packed !== undefined && packed.length < block.length;
    const data = isSmaller ? packed : block;
    const header = (end === bytes.length ? 1 : 0) | (isSmaller ? 2 << 1 : 0) | (data.length << 3);
    out.set([header & 255, (header >> 8) & 255, header >> 16], filled);
    out.set(data, filled + 3);
    filled += 3 + data.length;
  }
  return out.subarray(0, filled);
}

interface Sequence {
  readonly literals: number;
  readonly length: number;
  readonly offset: number;
}

const HASH_BITS = 15;
const COPY_MIN = 4;

/** Finds earlier places with the same four bytes, over all blocks. */
class CopyFinder {
  readonly bytes: Uint8Array;
  readonly #window: number;
  readonly #places = new Int32Array(1 << HASH_BITS).fill(-1);

  constructor(bytes: Uint8Array, window: number) {
    this.bytes = bytes;
    this.#window = window;
  }

  /** Where the bytes at `at` stood before; -1 when they did not. */
  find(at: number): number {
    const { bytes } = this;
    const word = wordAt(bytes, at);
    const slot = Math.imul(word, 0x9e3779b1) >>> (32 - HASH_BITS);
    const found = this.#places[slot]!;
    this.#places[slot] = at;
    return found >= 0 && at - found <= this.#window && wordAt(bytes, found) === word ? found : -1;
  }
}

function wordAt(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}

/** The block with its copies; undefined when there are none. */
function packBlock(finder: CopyFinder, start: number, end: number): Uint8Array | undefined {
  const { bytes } = finder;
  const sequences: Sequence[] = [];
  const literals = new Uint8Array(end - start);
  let literalCount = 0;
  let literalStart = start;
  let misses = 0;
  for (let at = start; at + COPY_MIN <= end; ) {
    const found = finder.find(at);
    if (found < 0) {
      at += 1 + (misses++ >> 6);
      continue;
    }
    let length = COPY_MIN;
    while (at + length < end && bytes[at + length] === bytes[found + length]) length += 1;
    literals.set(bytes.subarray(literalStart, at), literalCount);
    literalCount += at - literalStart;
    sequences.push({ literals: at - literalStart, length, offset: at - found });
    at += length;
    literalStart = at;
    misses = 0;
  }
  if (sequences.length === 0) return undefined;
  literals.set(bytes.subarray(literalStart, end), literalCount);
  literalCount += end - literalStart;
  const head = [
    ...literalsHeader(literalCount),
    ...literals.subarray(0, literalCount),
    ...countHeader(sequences.length),
    0,
  ];
  const packed = packSequences(sequences);
  const out = new Uint8Array(head.length + packed.length);
  out.set(head);
  out.set(packed, head.length);
  return out;
}

function literalsHeader(count: number): number[] {
  if (count < 32) return [count << 3];
  if (count < 4096) return [((count << 4) & 255) | (1 << 2), count >> 4];
  return [((count << 4) & 255) | (3 << 2), (count >> 4) & 255, count >> 12];
}

function countHeader(count: number): number[] {
  if (count < 128) return [count];
  if (count < 0x7f00) return [(count >> 8) + 128, count & 255];
  return [255, (count - 0x7f00) & 255, (count - 0x7f00) >> 8];
}

/** Numbers in ranges: of each the first, and how many bits tell which one of it is meant. */
interface Ranges {
  readonly bases: readonly number[];
  readonly bits: readonly number[];
}

function ranges(first: number, bits: readonly number[]): Ranges {
  const bases: number[] = [];
  let base = first;
  for (const count of bits) {
    bases.push(base);
    base += 2 ** count;
  }
  return { bases, bits };
}

const zeros = (count: number): number[] => new Array<number>(count).fill(0);
const LITERAL_RANGES = ranges(0, [...zeros(16), 1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
const LENGTH_RANGES = ranges(3, [...zeros(32), 1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);

function rangeOf({ bases }: Ranges, value: number): number {
  let low = 0;
  let high = bases.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (bases[middle]! <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** A finite-state code: how a symbol leads from the state that follows it to the one that stands for it. */
interface StateCode {
  readonly log: number;
  /** By symbol, by the state that follows: the state before. */
  readonly states: readonly Uint8Array[];
  /** By state: how many bits lead to the state that follows, and the first such. */
  readonly bits: Uint8Array;
  readonly bases: Uint8Array;
}

function stateCode(log: number, shares: readonly number[]): StateCode {
  const size = 1 << log;
  const symbols = spread(size, shares);
  const next = shares.map((share) => Math.abs(share));
  const code: StateCode = {
    log,
    states: shares.map(() => new Uint8Array(size)),
    bits: new Uint8Array(size),
    bases: new Uint8Array(size),
  };
  for (let state = 0; state < size; state++) {
    const symbol = symbols[state]!;
    const place = next[symbol]!++;
    const bits = log - (31 - Math.clz32(place));
    const base = (place << bits) - size;
    code.bits[state] = bits;
    code.bases[state] = base;
    code.states[symbol]!.fill(state, base, base + (1 << bits));
  }
  return code;
}

/** The symbol of each state: the rarest (-1) from the end, the others in steps that scatter them. */
function spread(size: number, shares: readonly number[]): Uint8Array {
  const symbols = new Uint8Array(size);
  let last = size - 1;
  shares.forEach((share, symbol) => {
    if (share === -1) symbols[last--] = symbol;
  });
  const step = (size >> 1) + (size >> 3) + 3;
  let at = 0;
  shares.forEach((share, symbol) => {
    for (let i = 0; i < share; i++) {
      symbols[at] = symbol;
      do at = (at + step) & (size - 1);
      while (at > last);
    }
  });
  return symbols;
}

const many = (count: number, share: number): number[] => new Array<number>(count).fill(share);
const LITERAL_CODE = stateCode(6, [4, 3, ...many(11, 2), 1, 1, 1, ...many(9, 2), 3, 2, ...many(5, 1), ...many(4, -1)]);
const LENGTH_CODE = stateCode(6, [1, 4, 3, ...many(6, 2), ...many(37, 1), ...many(7, -1)]);
const OFFSET_CODE = stateCode(5, [...many(6, 1), 2, 2, 2, ...many(15, 1), ...many(5, -1)]);

/** The reader begins at the end, so everything is written backwards: the last sequence first, its last part first. */
function packSequences(sequences: readonly Sequence[]): Uint8Array {
  const writer = new BitWriter(sequences.length * 12 + 16);
  let literalState = -1;
  let lengthState = -1;
  let offsetState = -1;
  for (let i = sequences.length - 1; i >= 0; i--) {
    const { literals, length, offset } = sequences[i]!;
    const literalSymbol = rangeOf(LITERAL_RANGES, literals);
    const lengthSymbol = rangeOf(LENGTH_RANGES, length);
    // Three values stand for offsets used before, which are not made use of.
    const offsetSymbol = 31 - Math.clz32(offset + 3);
    offsetState = step(writer, OFFSET_CODE, offsetSymbol, offsetState);
    lengthState = step(writer, LENGTH_CODE, lengthSymbol, lengthState);
    literalState = step(writer, LITERAL_CODE, literalSymbol, literalState);
    writer.write(literals - LITERAL_RANGES.bases[literalSymbol]!, LITERAL_RANGES.bits[literalSymbol]!);
    writer.write(length - LENGTH_RANGES.bases[lengthSymbol]!, LENGTH_RANGES.bits[lengthSymbol]!);
    writer.write(offset + 3 - 2 ** offsetSymbol, offsetSymbol);
  }
  writer.write(lengthState, LENGTH_CODE.log);
  writer.write(offsetState, OFFSET_CODE.log);
  writer.write(literalState, LITERAL_CODE.log);
  return writer.end();
}

/** Writes how the state that follows is reached, and gives the state for `symbol`. The last has none that follows. */
function step(writer: BitWriter, code: StateCode, symbol: number, following: number): number {
  if (following < 0) return code.states[symbol]![0]!;
  const state = code.states[symbol]![following]!;
  writer.write(following - code.bases[state]!, code.bits[state]!);
  return state;
}

class BitWriter {
  #bytes: Uint8Array;
  #filled = 0;
  #bits = 0;
  #count = 0;

  constructor(expected: number) {
    this.#bytes = new Uint8Array(expected);
  }

  /** Adds up to 27 bits, the lowest first. */
  write(value: number, count: number): void {
    if (count > 16) {
      this.write(value & 0xffff, 16);
      this.write(value >>> 16, count - 16);
      return;
    }
    this.#bits |= value << this.#count;
    this.#count += count;
    while (this.#count >= 8) {
      this.#push(this.#bits & 255);
      this.#bits >>>= 8;
      this.#count -= 8;
    }
  }

  /** Marks the end with a one. */
  end(): Uint8Array {
    this.write(1, 1);
    if (this.#count > 0) this.#push(this.#bits);
    return this.#bytes.subarray(0, this.#filled);
  }

  #push(byte: number): void {
    if (this.#filled === this.#bytes.length) {
      const grown = new Uint8Array(this.#bytes.length * 2);
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    this.#bytes[this.#filled++] = byte;
  }
}
