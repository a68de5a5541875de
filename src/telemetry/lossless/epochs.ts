// Says when a block that was taken out of its list may be used again: when every thread that might have found it there
// has gone. Threads say when they look at blocks by being pinned; nobody waits for anybody.
//
//   pin         write the epoch at one's seat, and look whether it is still that
//   advance     when every pinned participant is pinned in this epoch, the next one begins
//   retire      a block that is in no list any more becomes garbage of the epoch that is
//   collect     pinned in epoch e, free the garbage of e - 2
//
// Whoever is pinned in e keeps the epoch from going beyond e + 1. So a block that was retired in r, after whoever could
// see it was pinned in r or before, is garbage of an epoch that nobody is pinned in when r + 2 has come. There are four
// lists of garbage, used in turn: while somebody collects that of e - 2, what others retire is of e - 1, e or e + 1.
//
// A participant that stays pinned stops all this: garbage piles up until the memory is full.

import { assert } from '../../std/assert.ts';
import { allocate, free } from './allocator.ts';
import { blockAt, EPOCH, GARBAGE, LINK, NONE, pinAt, seatAt } from './layout.ts';
import type { View } from './shared_memory.ts';

/** Epochs count around. What a seat holds is one more than twice the epoch, or 0. */
const EPOCH_MASK = 2 ** 30 - 1;
const LISTS = 4;

export class Participant {
  readonly view: View;
  readonly seat: number;
  #depth = 0;
  /** The epoch it is pinned in. */
  #epoch = 0;

  constructor(view: View, seat: number) {
    this.view = view;
    this.seat = seat;
  }

  /** Blocks found from now on stay what they are until `unpin`. May be nested. */
  pin(): void {
    this.#depth += 1;
    if (this.#depth > 1) return;
    const { words, atomics } = this.view;
    for (;;) {
      const epoch = atomics.load(words, EPOCH);
      atomics.store(words, pinAt(this.seat), (epoch << 1) | 1);
      // Epochs that went by before the seat was written were not kept by it.
      if (atomics.load(words, EPOCH) !== epoch) continue;
      this.#epoch = epoch;
      return;
    }
  }

  unpin(): void {
    assert(this.#depth > 0, 'nobody is unpinned who was not pinned');
    this.#depth -= 1;
    if (this.#depth === 0) this.view.atomics.store(this.view.words, pinAt(this.seat), 0);
  }

  get isPinned(): boolean {
    return this.#depth > 0;
  }

  /** A block, of those that are free by now too. Only while pinned. `NONE` when the memory is full. */
  allocate(): number {
    assert(this.#depth > 0, 'blocks are taken while pinned');
    this.collect();
    return allocate(this.view);
  }

  /** Only while pinned, after the block has gone out of its list. */
  retire(block: number): void {
    const { words, atomics, layout } = this.view;
    // Not the epoch that this one is pinned in: others may be in a later one and have found the block as well.
    const list = GARBAGE + (atomics.load(words, EPOCH) % LISTS);
    for (;;) {
      const first = atomics.load(words, list);
      atomics.store(words, blockAt(layout, block) + LINK, first);
      if (atomics.compareExchange(words, list, first, block) === first) return;
    }
  }

  /** Begins the next epoch when everybody has arrived in this one. */
  advance(): void {
    const { words, atomics, layout } = this.view;
    const epoch = atomics.load(words, EPOCH);
    for (let seat = 0; seat < layout.participants; seat++) {
      const pin = atomics.load(words, pinAt(seat));
      if (pin !== 0 && pin !== ((epoch << 1) | 1)) return;
    }
    atomics.compareExchange(words, EPOCH, epoch, (epoch + 1) & EPOCH_MASK);
  }

  /** Frees what nobody can see any more. Only while pinned. */
  collect(): void {
    const { words, atomics, layout } = this.view;
    const list = GARBAGE + ((this.#epoch + 2) % LISTS);
    let block = atomics.load(words, list);
    if (block === NONE) return;
    for (;;) {
      const first = atomics.compareExchange(words, list, block, NONE);
      if (first === block) break;
      block = first;
      if (block === NONE) return;
    }
    while (block !== NONE) {
      const next = atomics.load(words, blockAt(layout, block) + LINK);
      free(this.view, block);
      block = next;
    }
  }

  /** What it knows between calls, for tests that take it back. */
  get memory(): readonly [number, number] {
    return [this.#depth, this.#epoch];
  }

  set memory([depth, epoch]: readonly [number, number]) {
    this.#depth = depth;
    this.#epoch = epoch;
  }
}

/** Takes a seat. Undefined when all of them are taken. */
export function join(view: View): Participant | undefined {
  const { words, atomics, layout } = view;
  for (let seat = 0; seat < layout.participants; seat++)
    if (atomics.compareExchange(words, seatAt(seat), 0, 1) === 0) return new Participant(view, seat);
  return undefined;
}

/** Gives a seat back: by its participant, or for one whose thread has died, wherever it was. */
export function leave({ words, atomics }: View, seat: number): void {
  atomics.store(words, pinAt(seat), 0);
  atomics.store(words, seatAt(seat), 0);
}
