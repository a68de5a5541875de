// Three ways to remember which values a tag has had.

import { own } from '../../event/value.ts';

export interface ValueSet {
  /** How many different values were added, as far as it can tell. */
  readonly size: number;
  has(value: string): boolean;
  /** Adds a value that it does not have. */
  add(value: string): void;
  /** The bytes that it grows by with a value. */
  growthOf(value: string): number;
}

const TEXT_BYTES = 56;
const NUMBER_BYTES = 48;

export class ExactValues implements ValueSet {
  readonly #values = new Set<string>();

  get size(): number {
    return this.#values.size;
  }

  has(value: string): boolean {
    return this.#values.has(value);
  }

  add(value: string): void {
    this.#values.add(own(value));
  }

  growthOf(value: string): number {
    return TEXT_BYTES + value.length;
  }
}

/** Remembers hashes of 53 bits: of 500 values two have the same once in 10^11 times. */
export class FingerprintValues implements ValueSet {
  readonly #hashes = new Set<number>();

  get size(): number {
    return this.#hashes.size;
  }

  has(value: string): boolean {
    return this.#hashes.has(fingerprint(value));
  }

  add(value: string): void {
    this.#hashes.add(fingerprint(value));
  }

  growthOf(): number {
    return NUMBER_BYTES;
  }
}

const PROBES_MAX = 12;

/** A Bloom filter, with as many probes as are best for the number of values that it is to hold. */
export class BloomValues implements ValueSet {
  readonly #words: Uint32Array;
  readonly #probes: number;
  #size = 0;

  constructor(sizeBytes: number, valuesMax: number) {
    this.#words = new Uint32Array(Math.ceil(sizeBytes / 4));
    const bits = this.#words.length * 32;
    this.#probes = Math.min(PROBES_MAX, Math.max(1, Math.round((bits / valuesMax) * Math.LN2)));
  }

  get size(): number {
    return this.#size;
  }

  has(value: string): boolean {
    for (const bit of this.#bits(value)) if ((this.#words[bit >>> 5]! & (1 << (bit & 31))) === 0) return false;
    return true;
  }

  add(value: string): void {
    for (const bit of this.#bits(value)) this.#words[bit >>> 5]! |= 1 << (bit & 31);
    this.#size += 1;
  }

  growthOf(): number {
    return 0;
  }

  #bits(value: string): number[] {
    const one = hash32(value, SEED_ONE);
    // An odd step leads through all of a power of two, and is never 0.
    const step = hash32(value, SEED_TWO) | 1;
    const bits: number[] = [];
    for (let probe = 0; probe < this.#probes; probe++)
      bits.push(((one + Math.imul(probe, step)) >>> 0) % (this.#words.length * 32));
    return bits;
  }
}

const SEED_ONE = 0x811c9dc5;
const SEED_TWO = 0x3c6ef372;

function fingerprint(value: string): number {
  return hash32(value, SEED_ONE) * 2 ** 21 + (hash32(value, SEED_TWO) >>> 11);
}

/** FNV-1a over UTF-16 units, and the finisher of MurmurHash3, which spreads what FNV leaves in the low bits. */
function hash32(text: string, seed: number): number {
  let hash = seed;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
