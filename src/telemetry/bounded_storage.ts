// The storage of the product: cells in one block of shared memory whose size is declared at the start and never changes.
//
//   SharedArrayBuffer   [ own words of cells | words of others, see cells.ts        | epochs, generations ]
//                       [ each: spare | spare histogram | scalar … | histogram …    |    see slot_reuse.ts ]
//
// Cells come from lists of free ones. When there is none, whoever asks gets the spare one of its kind, which nobody reads,
// and that is counted: telemetry may lose a series, but never costs memory or stops what it is about.
//
// The thread that made the storage hands cells out, reads them and takes them back. Threads that are to write to a cell get
// its description, which can be posted, and an `AttachedStorage` to use it with. Words of others are cleared when a cell is
// described for the first time: the memory of those that never are is not there.

import { BUCKETS } from './buckets.ts';
import {
  addFloat,
  addOwnCount,
  bothOf,
  type CellWords,
  clear,
  HISTOGRAM_WORDS,
  type OwnWords,
  readCount,
  readFloat,
  readHistogram,
  readOwnHistogram,
  recordOwn,
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

/** What each kind takes in shared memory, whatever is recorded: its words, those of others, and its generation. */
export const COUNTER_BYTES = 2 * SCALAR_WORDS * WORD_BYTES + 4;
export const GAUGE_BYTES = 2 * SCALAR_WORDS * WORD_BYTES + 4;
export const HISTOGRAM_BYTES = 2 * HISTOGRAM_WORDS * WORD_BYTES + 4;

/** Counters and gauges of one storage, and histograms, unless it is told otherwise: 2.3 MiB that are used as needed. */
const SCALARS_MAX = 32_768;
const HISTOGRAMS_MAX = 4_096;

export interface BoundedStorageOptions {
  /** Most counters and gauges at a time. */
  readonly scalars?: number;
  readonly histograms?: number;
}

/** The spare cells come first. */
const SPARE_WORDS = SCALAR_WORDS + HISTOGRAM_WORDS;

/** Which word of a part of the block a slot begins at. Slot 0 is the spare of counters and gauges, slot 1 that of histograms. */
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

  /** Words of one's own, and as many of others. */
  get words(): number {
    return (1 + this.scalars) * SCALAR_WORDS + (1 + this.histograms) * HISTOGRAM_WORDS;
  }

  get bytes(): number {
    return 2 * this.words * WORD_BYTES + reuseWords(this.slots) * Int32Array.BYTES_PER_ELEMENT;
  }

  at(slot: number): number {
    if (slot < 2) return slot;
    if (slot < 2 + this.scalars) return SPARE_WORDS + slot - 2;
    return SPARE_WORDS + this.scalars + (slot - 2 - this.scalars) * HISTOGRAM_WORDS;
  }

  /** The slot that begins at a word. */
  slotAt(at: number): number {
    if (at < 2) return at;
    const scalar = at - SPARE_WORDS;
    return scalar < this.scalars ? 2 + scalar : 2 + this.scalars + (scalar - this.scalars) / HISTOGRAM_WORDS;
  }

  own(buffer: SharedArrayBuffer): OwnWords {
    return new Float64Array(buffer, 0, this.words);
  }

  others(buffer: SharedArrayBuffer): CellWords {
    return new BigInt64Array(buffer, this.words * WORD_BYTES, this.words);
  }

  reuse(buffer: SharedArrayBuffer): ReuseWords {
    return new Int32Array(buffer, 2 * this.words * WORD_BYTES);
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
      own: this.#layout.own(this.#buffer),
      others: this.#layout.others(this.#buffer),
      place: (at) => {
        const slot = this.#layout.slotAt(at);
        return { slot, generation: this.#owner.generation(slot) };
      },
      retire: (at) => this.#retire(this.#layout.slotAt(at)),
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

  /** Where the words of a free slot begin. */
  #take(free: FreeSlots, spare: number): number {
    this.#reclaim();
    const slot = free.take();
    if (slot === undefined) {
      this.#refused += 1;
      return spare;
    }
    this.#used += 1;
    const at = this.#layout.at(slot);
    this.#home.own.fill(0, at, at + (this.#isHistogram(slot) ? HISTOGRAM_WORDS : SCALAR_WORDS));
    return at;
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

/** What a cell knows of its storage. Words are named by where they begin in `own`, and in `others`. */
interface Home {
  readonly own: OwnWords;
  readonly others: CellWords;
  place(at: number): Omit<CellDescription, 'kind'>;
  retire(at: number): void;
}

/** What the cells of the thread that made the storage have in common: a slot, given back once. */
abstract class BoundedCell {
  protected abstract readonly kind: CellDescription['kind'];
  /** The slot that takes what found none, and what comes after `free`. */
  protected abstract readonly spare: number;
  protected readonly home: Home;
  /** Where its words begin. */
  protected at: number;
  /** Whether other threads may write to it. */
  protected isShared = false;

  constructor(home: Home, at: number) {
    this.home = home;
    this.at = at;
  }

  /** Whether it has no slot of its own: there was none, or it is free. */
  protected get isSpare(): boolean {
    return this.at === this.spare;
  }

  /** Undefined when there was no slot for it, or it is free. */
  describe(): CellDescription | undefined {
    if (this.isSpare) return undefined;
    if (!this.isShared) this.letOthersIn();
    this.isShared = true;
    return { kind: this.kind, ...this.home.place(this.at) };
  }

  free(): void {
    if (this.isSpare) return;
    this.home.retire(this.at);
    this.at = this.spare;
    this.isShared = false;
  }

  /** Nobody has the words of others so far. */
  protected abstract letOthersIn(): void;
}

export class BoundedCounter extends BoundedCell implements CounterCell {
  protected get kind(): 'counter' {
    return 'counter';
  }

  protected get spare(): number {
    return SPARE_SCALAR;
  }

  add(count: number): void {
    addOwnCount(this.home.own, this.at, count);
  }

  read(): number {
    if (this.isSpare) return 0;
    const own = this.home.own[this.at]!;
    return this.isShared ? own + readCount(Atomics, this.home.others, this.at) : own;
  }

  protected letOthersIn(): void {
    clear(Atomics, this.home.others, this.at, SCALAR_WORDS);
  }
}

export class BoundedGauge extends BoundedCell implements GaugeCell {
  protected get kind(): 'gauge' {
    return 'gauge';
  }

  protected get spare(): number {
    return SPARE_SCALAR;
  }

  set(value: number): void {
    if (this.isShared) setFloat(Atomics, this.home.others, this.at, value);
    else if (!Number.isNaN(value)) this.home.own[this.at] = value;
  }

  add(change: number): void {
    if (this.isShared) addFloat(Atomics, this.home.others, this.at, change);
    else if (Number.isFinite(change)) this.home.own[this.at]! += change;
  }

  read(): number {
    if (this.isSpare) return 0;
    return this.isShared ? readFloat(Atomics, this.home.others, this.at) : this.home.own[this.at]!;
  }

  /** The last one to set it is right, whoever it is: from now on there is one word for all. */
  protected letOthersIn(): void {
    setFloat(Atomics, this.home.others, this.at, this.home.own[this.at]!);
  }
}

const NOTHING: HistogramReading = { count: 0, sum: 0, buckets: new Array<number>(BUCKETS).fill(0) };

export class BoundedHistogram extends BoundedCell implements HistogramCell {
  protected get kind(): 'histogram' {
    return 'histogram';
  }

  protected get spare(): number {
    return SPARE_HISTOGRAM;
  }

  record(value: number): void {
    recordOwn(this.home.own, this.at, value);
  }

  read(): HistogramReading {
    if (this.isSpare) return NOTHING;
    const own = readOwnHistogram(this.home.own, this.at);
    return this.isShared ? bothOf(own, readHistogram(Atomics, this.home.others, this.at)) : own;
  }

  protected letOthersIn(): void {
    clear(Atomics, this.home.others, this.at, HISTOGRAM_WORDS);
  }
}
