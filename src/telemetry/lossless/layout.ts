// Where things lie in the shared memory of the lossless storage. Everything is made of 32-bit words; samples are doubles
// over the same memory.
//
//   word 0     epoch
//        1     free blocks: tag and first block, see allocator.ts
//        2     blocks that were ever used
//        3, 4  samples that found no room: low and high word
//        5     buckets given out
//        8–11  garbage of four epochs in turn: first block, 0 for none
//        16    seats of participants, two words each: taken?, pinned in which epoch?
//        …     buckets, one word each: their newest block
//        …     blocks
//
//   block:  write index │ read bitmap (2 words) │ block before │ link among garbage or free ones │ 3 unused │ samples
//
// Blocks are numbered from 1, so that 0 is none.

/** Samples in a block. */
export const BLOCK_SAMPLES = 64;

/** Words before the samples of a block. */
export const BLOCK_HEAD = 8;

export const WRITE = 0;
export const BITMAP = 1;
export const BEFORE = 3;
export const LINK = 4;

export const NONE = 0;

/** The word of a bucket that takes nothing any more. */
export const CLOSED = -1;

export const EPOCH = 0;
export const FREE = 1;
export const USED = 2;
export const LOST = 3;
export const BUCKETS = 5;
export const GARBAGE = 8;
const SEATS = 16;

/** Sizes of one memory; a test has smaller ones. */
export interface Sizes {
  readonly blockSamples: number;
  readonly participants: number;
  readonly buckets: number;
  readonly blocks: number;
}

export interface Layout extends Sizes {
  /** Words of a block. */
  readonly blockWords: number;
  /** Where the blocks begin, in words. */
  readonly firstBlock: number;
  readonly firstBucket: number;
}

export function layoutOf(sizes: Sizes): Layout {
  const firstBucket = SEATS + 2 * sizes.participants;
  // Samples are doubles: they begin at even words, as heads have an even number of them.
  const firstBlock = firstBucket + sizes.buckets + ((firstBucket + sizes.buckets) % 2);
  return { ...sizes, firstBucket, firstBlock, blockWords: BLOCK_HEAD + 2 * sizes.blockSamples };
}

/** Where a block begins, in words. */
export function blockAt({ firstBlock, blockWords }: Layout, block: number): number {
  return firstBlock + (block - 1) * blockWords;
}

/** Words of the memory when so many blocks are in it. */
export function wordsFor(layout: Layout, blocks: number): number {
  return blockAt(layout, blocks + 1);
}

/** Whether the seat is taken. */
export function seatAt(participant: number): number {
  return SEATS + 2 * participant;
}

/** The epoch that a participant is pinned in. */
export function pinAt(participant: number): number {
  return SEATS + 2 * participant + 1;
}
