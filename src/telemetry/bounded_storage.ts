// The storage of the product: cells in one block of shared memory whose size is declared at the start and never changes.
//
//   SharedArrayBuffer   [ words of cells, see cells.ts                        | epochs, generations ]
//                       [ spare | spare histogram | scalar … | histogram …    |    see slot_reuse.ts ]
//
// Cells come from lists of free ones. When there is none, whoever asks gets the spare one of its kind, which nobody reads,
// and that is counted: telemetry may lose a series, but never costs memory or stops what it is about.
//
// The thread that made the storage hands cells out, reads them and takes them back. Threads that are to write to a cell get
// its description, which can be posted, and an `AttachedStorage` to use it with.

import { BUCKETS } from './buckets.ts';
import {
  addCount,
  addFloat,
  type CellWords,
  clear,
  HISTOGRAM_WORDS,
  readCount,
  readFloat,
  readHistogram,
  record,
  SCALAR_WORDS,
  setFloat,
  WORD_BYTES,
} from './cells.ts';
import { type ReuseWords, reuseWords, SlotOwner } from './slot_reuse.ts';
import type {
  CellDescription,
  CounterCell,
  GaugeCell,
  HistogramCell,
  HistogramReading,
  Storage,
  StorageDescription,
} from './storage.ts';

/** What each kind takes in shared memory, whatever is recorded: its words, and its generation. */
export const COUNTER_BYTES = SCALAR_WORDS * WORD_BYTES + 4;
export const GAUGE_BYTES = SCALAR_WORDS * WORD_BYTES + 4;
export const HISTOGRAM_BYTES = HISTOGRAM_WORDS * WORD_BYTES + 4;

/** Counters and gauges of one storage, and histograms, unless it is told otherwise: 0.7 MiB that are used as needed. */
const SCALARS_MAX = 32_768;
const HISTOGRAMS_MAX = 4_096;

export interface BoundedStorageOptions {
  /** Most counters and gauges at a time. */
  readonly scalars?: number;
  readonly histograms?: number;
}

/** Which word of the block a slot begins at. Slot 0 is the spare of counters and gauges, slot 1 that of histograms. */
export class Layout {
  readonly scalars: number;
  readonly histograms: number;

  constructor(scalars: number, histograms: number) {
    this.scalars = scalars;
    this.histograms = histograms;
  }

  get slots(): number {
    return 2 + this.scalars + this.histograms;
  }

  get words(): number {
    return (1 + this.scalars) * SCALAR_WORDS + (1 + this.histograms) * HISTOGRAM_WORDS;
  }

  get bytes(): number {
    return this.words * WORD_BYTES + reuseWords(this.slots) * Int32Array.BYTES_PER_ELEMENT;
  }

  at(slot: number): number {
    if (slot < 2) return slot;
    const scalars = 1 + HISTOGRAM_WORDS;
    if (slot < 2 + this.scalars) return scalars + slot - 2;
    return scalars + this.scalars + (slot - 2 - this.scalars) * HISTOGRAM_WORDS;
  }

  cells(buffer: SharedArrayBuffer): CellWords {
    return new BigInt64Array(buffer, 0, this.words);
  }

  reuse(buffer: SharedArrayBuffer): ReuseWords {
    return new Int32Array(buffer, this.words * WORD_BYTES);
  }
}

const SPARE_SCALAR = 0;
const SPARE_HISTOGRAM = 1;

/** Slots of one size: those never used follow each other, those used before are in a list. */
class FreeSlots {
  readonly #first: number;
  readonly #end: number;
  readonly #free: number[] = [];
  #next: number;

  constructor(first: number, count: number) {
    this.#first = first;
    this.#next = first;
    this.#end = first + count;
  }

  take(): number | undefined {
    const slot = this.#free.pop();
    if (slot !== undefined) return slot;
    return this.#next < this.#end ? this.#next++ : undefined;
  }

  /** How many were ever taken. */
  get touched(): number {
    return this.#next - this.#first;
  }

  give(slot: number): void {
    this.#free.push(slot);
  }
}

export class BoundedStorage implements Storage {
  /** The memory that is shared. What was never used of it is not there yet. */
  readonly bytesMax: number;
  readonly #buffer: SharedArrayBuffer;
  readonly #layout: Layout;
  readonly #owner: SlotOwner;
  readonly #home: Home;
  readonly #scalars: FreeSlots;
  readonly #histograms: FreeSlots;
  #refused = 0;
  #used = 0;

