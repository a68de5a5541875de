// Where everything lies in the one memory that all threads share.
//
//   0          KERNEL_BYTES            + threads × SCRATCH_BYTES              + slots × SLOT_BYTES
//   ├────────────┼──────────┬──────────┬───┼─────────┬─────────┬──────────────┼─────────┐
//   │ constants  │ scratch  │ scratch  │ … │ slot 0  │ slot 1  │ …            │ padding │
//   │ of kernels │ thread 0 │ thread 1 │   │         │         │              │         │
//   └────────────┴──────────┴──────────┴───┴─────────┴─────────┴──────────────┴─────────┘
//
// Pages that nobody has touched cost nothing, so what is set aside may be generous. The padding lets a kernel read a
// little past the end of the last slot.

import { KERNEL_BYTES } from '../kernels/kernels.ts';

/** Size of a slot. Large enough for few system calls per GB, small enough that many streams can each hold one. */
export const SLOT_BYTES = 262_144;

/** Room for tables and tapes of the kernels of one thread. */
export const SCRATCH_BYTES = 1_048_576;

const PADDING_BYTES = 65_536;

const WASM_PAGE_BYTES = 65_536;

export interface MemoryMap {
  readonly slots: number;
  /** All threads that see the memory, the main one included. */
  readonly threads: number;
}

/** A part of the memory. */
export interface MemoryRange {
  readonly offset: number;
  readonly bytes: number;
}

export function scratchRange(thread: number): MemoryRange {
  return { offset: KERNEL_BYTES + thread * SCRATCH_BYTES, bytes: SCRATCH_BYTES };
}

export function slotOffset({ threads }: MemoryMap, index: number): number {
  return KERNEL_BYTES + threads * SCRATCH_BYTES + index * SLOT_BYTES;
}

/** A memory for a map; it never grows. */
export function allocateMemory(map: MemoryMap): WebAssembly.Memory {
  const pages = (slotOffset(map, map.slots) + PADDING_BYTES) / WASM_PAGE_BYTES;
  return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
}
