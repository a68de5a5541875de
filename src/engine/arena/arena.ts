// Bytes in flight live in the slots of one arena and nowhere else. When no slot is free, sources stop reading: that is
// the backpressure, and the bound.
//
//   free list ──claim()──► holders = 1 ──retain()──► n ──release() × n──► 0 ──► free list, waiters are told
//
// The memory is one shared WebAssembly.Memory, so that kernels and worker threads see the same bytes without a copy;
// holders are counted with atomics for the same reason. The free list belongs to the thread that owns the arena.

import type { ByteHold } from '../../event/batch.ts';
import { assert } from '../../std/assert.ts';

/** Size of a slot. Large enough for few system calls per GB, small enough that many streams can each hold one. */
export const SLOT_BYTES = 262_144;

const WASM_PAGE_BYTES = 65_536;

/** A slot while somebody holds it. */
export class Slot implements ByteHold {
  readonly bytes: Buffer;
  readonly index: number;
  readonly #arena: Arena;

  constructor(arena: Arena, index: number, bytes: Buffer) {
    this.#arena = arena;
    this.index = index;
    this.bytes = bytes;
  }

  retain(): void {
    this.#arena.retain(this.index);
  }

  release(): void {
    this.#arena.release(this.index);
  }
}

export class Arena {
  readonly slotCount: number;
  readonly #slots: Slot[];
  readonly #free: number[];
  readonly #holders: Int32Array;
  readonly #waiting: (() => void)[] = [];

  /** Allocates `slotCount` slots at once; nothing is allocated later. */
  constructor(slotCount: number) {
    assert(slotCount > 0, 'an arena has at least one slot');
    this.slotCount = slotCount;
    const pages = (slotCount * SLOT_BYTES) / WASM_PAGE_BYTES;
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    this.#holders = new Int32Array(new SharedArrayBuffer(4 * slotCount));
    this.#slots = Array.from(
      { length: slotCount },
      (_, index) => new Slot(this, index, Buffer.from(memory.buffer, index * SLOT_BYTES, SLOT_BYTES)),
    );
    this.#free = Array.from({ length: slotCount }, (_, index) => slotCount - 1 - index);
  }

  /** A free slot with one holder, or undefined when there is none: then wait for `available()` and ask again. */
  claim(): Slot | undefined {
    const index = this.#free.pop();
    if (index === undefined) return undefined;
    const before = Atomics.compareExchange(this.#holders, index, 0, 1);
    assert(before === 0, `slot ${index} of the arena is free and has ${before} holders`);
    return this.#slots[index]!;
  }

  /** Resolves when a slot is free. Another waiter may take it first. */
  available(): Promise<void> {
    if (this.#free.length > 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  retain(index: number): void {
    const before = Atomics.add(this.#holders, index, 1);
    assert(before > 0, `slot ${index} of the arena is retained after its last release`);
  }

  release(index: number): void {
    const before = Atomics.sub(this.#holders, index, 1);
    assert(before > 0, `slot ${index} of the arena is released more often than it was retained`);
    if (before > 1) return;
    this.#free.push(index);
    // All of them: a waiter that does not want it any more must not be the only one to hear of it.
    if (this.#waiting.length > 0) for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** Slots that nobody holds. */
  get freeSlots(): number {
    return this.#free.length;
  }

  /** Bytes the arena takes, whether in use or not. */
  get sizeBytes(): number {
    return this.slotCount * SLOT_BYTES;
  }
}
