// Keeps every sample, in a linked list of blocks; any thread pushes and reads, none waits for another.
//
//   bucket ──► newest block ──► block before ──► … ──► NONE
//
// push: a slot is claimed by raising the write index, filled, and shown by its bit in the bitmap. Who finds the block
// full puts a new one, with the sample in it, in front of it.
//
// readWithClear: takes the whole list, and raises each write index beyond the end, so that who still comes to push into
// one of its blocks finds it full and goes to the new list. Slots that were claimed but are not shown yet are left for
// the next call: the block is kept by the reader, which is the only one to hand its samples out, and retired when all of
// them are out. A writer that died between the two leaves one block behind, and nothing else.

import type { Participant } from './epochs.ts';
import { BEFORE, BITMAP, BLOCK_HEAD, blockAt, CLOSED, LOST, NONE, WRITE } from './layout.ts';
import type { View } from './shared_memory.ts';

/** Bits in a word of the bitmap. */
const BITS = 32;

/** Adds a sample. False when it is lost: there is no memory, or the bucket is closed. Lost ones are counted. */
export function push(thread: Participant, bucket: number, value: number): boolean {
  const { view } = thread;
  const { words, atomics } = view;
  let block = NONE;
  let isKept = false;
  thread.pin();
  for (;;) {
    const newest = atomics.load(words, bucket);
    if (newest === CLOSED) break;
    isKept = newest !== NONE && pushInto(view, newest, value);
    if (isKept) break;
    // Full. Who is faster with a new block makes room for the others too.
    if (block === NONE) block = thread.allocate();
    if (block === NONE) break;
    fill(view, block, newest, value);
    isKept = atomics.compareExchange(words, bucket, newest, block) === newest;
    if (!isKept) continue;
    block = NONE;
    break;
  }
  if (!isKept) countLost(view);
  // Nobody else knows it, but only epochs free blocks.
  if (block !== NONE) thread.retire(block);
  thread.unpin();
  if (block !== NONE) thread.advance();
  return isKept;
}

function pushInto(view: View, block: number, value: number): boolean {
  const { words, atomics, samples, layout } = view;
  const at = blockAt(layout, block);
  // Looked at first, so that a full block's index is not raised for ever when there is no memory for another one.
  if (atomics.load(words, at + WRITE) >= layout.blockSamples) return false;
  const slot = atomics.add(words, at + WRITE, 1);
  if (slot >= layout.blockSamples) return false;
  samples.write(at + BLOCK_HEAD + 2 * slot, value);
  atomics.add(words, at + BITMAP + (slot >> 5), 1 << (slot % BITS));
  return true;
}

/** Makes a block of one sample. */
function fill({ words, atomics, samples, layout }: View, block: number, before: number, value: number): void {
  const at = blockAt(layout, block);
  samples.write(at + BLOCK_HEAD, value);
  atomics.store(words, at + WRITE, 1);
  atomics.store(words, at + BITMAP, 1);
  if (layout.blockSamples > BITS) atomics.store(words, at + BITMAP + 1, 0);
  atomics.store(words, at + BEFORE, before);
}

function countLost({ words, atomics }: View): void {
  // -1 is the highest number of the low word.
  if (atomics.add(words, LOST, 1) === -1) atomics.add(words, LOST + 1, 1);
}

/** Shows every sample and leaves it where it is. Those being pushed meanwhile may be there or not. */
export function read(thread: Participant, bucket: number, visit: (value: number) => void): void {
  const { view } = thread;
  const { words, atomics, layout } = view;
  thread.pin();
  let block = atomics.load(words, bucket);
  while (block > NONE) {
    const at = blockAt(layout, block);
    for (let word = 0; word * BITS < layout.blockSamples; word++)
      visitBits(view, at, word, atomics.load(words, at + BITMAP + word), visit);
    block = atomics.load(words, at + BEFORE);
  }
  thread.unpin();
}

function visitBits({ samples }: View, at: number, word: number, bits: number, visit: (value: number) => void): void {
  for (let rest = bits; rest !== 0; rest &= rest - 1) {
    const slot = word * BITS + (31 - Math.clz32(rest & -rest));
    visit(samples.read(at + BLOCK_HEAD + 2 * slot));
  }
}

/** A block of a list that was taken, with claimed slots that were not shown yet. */
interface Unfinished {
  readonly block: number;
  /** Slots that were claimed. */
  readonly claimed: number;
  /** Bits of samples that were handed out. */
  readonly out: number[];
}

/** Takes samples out of a bucket: each of them once, whoever else reads with clear. */
export class ClearingReader {
  readonly #thread: Participant;
  readonly #bucket: number;
  #unfinished: Unfinished[] = [];

  constructor(thread: Participant, bucket: number) {
    this.#thread = thread;
    this.#bucket = bucket;
  }

  /** Hands out every sample that was shown before this began, and takes them away. */
  readWithClear(visit: (value: number) => void): void {
    const thread = this.#thread;
    thread.pin();
    this.#drain(take(thread.view, this.#bucket, NONE), visit);
    thread.unpin();
    this.#tidy();
  }

  /** The same for the last time: from now on the bucket takes nothing. */
  close(visit: (value: number) => void): void {
    const thread = this.#thread;
    thread.pin();
    this.#drain(take(thread.view, this.#bucket, CLOSED), visit);
    thread.unpin();
    this.#tidy();
  }

  /** Blocks that wait for their writers. */
  get unfinished(): readonly Unfinished[] {
    return this.#unfinished;
  }

  set unfinished(blocks: readonly Unfinished[]) {
    this.#unfinished = [...blocks];
  }

  #drain(newest: number, visit: (value: number) => void): void {
    const { words, atomics, layout } = this.#thread.view;
    const taken = this.#unfinished.map((one) => ({ ...one, out: [...one.out] }));
    for (let block = newest; block > NONE; ) {
      const at = blockAt(layout, block);
      const claimed = Math.min(atomics.add(words, at + WRITE, layout.blockSamples), layout.blockSamples);
      taken.push({ block, claimed, out: [0, 0] });
      block = atomics.load(words, at + BEFORE);
    }
    this.#unfinished = taken.filter((one) => !this.#finish(one, visit));
  }

  /** Hands out what is new of a block, and retires it when that was all. */
  #finish({ block, claimed, out }: Unfinished, visit: (value: number) => void): boolean {
    const { view } = this.#thread;
    const at = blockAt(view.layout, block);
    let isWhole = true;
    for (let word = 0; word * BITS < claimed; word++) {
      const shown = view.atomics.load(view.words, at + BITMAP + word);
      visitBits(view, at, word, shown & ~out[word]!, visit);
      out[word] = shown;
      if (shown !== firstBits(claimed - word * BITS)) isWhole = false;
    }
    if (isWhole) this.#thread.retire(block);
    return isWhole;
  }

  /** Brings the epoch on, and frees what that has made free, without being pinned in an old one. */
  #tidy(): void {
    this.#thread.advance();
    this.#thread.pin();
    this.#thread.collect();
    this.#thread.unpin();
  }
}

/** Puts `instead` in the place of the list. */
function take({ words, atomics }: View, bucket: number, instead: number): number {
  for (let newest = atomics.load(words, bucket); ; ) {
    if (newest === CLOSED) return NONE;
    const found = atomics.compareExchange(words, bucket, newest, instead);
    if (found === newest) return newest;
    newest = found;
  }
}

function firstBits(count: number): number {
  // As a signed word: 31 of them would be out of its range.
  return count >= BITS ? -1 : ((1 << count) - 1) | 0;
}
