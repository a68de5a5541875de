// Who holds which slot, agreed between threads without a lock. One 32-bit word per slot says it all, every step is one
// atomic operation on one word, and a thread that dies at any point leaves words that can be read and put in order.
//
// Counting is in two levels. A thread counts its own holds of a slot in memory of its own; the shared word only says
// which threads hold it at all. So `retain` and all releases but the last touch nothing that is shared.
//
//        ┌──────── TRANSIT ────────┬─── OWNER ───┬ OWN ┬ MAIN ┐
//        │ 21 bits: handed over,   │ 8 bits: the │  its owner, a worker, holds it
//        │ not yet accepted        │ claimer     │     │ the main thread holds it
//        └─────────────────────────┴─────────────┴─────┴──────┘      0: free
//
//                      claim (main)                         claim (worker t)
//         ┌────────────────────────────── 0 ─────────────────────────────────────┐
//         ▼                               ▲                                      ▼
//       MAIN ──── last release (main) ────┤◄────── last release (t) ────────── t,OWN
//                                         │                                      │ handOver (t): one of its holds
//                                         │                                      ▼
//     t,MAIN[,OWN] ◄── accept (main) ──── │ ───────────────────────── t[,OWN],TRANSIT ≥ 1
//         │                               │        t's message with the slot in it is under way
//         └── last release, nobody else ──┘
//
//   reclaim (main, after thread t has ended and its last message was read): every word of t becomes MAIN where the main
//   thread holds it and 0 where not. So holds of t and holds that it handed over but could not announce any more end
//   there, and what the main thread has accepted lives on.
//
// The main thread lends a slot to a worker by telling it where to read, and keeps its own hold until the worker has
// answered; a worker gives bytes to another worker through the main thread. The main thread outlives all others.
//
// A thread that finds no free slot announces itself, looks once more, and sleeps on SIGNAL. Who frees a slot looks for
// the announcement afterwards: one of the two sees the other. The flag is one for all, and whoever takes it down wakes
// everybody, so a sleeper that is gone leaves nothing behind; `reclaim` wakes everybody as well, for a thread that died
// between taking the flag down and waking.
//
// slot_protocol.test.ts runs this very code through all interleavings of its atomic steps.

import { assert } from '../../std/assert.ts';
import type { AtomicOperations } from '../../std/atomics.ts';

/** What a slot is wanted for: sources may not take the last ones, or nobody could empty the others any more. */
export type Purpose = 'intake' | 'output';

export const MAIN_THREAD = 0;

/** Threads that can take part, the main one included. */
export const THREADS_MAX = 256;

/** Changes with every wake-up; sleepers sleep on it. */
export const SIGNAL = 0;
const WAITING = 1;
const INTAKE_LIMIT = 2;
const SLOTS = 3;
/** The words of the slots begin on a cache line of their own. */
const FIRST = 16;

const LOWEST = 0;
const HIGHEST = 1;

const MAIN = 1;
const OWN = 2;
const OWNER = 4;
const TRANSIT = 1_024;
const TRANSIT_MAX = 2 ** 21 - 1;

/** The shared words for so many slots, all free. */
export function sharedState(slots: number): Int32Array<SharedArrayBuffer> {
  const state = new Int32Array(new SharedArrayBuffer(4 * (FIRST + slots)));
  state[SLOTS] = slots;
  state[INTAKE_LIMIT] = slots;
  return state;
}

/** One thread's side of the protocol. */
export class SlotProtocol {
  readonly state: Int32Array<SharedArrayBuffer>;
  readonly thread: number;
  /** This thread's holds of each slot. */
  readonly holds: Int32Array;
  /** Where to look first: the lowest and the highest slot that this thread believes to be free. */
  readonly hints: Int32Array;
  readonly #atomics: AtomicOperations;
  readonly #slots: number;
  /** What this thread's holding a slot looks like in its word, and the whole word of a slot that it just claimed. */
  readonly #held: number;
  readonly #claimed: number;

