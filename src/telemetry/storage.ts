// Where the values of series live. A registry takes cells from a storage and gives them back; what a cell is made of is
// the storage's own business.

export type CellKind = 'counter' | 'gauge' | 'histogram';

/** Where a cell is, for another thread. */
export interface CellDescription {
  readonly kind: CellKind;
  readonly slot: number;
  /** Which of the cells that are in this slot one after the other. */
  readonly generation: number;
}

/** What another thread needs to write to cells. */
export interface StorageDescription {
  readonly buffer: SharedArrayBuffer;
  readonly scalars: number;
  readonly histograms: number;
  /** The number of the thread among the writers. */
  readonly writer: number;
}

/** A whole number that only grows, from 0 to 2^53. Fractions are rounded. */
export interface CounterCell {
  add(count: number): void;
  read(): number;
  /** The cell goes back to its storage. What is recorded afterwards is lost, and never another cell's. */
  free(): void;
  /** Undefined where other threads cannot write to it. */
  describe?(): CellDescription | undefined;
}

export interface GaugeCell {
  set(value: number): void;
  add(change: number): void;
  read(): number;
  free(): void;
  /** Undefined where other threads cannot write to it. */
  describe?(): CellDescription | undefined;
}

/** What a histogram knows; `buckets` are counts of each, not added up. */
export interface HistogramReading {
  readonly count: number;
  readonly sum: number;
  readonly buckets: readonly number[];
}

export interface HistogramCell {
  record(value: number): void;
  read(): HistogramReading;
  free(): void;
  /** Undefined where other threads cannot write to it. */
  describe?(): CellDescription | undefined;
}

export interface Storage {
  counter(): CounterCell;
  gauge(): GaugeCell;
  histogram(): HistogramCell;
  /** What the cells take that were ever handed out. */
  readonly bytes: number;
  /** Cells that were asked for when there was no room: what they take is lost. */
  readonly refused?: number;
  /** What another thread needs that is to write to cells; undefined when there are too many such threads. */
  admitThread?(): StorageDescription | undefined;
  /** Such a thread has ended. */
  dismissThread?(description: StorageDescription): void;
}
