// The series of a registry, which are the handles to them as well: recording is one call, a mark that it happened, and
// what the cell does.
//
// A series that nothing is recorded to for a while is asleep: nobody reads it. It keeps its cell for as long as somebody
// has it, so that it goes on where it was, and comes back with the first record.

import type { CounterCell, GaugeCell, HistogramCell } from './storage.ts';
import type { Counter, Gauge, Histogram, Labels, SeriesDefinition } from './telemetry.ts';

/** A value of a label, and what tells the limit that it counts for from others. */
export type Limited = readonly [limit: string, value: string];

/** What a series is beside its values. */
export interface Identity {
  readonly definition: SeriesDefinition;
  /** With those of the component; values are limited and own their text. */
  readonly labels: Labels;
  /** Of the labels whose values come from data. */
  readonly limited: readonly Limited[];
  /** Tells it from all others of the registry. */
  readonly key: string;
  /** How long it is read without a record; undefined for ever. */
  timeoutMs: number | undefined;
  /** When a record was last known of. */
  seenMs: number;
  /** Which find it quickly. They are cut when it falls asleep, so that they do not hold it. */
  lookUps: WeakRef<LookUp>[];
}

export class CounterSeries implements Counter {
  readonly type = 'counter';
  readonly identity: Identity;
  readonly cell: Pick<CounterCell, 'add' | 'read' | 'free'>;
  /** Whether something was recorded since somebody last looked. */
  isRecent = true;

  constructor(identity: Identity, cell: Pick<CounterCell, 'add' | 'read' | 'free'>) {
    this.identity = identity;
    this.cell = cell;
  }

  add(count: number): void {
    this.isRecent = true;
    this.cell.add(count);
  }
}

export class GaugeSeries implements Gauge {
  readonly type = 'gauge';
  readonly identity: Identity;
  readonly cell: GaugeCell;
  isRecent = true;

  constructor(identity: Identity, cell: GaugeCell) {
    this.identity = identity;
    this.cell = cell;
  }

  set(value: number): void {
    this.isRecent = true;
    this.cell.set(value);
  }

  add(change: number): void {
    this.isRecent = true;
    this.cell.add(change);
  }
}

export class HistogramSeries implements Histogram {
  readonly type = 'histogram';
  readonly identity: Identity;
  readonly cell: HistogramCell;
  isRecent = true;

  constructor(identity: Identity, cell: HistogramCell) {
    this.identity = identity;
    this.cell = cell;
  }

  record(value: number): void {
    this.isRecent = true;
    this.cell.record(value);
  }
}

export type Series = CounterSeries | GaugeSeries | HistogramSeries;

interface Node {
  /** The label whose values lead on from here. */
  name: string | undefined;
  readonly next: Map<string, Node>;
  series: Series | undefined;
}

const emptyNode = (): Node => ({ name: undefined, next: new Map(), series: undefined });

/**
 * The series of one definition by the values of their labels, in the order in which they are given: the way to a series
 * that is there makes no text and sorts nothing. Labels in another order than the first time are not found here.
 */
export class LookUp {
  #root = emptyNode();

  find(labels: Labels): Series | undefined {
    let node = this.#root;
    for (const name in labels) {
      if (name !== node.name) return undefined;
      const next = node.next.get(labels[name]!);
      if (next === undefined) return undefined;
      node = next;
    }
    return node.series;
  }

  /** `names` are the labels as they were given; their values are those of the series. */
  add(names: readonly string[], series: Series): void {
    let node = this.#root;
    for (const name of names) {
      node.name ??= name;
      if (node.name !== name) return;
      const value = series.identity.labels[name]!;
      let next = node.next.get(value);
      if (!next) node.next.set(value, (next = emptyNode()));
      node = next;
    }
    if (node.series === series) return;
    node.series = series;
    const { identity } = series;
    // Those of components that are gone stay behind otherwise, with every reload.
    identity.lookUps = identity.lookUps.filter((lookUp) => lookUp.deref() !== undefined);
    identity.lookUps.push(new WeakRef(this));
  }

  clear(): void {
    this.#root = emptyNode();
  }
}
