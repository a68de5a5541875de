// Bytes in flight live in the slots of one arena and nowhere else. When no slot is free, sources stop reading: that is
// the backpressure, and the bound.
//
//   claim() ──► one hold ──retain()──► n holds ──release() × n──► free, whoever waits is told
//
// The memory is one shared WebAssembly.Memory (memory_map.ts), so that kernels and worker threads see the same bytes
// without a copy. Every thread has an Arena of its own over it; slot_protocol.ts says how they agree.

import type { ByteHold } from '../../event/batch.ts';
import { assert } from '../../std/assert.ts';
import { instantiate, type Kernels, kernelModule } from '../kernels/kernels.ts';
import {
  allocateMemory,
  type MemoryMap,
  type MemoryRange,
  SLOT_BYTES,
  scratchRange,
  slotOffset,
} from './memory_map.ts';
import { FREED_BYTE, type SlotHeld, SlotHistory } from './slot_history.ts';
import { MAIN_THREAD, type Purpose, SIGNAL, SlotProtocol, sharedState } from './slot_protocol.ts';

export { SLOT_BYTES } from './memory_map.ts';
export type { SlotHeld } from './slot_history.ts';
export { MAIN_THREAD, type Purpose, THREADS_MAX } from './slot_protocol.ts';

export interface ArenaOptions {
  readonly slots: number;
  /** Threads that will see it, the main one included. */
  readonly threads?: number;
  /** Slots that sources may not take, so that there is always room for what becomes of what they took. */
  readonly reserve?: number;
  /** Keeps who claimed, retained and released each slot, and from where. Slow. */
  readonly debug?: boolean;
}

/** What another thread needs to see the same arena; goes through `postMessage`. */
export interface ArenaHandle extends Required<ArenaOptions> {
  readonly memory: WebAssembly.Memory;
  readonly state: Int32Array<SharedArrayBuffer>;
  /** The compiled kernels. */
  readonly module: WebAssembly.Module;
}

/** A slot while somebody holds it. `who` is kept in debug mode only; the place of the call is kept with it. */
export class Slot implements ByteHold {
  readonly bytes: Buffer;
  readonly index: number;
  /** Where its bytes are in the memory, for kernels. */
  readonly offset: number;
  readonly #arena: Arena;

  constructor(arena: Arena, index: number, offset: number) {
    this.#arena = arena;
    this.index = index;
    this.offset = offset;
    this.bytes = Buffer.from(arena.memory.buffer, offset, SLOT_BYTES);
  }

  retain(who?: string): void {
    this.#arena.retain(this.index, who);
  }

  release(who?: string): void {
    this.#arena.release(this.index, who);
  }
}

export class Arena {
  readonly memory: WebAssembly.Memory;
  readonly slotCount: number;
  /** Threads that may see it, the main one included. */
  readonly threads: number;
  /** This thread; the main one is 0. */
  readonly thread: number;
  readonly #map: MemoryMap;
  readonly #reserve: number;
  readonly #protocol: SlotProtocol;
  readonly #slots: Slot[];
  /** Who claimed a slot that this thread holds. */
  readonly #claimers: (string | undefined)[];
  readonly #history: SlotHistory | undefined;
  readonly #module: WebAssembly.Module | undefined;
  readonly #waiting: (() => void)[] = [];
  #isListening = false;
  #kernels: Kernels | undefined;
  #bytes: Buffer | undefined;