  constructor(state: Int32Array<SharedArrayBuffer>, thread: number, atomics: AtomicOperations = Atomics) {
    assert(thread >= 0 && thread < THREADS_MAX, 'threads of an arena are few');
    this.state = state;
    this.thread = thread;
    this.#atomics = atomics;
    this.#slots = state[SLOTS]!;
    this.holds = new Int32Array(this.#slots);
    this.hints = Int32Array.of(0, this.#slots - 1);
    this.#held = thread === MAIN_THREAD ? MAIN : OWN;
    this.#claimed = thread * OWNER + this.#held;
  }

  /**
   * Takes a free slot with one hold; -1 when there is none. Sources take the lowest they can get and all others the
   * highest, so what is in use stays together, and memory that is not needed is never touched.
   */
  claim(purpose: Purpose): number {
    if (purpose === 'output') return this.#claimHigh();
    const limit = this.intakeLimit;
    const first = Math.min(this.hints[LOWEST]!, limit);
    for (let index = first; index < limit; index++) if (this.#take(index)) return this.#took(LOWEST, index, index + 1);
    // Other threads free slots as well.
    for (let index = 0; index < first; index++) if (this.#take(index)) return this.#took(LOWEST, index, index + 1);
    this.hints[LOWEST] = limit;
    return -1;
  }

  #claimHigh(): number {
    // What a worker claims is freed by the main thread, which tells nobody where. A worker that never looked there again
    // would go through all of the memory.
    const first = this.thread === MAIN_THREAD ? this.hints[HIGHEST]! : this.#slots - 1;
    for (let index = first; index >= 0; index--) if (this.#take(index)) return this.#took(HIGHEST, index, index - 1);
    for (let index = this.#slots - 1; index > first; index--)
      if (this.#take(index)) return this.#took(HIGHEST, index, index - 1);
    this.hints[HIGHEST] = -1;
    return -1;
  }

  #take(index: number): boolean {
    if (this.#atomics.load(this.state, FIRST + index) !== 0) return false;
    return this.#atomics.compareExchange(this.state, FIRST + index, 0, this.#claimed) === 0;
  }

  #took(hint: number, index: number, next: number): number {
    assert(this.holds[index] === 0, `slot ${index} of the arena is free and thread ${this.thread} holds it`);
    this.hints[hint] = next;
    this.holds[index] = 1;
    return index;
  }

  retain(index: number): void {
    const before = this.holds[index]!;
    assert(before > 0, `slot ${index} of the arena is retained by thread ${this.thread}, which does not hold it`);
    this.holds[index] = before + 1;
  }

  /** Ends one hold. True when the slot is free now. */
  release(index: number): boolean {
    const left = this.holds[index]! - 1;
    assert(left >= 0, `slot ${index} of the arena is released by thread ${this.thread}, which does not hold it`);
    this.holds[index] = left;
    if (left > 0) return false;
    const word = this.#atomics.sub(this.state, FIRST + index, this.#held) - this.#held;
    if (isHeld(word)) return false;
    if (word !== 0) this.#atomics.store(this.state, FIRST + index, 0);
    if (index < this.hints[LOWEST]!) this.hints[LOWEST] = index;
    if (index > this.hints[HIGHEST]!) this.hints[HIGHEST] = index;
    this.#tell();
    return true;
  }

  /** A worker's first half of giving one of its holds to the main thread. It then says so in a message. */
  handOver(index: number): void {
    assert(this.thread !== MAIN_THREAD, 'slots are handed over to the main thread');
    const left = this.holds[index]! - 1;
    assert(left >= 0, `slot ${index} of the arena is handed over by thread ${this.thread}, which does not hold it`);
    this.holds[index] = left;
    const before = this.#atomics.add(this.state, FIRST + index, left === 0 ? TRANSIT - OWN : TRANSIT);
    assert(before >>> 10 < TRANSIT_MAX, 'slots handed over are accepted');
  }

  /** The other half: the message was read, the hold is the main thread's. */
  accept(index: number, from: number): void {
    assert(this.thread === MAIN_THREAD, 'slots are accepted by the main thread');
    const held = this.holds[index]!;
    const before = this.#atomics.sub(this.state, FIRST + index, held === 0 ? TRANSIT - MAIN : TRANSIT);
    assert(
      before >= TRANSIT && ownerOf(before) === from,
      `slot ${index} of the arena is accepted from thread ${from}, which did not hand it over`,
    );
    this.holds[index] = held + 1;
  }

  /** Ends all holds of a thread that has ended, after its last message was read. Returns how many slots are free now. */
  reclaim(thread: number): number {
    assert(this.thread === MAIN_THREAD && thread !== MAIN_THREAD, 'the main thread outlives all others');
    let freed = 0;
    for (let index = 0; index < this.#slots; index++) {
      const word = this.#atomics.load(this.state, FIRST + index);
      if (word === 0 || ownerOf(word) !== thread) continue;
      const kept = word & MAIN;
      const before = this.#atomics.compareExchange(this.state, FIRST + index, word, kept);
      assert(before === word, `slot ${index} of the arena changes, although thread ${thread} has ended`);
      if (kept === 0) freed += 1;
    }
    this.#wake();
    return freed;
  }

  /** Before sleeping on `SIGNAL`: the value to sleep on, or -1 when a slot is free after all. */
  announce(purpose: Purpose): number {
    const signal = this.#atomics.load(this.state, SIGNAL);
    this.#atomics.store(this.state, WAITING, 1);
    return this.hasFree(purpose) ? -1 : signal;
  }

  hasFree(purpose: Purpose): boolean {
    const limit = purpose === 'intake' ? this.intakeLimit : this.#slots;
    for (let index = 0; index < limit; index++) if (this.#atomics.load(this.state, FIRST + index) === 0) return true;
    return false;
  }

  /** Slots of these numbers and below may be claimed for intake. */
  get intakeLimit(): number {
    return this.#atomics.load(this.state, INTAKE_LIMIT);
  }

  limitIntake(slots: number): void {
    this.#atomics.store(this.state, INTAKE_LIMIT, slots);
    this.#wake();
  }

  /** Whether this thread has the only hold of it, so that nobody else can be looking at it. */
  isLastHold(index: number): boolean {
    const others = this.#atomics.load(this.state, FIRST + index) - this.#held;
    return this.holds[index] === 1 && !isHeld(others);
  }

  /** Whether any thread holds it, or it is on its way to the main thread. */
  isHeld(index: number): boolean {
    return this.#atomics.load(this.state, FIRST + index) !== 0;
  }

  /** The thread that claimed a slot which is held. */
  ownerOf(index: number): number {
    return ownerOf(this.#atomics.load(this.state, FIRST + index));
  }

  /** After a slot was freed. */
  #tell(): void {
    if (this.#atomics.load(this.state, WAITING) === 0) return;
    this.#wake();
  }

  /** The flag first: who raises it again after this has read the old signal or sees the slot. */
  #wake(): void {
    this.#atomics.store(this.state, WAITING, 0);
    this.#atomics.add(this.state, SIGNAL, 1);
    this.#atomics.notify(this.state, SIGNAL);
  }
}

/** Whether anybody holds it, or will. */
function isHeld(word: number): boolean {
  return (word & (MAIN | OWN)) !== 0 || word >= TRANSIT;
}

function ownerOf(word: number): number {
  return (word >>> 2) & 255;
}
