// The memory of the lossless storage: shared between threads, growing in steps up to a declared maximum and never
// shrinking. Every thread has views of its own over it.

import type { AtomicOperations } from '../../std/atomics.ts';
import { type Layout, layoutOf, type Sizes, wordsFor } from './layout.ts';

/** What a thread sees of the memory. */
export interface View {
  readonly layout: Layout;
  readonly words: Int32Array<SharedArrayBuffer>;
  readonly atomics: AtomicOperations;
  /** One sample, at a word: written before and read after an atomic operation that says it is there. */
  readonly samples: Samples;
  /** Makes room for so many blocks. False when the machine has no memory left. */
  grow(blocks: number): boolean;
}

export interface Samples {
  write(word: number, value: number): void;
  read(word: number): number;
}

/** Less than this is not worth a system call. */
const STEP_BYTES = 256 * 1024;

/** Reserves the maximum of address space; memory is taken as it grows. */
export function makeMemory(sizes: Sizes): SharedArrayBuffer {
  const layout = layoutOf(sizes);
  const maxByteLength = wordsFor(layout, sizes.blocks) * 4;
  return new SharedArrayBuffer(Math.min(roundUp(wordsFor(layout, 0) * 4), maxByteLength), { maxByteLength });
}

export function viewOf(buffer: SharedArrayBuffer, sizes: Sizes): View {
  const layout = layoutOf(sizes);
  const doubles = new Float64Array(buffer);
  return {
    layout,
    words: new Int32Array(buffer),
    atomics: Atomics,
    samples: {
      write: (word, value) => void (doubles[word >> 1] = value),
      read: (word) => doubles[word >> 1]!,
    },
    grow(blocks) {
      const wanted = Math.min(roundUp(wordsFor(layout, blocks) * 4), buffer.maxByteLength);
      try {
        if (buffer.byteLength < wanted) buffer.grow(wanted);
        return true;
      } catch {
        // Another thread may have grown it further in the meantime; otherwise there is nothing to be had.
        return buffer.byteLength >= wanted;
      }
    },
  };
}

function roundUp(bytes: number): number {
  return Math.ceil(bytes / STEP_BYTES) * STEP_BYTES;
}
