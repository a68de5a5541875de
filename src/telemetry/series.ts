// The series of a registry, which are the handles to them as well: recording is one call, a mark that it happened, and
// what the cell does.
//
// A series that nothing is recorded to for a while is asleep: nobody reads it. It keeps its cell for as long as somebody
// has it, so that it goes on where it was, and comes back with the first record.

import type { CounterCell, GaugeCell, HistogramCell } from './storage.ts';
import type { Counter, Gauge, Histogram, Labels, SeriesDefinition } from './telemetry.ts';

/** How many values a label has that come from data, with the number of series that have each. */
export interface LabelLimit {
  readonly key: string;
  readonly label: string;
  readonly values: Map<string, number>;
}

/** What a series is beside its values. */
export interface Identity {
  readonly definition: SeriesDefinition;
  /** With those of the component; values are limited and own their text. */
  readonly labels: Labels;
  /** Of the labels whose values come from data. */
  limits: readonly LabelLimit[];
  /** Tells it from all others of the registry. */
  readonly key: string;
  /** How long it is read without a record; undefined for ever. */
  timeoutMs: number | undefined;
  /** Another thread may record to it, which nobody hears of: it never falls asleep. */
  isShared?: boolean;
  /** When a record was last known of. */
  seenMs: number;
  /** Which find it quickly. They are cut when it falls asleep, so that they do not hold it. */
  lookUps: readonly WeakRef<LookUp>[];
}

export class CounterSeries implements Counter {
  readonly type = 'counter';
  readonly identity: Identity;
  readonly cell: Pick<CounterCell, 'add' | 'read' | 'free' | 'describe'>;
  /** Whether something was recorded since somebody last looked. */
  isRecent = true;

  constructor(identity: Identity, cell: Pick<CounterCell, 'add' | 'read' | 'free' | 'describe'>) {
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

/** So many values are compared one after the other, which is quicker than a map; more are in a map. */
const COMPARED_MAX = 8;

/** Ways that lead on by the value of a label. There are very many of them, so what is not needed is not there. */
class Node {
  /** The label whose values lead on from here. */
  name: string | undefined = undefined;
  series: Series | undefined = undefined;
  #values: string[] | undefined = undefined;
  #nodes: Node[] | undefined = undefined;
  #more: Map<string, Node> | undefined = undefined;

  next(value: string): Node | undefined {
    const values = this.#values!;
    for (let i = 0; i < values.length; i++) if (values[i] === value) return this.#nodes![i];
    return this.#more?.get(value);
  }

  add(name: string, value: string): Node {
    this.name = name;
    this.#values ??= [];
    this.#nodes ??= [];
    const known = this.next(value);
    if (known) return known;
    const node = new Node();
    if (this.#values.length < COMPARED_MAX) {
      this.#values.push(value);
      this.#nodes.push(node);
    } else {
      this.#more ??= new Map();
      this.#more.set(value, node);
    }
    return node;
  }
}

/**
 * The series of one definition by the values of their labels, in the order in which they are given: the way to a series
 * that is there makes no text and sorts nothing. Labels in another order than the first time are not found here.
 */
export class LookUp {
  readonly definition: SeriesDefinition;
  /** Itself, in a list that most of its series share. */
  readonly #alone: readonly WeakRef<LookUp>[] = [new WeakRef(this)];
  #root = new Node();
  #limits: readonly LabelLimit[] = [];

  constructor(definition: SeriesDefinition) {
    this.definition = definition;
  }

  find(labels: Labels): Series | undefined {
    let node = this.#root;
    for (const name in labels) {
      if (name !== node.name) return undefined;
      const next = node.next(labels[name]!);
      if (next === undefined) return undefined;
      node = next;
    }
    return node.series;
  }

  /** `names` are the labels as they were given; their values are those of the series. */
  add(names: readonly string[], series: Series): void {
    let node = this.#root;
    for (const name of names) {
      if (node.name !== undefined && node.name !== name) return;
      node = node.add(name, series.identity.labels[name]!);
    }
    if (node.series === series) return;
    node.series = series;
    const { identity } = series;
    // Those of components that are gone stay behind otherwise, with every reload.
    const others = identity.lookUps.filter((lookUp) => lookUp.deref() !== undefined);
    identity.lookUps = others.length === 0 ? this.#alone : [...others, ...this.#alone];
  }

  /** Equal lists of limits as one, since most series of a definition have the same. */
  shared(limits: readonly LabelLimit[]): readonly LabelLimit[] {
    const isSame = limits.length === this.#limits.length && limits.every((one, index) => one === this.#limits[index]);
    if (!isSame) this.#limits = limits;
    return this.#limits;
  }

  clear(): void {
    this.#root = new Node();
  }
}