  /** Allocates all slots at once; nothing is allocated later. */
  constructor(options: ArenaOptions | number, attached?: { readonly handle: ArenaHandle; readonly thread: number }) {
    const given = typeof options === 'number' ? { slots: options } : options;
    const { slots, threads = 1, reserve = 0, debug = false } = given;
    assert(slots > 0 && reserve >= 0 && reserve < slots, 'an arena has at least one slot that sources may take');
    this.#map = { slots, threads };
    this.#reserve = reserve;
    this.slotCount = slots;
    this.threads = threads;
    this.thread = attached?.thread ?? MAIN_THREAD;
    this.memory = attached?.handle.memory ?? allocateMemory(this.#map);
    this.#module = attached?.handle.module;
    this.#protocol = new SlotProtocol(attached?.handle.state ?? sharedState(slots), this.thread);
    if (!attached && reserve > 0) this.#protocol.limitIntake(slots - reserve);
    this.#slots = Array.from({ length: slots }, (_, index) => new Slot(this, index, slotOffset(this.#map, index)));
    this.#claimers = new Array<string | undefined>(slots).fill(undefined);
    this.#history = debug ? new SlotHistory(slots) : undefined;
  }

  /** The same arena as seen by another thread. A number belongs to one thread at a time. */
  static attach(handle: ArenaHandle, thread: number): Arena {
    assert(thread > MAIN_THREAD && thread < handle.threads, 'an arena knows the number of its threads');
    return new Arena(handle, { handle, thread });
  }

  /** What `attach` needs. */
  get handle(): ArenaHandle {
    const debug = this.#history !== undefined;
    const module = this.#module ?? kernelModule();
    return {
      ...this.#map,
      reserve: this.#reserve,
      debug,
      memory: this.memory,
      state: this.#protocol.state,
      module,
    };
  }

  /**
   * A free slot with one hold, or undefined when there is none: then wait for `available()` and ask again.
   * `who` is whom to name when slots run short: a component.
   */
  claim(purpose: Purpose = 'output', who?: string): Slot | undefined {
    const index = this.#protocol.claim(purpose);
    if (index < 0) return undefined;
    this.#claimers[index] = who;
    this.#history?.claimed(index, who);
    return this.#slots[index]!;
  }

  retain(index: number, who?: string): void {
    if (this.#history) this.#traced('retained', index, who, () => this.#protocol.retain(index));
    else this.#protocol.retain(index);
  }

  release(index: number, who?: string): void {
    const isFree = this.#history
      ? this.#traced('released', index, who, () => this.#release(index))
      : this.#protocol.release(index);
    // All of them: a waiter that does not want it any more must not be the only one to hear of it.
    if (isFree && this.#waiting.length > 0) this.#wake();
  }

  /** In debug mode. The last one who holds it makes its bytes unreadable, while nobody else can have it. */
  #release(index: number): boolean {
    if (this.#protocol.isLastHold(index)) this.#slots[index]!.bytes.fill(FREED_BYTE);
    return this.#protocol.release(index);
  }

  /** A worker gives one of its holds to the main thread, and then sends a message with the number of the slot. */
  handOver(index: number): void {
    if (this.#history) this.#traced('handed over', index, undefined, () => this.#protocol.handOver(index));
    else this.#protocol.handOver(index);
  }

  /** The main thread takes a hold whose message it has read: it is the caller's now. */
  accept(index: number, from: number, who?: string): Slot {
    const isNew = this.#protocol.holds[index] === 0;
    this.#protocol.accept(index, from);
    if (isNew) {
      this.#claimers[index] = who;
      this.#history?.claimed(index, who);
    } else this.#history?.add(index, 'accepted', who);
    return this.#slots[index]!;
  }

  /** Frees what a thread held that has ended, after its last message was read. Returns the number of slots that are free now. */
  reclaim(thread: number): number {
    const freed = this.#protocol.reclaim(thread);
    this.#wake();
    return freed;
  }

  /** Resolves when a slot is free. Another waiter may take it first. */
  available(purpose: Purpose = 'output'): Promise<void> {
    if (this.#protocol.hasFree(purpose)) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    if (this.threads > 1) this.#listen(purpose);
    return promise;
  }

  /** For a worker: sleeps until a slot is free, at most so long. False when it has slept in vain. */
  sleepUntilAvailable(purpose: Purpose, timeoutMs: number): boolean {
    assert(this.thread !== MAIN_THREAD, 'the main thread never sleeps');
    const signal = this.#protocol.announce(purpose);
    return signal < 0 || Atomics.wait(this.#protocol.state, SIGNAL, signal, timeoutMs) !== 'timed-out';
  }

  /** Hears of slots that other threads free. */
  #listen(purpose: Purpose): void {
    const signal = this.#protocol.announce(purpose);
    if (signal < 0) {
      this.#wake();
      return;
    }
    if (this.#isListening) return;
    const heard = Atomics.waitAsync(this.#protocol.state, SIGNAL, signal);
    if (!heard.async) {
      this.#wake();
      return;
    }
    this.#isListening = true;
    void heard.value.then(() => {
      this.#isListening = false;
      this.#wake();
    });
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** Sources may have so many slots from now on, at least one and at most all but the reserve. What they have they keep. */
  limitIntake(slots: number): void {
    this.#protocol.limitIntake(Math.max(1, Math.min(slots, this.slotCount - this.#reserve)));
    this.#wake();
  }

  get intakeLimit(): number {
    return this.#protocol.intakeLimit;
  }

  /** A slot by its number, for who knows that somebody holds it. */
  slot(index: number): Slot {
    return this.#slots[index]!;
  }

  /** Where a slot begins in the memory. */
  slotOffset(index: number): number {
    return slotOffset(this.#map, index);
  }

  /** The part of the memory that is a thread's own. */
  scratch(thread = this.thread): MemoryRange {
    return scratchRange(thread);
  }

  /** The whole memory. */
  get bytes(): Buffer {
    this.#bytes ??= Buffer.from(this.memory.buffer);
    return this.#bytes;
  }

  /** This thread's kernels. */
  get kernels(): Kernels {
    this.#kernels ??= instantiate(this.memory, this.scratch(), this.#module);
    return this.#kernels;
  }

  /** Slots that nobody holds. */
  get freeSlots(): number {
    let free = 0;
    for (let index = 0; index < this.slotCount; index++) if (!this.#protocol.isHeld(index)) free += 1;
    return free;
  }

  /** Bytes of all slots, whether in use or not. */
  get sizeBytes(): number {
    return this.slotCount * SLOT_BYTES;
  }

  /** How many slots each claimer has at present: components, and threads that have not handed over yet. */
  holders(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const { who } of this.held()) counts.set(who, (counts.get(who) ?? 0) + 1);
    return counts;
  }

  /** All slots that are held; after everything has stopped, those that were forgotten. */
  held(): SlotHeld[] {
    const found: SlotHeld[] = [];
    for (let slot = 0; slot < this.slotCount; slot++) {
      if (!this.#protocol.isHeld(slot)) continue;
      const holds = this.#protocol.holds[slot]!;
      const who = holds > 0 ? (this.#claimers[slot] ?? 'unnamed') : `thread ${this.#protocol.ownerOf(slot)}`;
      found.push({ slot, holds, who, history: holds > 0 ? this.#history?.describe(slot) : undefined });
    }
    return found;
  }

  /** A step of the protocol that is written down; when it must not be, what led there is told. */
  #traced<T>(what: string, index: number, who: string | undefined, step: () => T): T {
    let result: T;
    try {
      result = step();
    } catch (error) {
      const history = this.#history!.describe(index);
      throw new Error(`${(error as Error).message}; slot ${index} was\n${history}`, { cause: error });
    }
    this.#history!.add(index, what, who);
    return result;
  }
}
