// The series of a registry, which are the handles to them as well: recording is one call, a mark that it happened, and
// what the cell does.
//
// A series that nothing is recorded to for a while is asleep: nobody reads it. It keeps its cell for as long as somebody
// has it, so that it goes on where it was, and comes back with the first record.
//
// There are many of them, so what several have in common is in their family, and numbers stay small integers, which V8
// keeps in the object.

import type { Family } from './families.ts';
import type { CounterCell, GaugeCell, HistogramCell } from './storage.ts';
import type { Counter, Gauge, Histogram, Labels } from './telemetry.ts';

/** In the place of when it was: since somebody last looked. */
export const RECENT = -1;

/** In the place of how long it takes to fall asleep. */
export const NEVER = -1;

type ScalarCell = Pick<CounterCell, 'add' | 'read' | 'free' | 'describe'>;

export class CounterSeries implements Counter {
  family: Family;
  /** Its labels beside those of the family; values are limited and own their text. */
  own: Labels;
  readonly cell: ScalarCell;
  /** When something was last recorded, as far as is known: `RECENT`, or a tick of the set that it is in. */
  seen = RECENT;
  /** How long it is read without a record, or `NEVER`, which is for ever. */
  timeoutMs = NEVER;

  constructor(family: Family, own: Labels, cell: ScalarCell) {
    this.family = family;
    this.own = own;
    this.cell = cell;
  }

  add(count: number): void {
    this.seen = RECENT;
    this.cell.add(count);
  }
}

export class GaugeSeries implements Gauge {
  family: Family;
  own: Labels;
  readonly cell: GaugeCell;
  seen = RECENT;
  timeoutMs = NEVER;

  constructor(family: Family, own: Labels, cell: GaugeCell) {
    this.family = family;
    this.own = own;
    this.cell = cell;
  }

  set(value: number): void {
    this.seen = RECENT;
    this.cell.set(value);
  }

  add(change: number): void {
    this.seen = RECENT;
    this.cell.add(change);
  }
}

export class HistogramSeries implements Histogram {
  family: Family;
  own: Labels;
  readonly cell: HistogramCell;
  seen = RECENT;
  timeoutMs = NEVER;

  constructor(family: Family, own: Labels, cell: HistogramCell) {
    this.family = family;
    this.own = own;
    this.cell = cell;
  }

  record(value: number): void {
    this.seen = RECENT;
    this.cell.record(value);
  }
}

export type Series = CounterSeries | GaugeSeries | HistogramSeries;

/** Whether a handle is a series of a registry. */
export function isSeries(handle: Counter | Gauge | Histogram): handle is Series {
  return handle instanceof CounterSeries || handle instanceof GaugeSeries || handle instanceof HistogramSeries;
}

/** All labels of a series. */
export function labelsOf({ family, own }: Series): Labels {
  return { ...family.fixed, ...own };
}

/** What tells labels, or a series, from all others. */
export function keyOf(name: string, labels: Labels): string {
  const names = Object.keys(labels).sort();
  return JSON.stringify([name, ...names.flatMap((label) => [label, labels[label]])]);
}