  constructor({ scalars = SCALARS_MAX, histograms = HISTOGRAMS_MAX }: BoundedStorageOptions = {}) {
    this.#layout = new Layout(scalars, histograms);
    this.bytesMax = this.#layout.bytes;
    this.#buffer = new SharedArrayBuffer(this.bytesMax);
    this.#owner = new SlotOwner(this.#layout.reuse(this.#buffer));
    this.#home = {
      words: this.#layout.cells(this.#buffer),
      at: (slot) => this.#layout.at(slot),
      generation: (slot) => this.#owner.generation(slot),
      retire: (slot) => this.#retire(slot),
    };
    this.#scalars = new FreeSlots(2, scalars);
    this.#histograms = new FreeSlots(2 + scalars, histograms);
  }

  counter(): BoundedCounter {
    return new BoundedCounter(this.#home, this.#take(this.#scalars, SPARE_SCALAR));
  }

  gauge(): BoundedGauge {
    return new BoundedGauge(this.#home, this.#take(this.#scalars, SPARE_SCALAR));
  }

  histogram(): BoundedHistogram {
    return new BoundedHistogram(this.#home, this.#take(this.#histograms, SPARE_HISTOGRAM));
  }

  /** Slots that were used at some time, from the first on; they never shrink. */
  get bytes(): number {
    return this.#scalars.touched * COUNTER_BYTES + this.#histograms.touched * HISTOGRAM_BYTES;
  }

  /** Cells that were asked for when there was none. */
  get refused(): number {
    return this.#refused;
  }

  /** Cells that somebody has. */
  get used(): number {
    return this.#used;
  }

  /** What a thread needs that is to write to cells; undefined when there are too many such threads. */
  admitThread(): StorageDescription | undefined {
    const writer = this.#owner.admit();
    if (writer === undefined) return undefined;
    return { buffer: this.#buffer, scalars: this.#layout.scalars, histograms: this.#layout.histograms, writer };
  }

  /** A thread has ended. */
  dismissThread({ writer }: StorageDescription): void {
    this.#owner.dismiss(writer);
  }

  #take(free: FreeSlots, spare: number): number {
    this.#reclaim();
    const slot = free.take();
    if (slot === undefined) {
      this.#refused += 1;
      return spare;
    }
    this.#used += 1;
    clear(Atomics, this.#home.words, this.#layout.at(slot), this.#isHistogram(slot) ? HISTOGRAM_WORDS : SCALAR_WORDS);
    return slot;
  }

  #retire(slot: number): void {
    this.#used -= 1;
    this.#owner.retire(slot);
    this.#reclaim();
  }

  #reclaim(): void {
    for (const slot of this.#owner.reclaim()) (this.#isHistogram(slot) ? this.#histograms : this.#scalars).give(slot);
  }

  #isHistogram(slot: number): boolean {
    return slot >= 2 + this.#layout.scalars;
  }
}

/** What a cell knows of its storage. */
interface Home {
  readonly words: CellWords;
  at(slot: number): number;
  generation(slot: number): number;
  retire(slot: number): void;
}

/** What the cells of the thread that made the storage have in common: a slot, given back once. */
abstract class BoundedCell {
  protected readonly words: CellWords;
  /** Where its words begin. */
  protected at: number;
  readonly #home: Home;
  readonly #kind: CellDescription['kind'];
  /** The slot that takes what found none, and what comes after `free`. */
  readonly #spare: number;
  #slot: number;

  constructor(home: Home, slot: number, kind: CellDescription['kind'], spare: number) {
    this.words = home.words;
    this.at = home.at(slot);
    this.#home = home;
    this.#kind = kind;
    this.#spare = spare;
    this.#slot = slot;
  }

  /** Whether it has no slot of its own: there was none, or it is free. */
  protected get isSpare(): boolean {
    return this.#slot === this.#spare;
  }

  /** Undefined when there was no slot for it, or it is free. */
  describe(): CellDescription | undefined {
    if (this.isSpare) return undefined;
    return { kind: this.#kind, slot: this.#slot, generation: this.#home.generation(this.#slot) };
  }

  free(): void {
    if (this.isSpare) return;
    this.#home.retire(this.#slot);
    this.#slot = this.#spare;
    this.at = this.#home.at(this.#spare);
  }
}

export class BoundedCounter extends BoundedCell implements CounterCell {
  constructor(home: Home, slot: number) {
    super(home, slot, 'counter', SPARE_SCALAR);
  }

  add(count: number): void {
    addCount(Atomics, this.words, this.at, count);
  }

  read(): number {
    return this.isSpare ? 0 : readCount(Atomics, this.words, this.at);
  }
}

export class BoundedGauge extends BoundedCell implements GaugeCell {
  constructor(home: Home, slot: number) {
    super(home, slot, 'gauge', SPARE_SCALAR);
  }

  set(value: number): void {
    setFloat(Atomics, this.words, this.at, value);
  }

  add(change: number): void {
    addFloat(Atomics, this.words, this.at, change);
  }

  read(): number {
    return this.isSpare ? 0 : readFloat(Atomics, this.words, this.at);
  }
}

const NOTHING: HistogramReading = { count: 0, sum: 0, buckets: new Array<number>(BUCKETS).fill(0) };

export class BoundedHistogram extends BoundedCell implements HistogramCell {
  constructor(home: Home, slot: number) {
    super(home, slot, 'histogram', SPARE_HISTOGRAM);
  }

  record(value: number): void {
    record(Atomics, this.words, this.at, value);
  }

  read(): HistogramReading {
    return this.isSpare ? NOTHING : readHistogram(Atomics, this.words, this.at);
  }
}
