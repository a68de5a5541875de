// What counters, gauges and histograms are made of: 64-bit words of shared memory.
//
//   counter    [ count ]
//   gauge      [ value ]
//   histogram  [ sum | count of bucket 0 | … | count of bucket 25 ]
//
// A cell has these words twice. Its own ones belong to the thread that made the storage, which alone reads cells: nobody
// else looks at them, so they are plain numbers, and a record is an addition of a nanosecond. The others are those of all
// other threads, each read and written by one atomic operation. What a counter or histogram has is both added up, exact
// at every reading; a gauge has its value in the one or, once other threads were let in, in the other.
//
// Since a value is one word, nobody can read half of it, and a count never goes back. The words of others are a
// BigInt64Array because V8 compiles its atomic operations to single instructions: adding costs 10 ns, against 8.6 ns in two
// 32-bit words with a carry between them, which takes a protocol to read and loses 2^32 with a thread that ends in the
// middle. A sum is changed by compare-and-exchange of its bits, 19 ns; a lock around plain words costs 22 ns and is never
// given back by a thread that ends with it. A histogram's count is that of its buckets together, so it needs no word and
// always agrees with them.

import { BUCKETS, bucketOf } from './buckets.ts';
import type { HistogramReading } from './storage.ts';

/** Words of the thread that made the storage. */
export type OwnWords = Float64Array<SharedArrayBuffer>;

/** Words of all other threads. */
export type CellWords = BigInt64Array<SharedArrayBuffer>;

/** The atomic operations on words of others: `Atomics`, but for tests that look at every order of them. */
export interface CellOperations {
  load(words: CellWords, index: number): bigint;
  store(words: CellWords, index: number, value: bigint): bigint;
  add(words: CellWords, index: number, value: bigint): bigint;
  compareExchange(words: CellWords, index: number, expected: bigint, value: bigint): bigint;
}

export const WORD_BYTES = BigInt64Array.BYTES_PER_ELEMENT;
export const SCALAR_WORDS = 1;
export const HISTOGRAM_WORDS = 1 + BUCKETS;

const float = new Float64Array(1);
const bits = new BigInt64Array(float.buffer);

/** Adds a whole number above 0 that is exact; another number is rounded, or nothing where that makes no sense. */
export function addCount(atomics: CellOperations, words: CellWords, at: number, count: number): void {
  if (count >>> 0 === count) atomics.add(words, at, BigInt(count));
  else if (count > 0 && count <= Number.MAX_SAFE_INTEGER) atomics.add(words, at, BigInt(Math.round(count)));
}

export function readCount(atomics: CellOperations, words: CellWords, at: number): number {
  return Number(atomics.load(words, at));
}

export function setFloat(atomics: CellOperations, words: CellWords, at: number, value: number): void {
  if (Number.isNaN(value)) return;
  float[0] = value;
  atomics.store(words, at, bits[0]!);
}

export function addFloat(atomics: CellOperations, words: CellWords, at: number, change: number): void {
  // One number that is none would make the sum useless for good, and so would infinity.
  if (!Number.isFinite(change)) return;
  for (;;) {
    const before = atomics.load(words, at);
    bits[0] = before;
    float[0]! += change;
    // Another thread was faster when this fails: it got on, and this one tries again.
    if (atomics.compareExchange(words, at, before, bits[0]) === before) return;
  }
}

export function readFloat(atomics: CellOperations, words: CellWords, at: number): number {
  bits[0] = atomics.load(words, at);
  return float[0]!;
}

/** The sum first: a reader that goes the other way has no bucket whose value is missing in the sum. */
export function record(atomics: CellOperations, words: CellWords, at: number, value: number): void {
  if (!Number.isFinite(value)) return;
  addFloat(atomics, words, at, value);
  atomics.add(words, at + 1 + bucketOf(value), 1n);
}

/** What was recorded completely before, and of what is being recorded a part. */
export function readHistogram(atomics: CellOperations, words: CellWords, at: number): HistogramReading {
  const buckets = new Array<number>(BUCKETS);
  let count = 0;
  for (let index = 0; index < BUCKETS; index++) {
    buckets[index] = Number(atomics.load(words, at + 1 + index));
    count += buckets[index]!;
  }
  return { count, sum: readFloat(atomics, words, at), buckets };
}

/** Sets every word to 0, which is the count, the value and the sum of nothing. */
export function clear(atomics: CellOperations, words: CellWords, at: number, length: number): void {
  for (let index = at; index < at + length; index++) atomics.store(words, index, 0n);
}

/** What `addCount` is in words of one's own. */
export function addOwnCount(words: OwnWords, at: number, count: number): void {
  if (count >>> 0 === count) words[at]! += count;
  else if (count > 0 && count <= Number.MAX_SAFE_INTEGER) words[at]! += Math.round(count);
}

export function recordOwn(words: OwnWords, at: number, value: number): void {
  if (!Number.isFinite(value)) return;
  words[at]! += value;
  words[at + 1 + bucketOf(value)]! += 1;
}

export function readOwnHistogram(words: OwnWords, at: number): HistogramReading {
  const buckets = Array.from(words.subarray(at + 1, at + HISTOGRAM_WORDS));
  return { count: buckets.reduce((sum, bucket) => sum + bucket, 0), sum: words[at]!, buckets };
}

/** What two have recorded together. */
export function bothOf(a: HistogramReading, b: HistogramReading): HistogramReading {
  return {
    count: a.count + b.count,
    sum: a.sum + b.sum,
    buckets: a.buckets.map((count, bucket) => count + b.buckets[bucket]!),
  };
}
