// Where the values of series live. A registry takes cells from a storage and gives them back; what a cell is made of is
// the storage's own business.

/** A whole number that only grows, from 0 to 2^53. Fractions are rounded. */
export interface CounterCell {
  add(count: number): void;
  read(): number;
  /** The cell goes back to its storage. What is recorded afterwards is lost, and never another cell's. */
  free(): void;
}

export interface GaugeCell {
  set(value: number): void;
  add(change: number): void;
  read(): number;
  free(): void;
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
}

export interface Storage {
  counter(): CounterCell;
  gauge(): GaugeCell;
  histogram(): HistogramCell;
  /** What the cells take that were ever handed out. */
  readonly bytes: number;
  /** Cells that were asked for when there was no room: what they take is lost. */
  readonly refused?: number;
}
