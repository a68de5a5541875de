// When a slot that was given back may be somebody else's. The threads that write to cells cannot be asked before each
// write whether they still may, so:
//
//   the owner gives a slot back       the writer in another thread
//   ───────────────────────────       ────────────────────────────
//   1. generation of the slot + 1     a. is the generation the one that I was given?  else: nothing is written
//   2. epoch + 1                      b. writes
//   3. the slot waits, with the       c. between two writes, now and then: notes the epoch, which says that
//      new epoch                         it is not between a and b
//   4. every writer noted that
//      epoch or a later one:
//      the slot is cleared and free
//
// A writer that comes between 1 and 4 writes into a slot that nobody reads any more. One that never notes an epoch keeps
// slots from being used again, and costs no more than those. `slot_reuse.test.ts` goes through every order of the steps.

export type ReuseWords = Int32Array<SharedArrayBuffer>;

/** The atomic operations on words of generations and epochs: `Atomics`, but for tests. */
export interface ReuseOperations {
  load(words: ReuseWords, index: number): number;
  store(words: ReuseWords, index: number, value: number): number;
  add(words: ReuseWords, index: number, value: number): number;
}

/** Other threads that write at the same time. */
export const WRITERS_MAX = 255;

const EPOCH = 0;
export const WRITERS = 1;
export const GENERATIONS = WRITERS + WRITERS_MAX;

export const reuseWords = (slots: number): number => GENERATIONS + slots;

interface Waiting {
  readonly slot: number;
  /** What every writer has to have noted. */
  readonly epoch: number;
}

/** The thread that hands slots out and takes them back. */
export class SlotOwner {
  /** Slots given back, the longest first. */
  readonly waiting: Waiting[] = [];
  /** Writers that are there. */
  readonly writers: number[] = [];
  readonly #words: ReuseWords;
  readonly #atomics: ReuseOperations;

  constructor(words: ReuseWords, atomics: ReuseOperations = Atomics) {
    this.#words = words;
    this.#atomics = atomics;
  }

  /** What a writer of this slot has to know. */
  generation(slot: number): number {
    return this.#atomics.load(this.#words, GENERATIONS + slot);
  }

  /** Lets another thread write, from before it does so; undefined when there are too many. */
  admit(): number | undefined {
    for (let writer = 0; writer < WRITERS_MAX; writer++) {
      if (this.writers.includes(writer)) continue;
      this.writers.push(writer);
      noteEpoch(this.#atomics, this.#words, writer);
      return writer;
    }
    return undefined;
  }

  /** A thread has ended, or will not write again. */
  dismiss(writer: number): void {
    const index = this.writers.indexOf(writer);
    if (index >= 0) this.writers.splice(index, 1);
  }

  /** Steps 1 to 3. */
  retire(slot: number): void {
    this.#atomics.add(this.#words, GENERATIONS + slot, 1);
    const epoch = this.#atomics.add(this.#words, EPOCH, 1) + 1;
    this.waiting.push({ slot, epoch });
  }

  /** Step 4: the slots that nobody can write to any more. */
  reclaim(): number[] {
    const noted = this.writers.map((writer) => this.#atomics.load(this.#words, WRITERS + writer));
    const isPassed = ({ epoch }: Waiting): boolean => noted.every((one) => one >= epoch);
    const free: number[] = [];
    while (this.waiting.length > 0 && isPassed(this.waiting[0]!)) free.push(this.waiting.shift()!.slot);
    return free;
  }
}

/** Step a. */
export function isCurrent(atomics: ReuseOperations, words: ReuseWords, slot: number, generation: number): boolean {
  return atomics.load(words, GENERATIONS + slot) === generation;
}

/** Step c. */
export function noteEpoch(atomics: ReuseOperations, words: ReuseWords, writer: number): void {
  atomics.store(words, WRITERS + writer, atomics.load(words, EPOCH));
}
