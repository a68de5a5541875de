// Cells of a `BoundedStorage` as another thread writes to them. What a cell takes after its owner has given it back is lost,
// and `isCurrent` says so: the thread asks for a new description then. See slot_reuse.ts for why this is safe.

import { Layout } from './bounded_storage.ts';
import { addCount, addFloat, type CellWords, record, setFloat } from './cells.ts';
import { isCurrent, noteEpoch, type ReuseWords } from './slot_reuse.ts';
import type { CellDescription, StorageDescription } from './storage.ts';
import type { Counter, Gauge, Histogram } from './telemetry.ts';

interface Attached {
  /** Whether what is recorded still counts. */
  readonly isCurrent: boolean;
}

/** A thread's view of the storage of another one. */
export class AttachedStorage {
  readonly #layout: Layout;
  readonly #words: CellWords;
  readonly #reuse: ReuseWords;
  readonly #writer: number;

  constructor({ buffer, scalars, histograms, writer }: StorageDescription) {
    this.#layout = new Layout(scalars, histograms);
    this.#words = this.#layout.others(buffer);
    this.#reuse = this.#layout.reuse(buffer);
    this.#writer = writer;
  }

  counter(cell: CellDescription): Counter & Attached {
    const { words, at, isMine } = this.#open(cell);
    return {
      add(count) {
        if (isMine()) addCount(Atomics, words, at, count);
      },
      get isCurrent() {
        return isMine();
      },
    };
  }

  gauge(cell: CellDescription): Gauge & Attached {
    const { words, at, isMine } = this.#open(cell);
    return {
      set(value) {
        if (isMine()) setFloat(Atomics, words, at, value);
      },
      add(change) {
        if (isMine()) addFloat(Atomics, words, at, change);
      },
      get isCurrent() {
        return isMine();
      },
    };
  }

  histogram(cell: CellDescription): Histogram & Attached {
    const { words, at, isMine } = this.#open(cell);
    return {
      record(value) {
        if (isMine()) record(Atomics, words, at, value);
      },
      get isCurrent() {
        return isMine();
      },
    };
  }

  /** To be called now and then, as after each batch: cells that were given back before can be used again. */
  pass(): void {
    noteEpoch(Atomics, this.#reuse, this.#writer);
  }

  #open({ slot, generation }: CellDescription): {
    readonly words: CellWords;
    readonly at: number;
    isMine(): boolean;
  } {
    const reuse = this.#reuse;
    return {
      words: this.#words,
      at: this.#layout.at(slot),
      isMine: () => isCurrent(Atomics, reuse, slot, generation),
    };
  }
}
