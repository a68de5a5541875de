// Where one source reads its bytes to: region after region of a slot, and the next slot when the current one is full.
// Batches already cut from the slot may still be in flight while its rest is being filled.

import { assert } from '../../std/assert.ts';
import type { Kernels } from '../kernels/kernels.ts';
import { type Arena, SLOT_BYTES, type Slot } from './arena.ts';

/** A region that the caller alone may write until it says how much of it it used. */
export interface Region {
  readonly slot: Slot;
  readonly start: number;
  readonly end: number;
}

export class Intake {
  readonly #arena: Arena;
  readonly #who: string | undefined;
  #slot: Slot | undefined;
  #position = 0;
  #reserved = false;

  /** `who` is the component that is named when slots run short. */
  constructor(arena: Arena, who?: string) {
    this.#arena = arena;
    this.#who = who;
  }

  /**
   * The rest of the current slot when it holds at least `minBytes`, else a fresh slot.
   * Undefined when the arena has no free slot: wait for `available()` and ask again.
   * Must be answered by `commit` before the next `reserve`.
   */
  reserve(minBytes: number): Region | undefined {
    assert(!this.#reserved, 'an intake is reserved twice');
    assert(minBytes <= SLOT_BYTES, 'a region is never larger than a slot');
    if (this.#slot && SLOT_BYTES - this.#position < minBytes) this.close();
    if (!this.#slot) {
      this.#slot = this.#arena.claim('intake', this.#who);
      this.#position = 0;
      if (!this.#slot) return undefined;
    }
    this.#reserved = true;
    return { slot: this.#slot, start: this.#position, end: SLOT_BYTES };
  }

  /** Ends a reservation: the first `usedBytes` of the region are taken. */
  commit(usedBytes: number): void {
    assert(this.#reserved && this.#position + usedBytes <= SLOT_BYTES, 'an intake takes what was reserved');
    this.#reserved = false;
    this.#position += usedBytes;
  }

  /** The kernels that see what is read. */
  get kernels(): Kernels {
    return this.#arena.kernels;
  }

  /** Resolves when a slot is free. */
  available(): Promise<void> {
    return this.#arena.available('intake');
  }

  /** Lets the current slot go; batches cut from it live on. */
  close(): void {
    this.#slot?.release();
    this.#slot = undefined;
    this.#reserved = false;
  }
}
