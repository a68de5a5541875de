// The registry of the process: gives handles to series, and reads them. Series are made when they are asked for the first
// time, within the limits of their labels; their values live in cells of a storage.

import { own } from '../event/value.ts';
import { assert } from '../std/assert.ts';
import { type Clock, systemClock } from '../std/clock.ts';
import { BoundedStorage } from './bounded_storage.ts';
import { nothing } from './recorders.ts';
import { CounterSeries, GaugeSeries, HistogramSeries, type LabelLimit, LookUp, type Series } from './series.ts';
import { type Expiry, SeriesSet } from './series_set.ts';
import type { CellDescription, Storage, StorageDescription } from './storage.ts';
import {
  type Counter,
  defineCounter,
  type Gauge,
  type Histogram,
  type Labels,
  type Reading,
  type Recorder,
  type SeriesDefinition,
} from './telemetry.ts';

export interface RegistryOptions {
  readonly storage?: Storage;
  readonly clock?: Clock;
  /** Series without a record are not read after a while; by default they are for ever. */
  readonly expiry?: Expiry;
  /** Most series at a time. */
  readonly seriesMax?: number;
  /** Counts nothing, and has nothing to tell: for measurements of what counting costs. */
  readonly isSilent?: boolean;
}

/** More than a configuration of hundreds of components has. */
const SERIES_MAX = 30_000;

/** The value of a label that is beyond its limit or its list. */
const OTHER = 'other';

/** Longer values are cut off: a peer may choose them. */
const VALUE_LENGTH_MAX = 1_024;

export const labelValuesLimited = defineCounter({
  name: 'sluice_label_values_limited_total',
  doc: 'Look-ups of series where a label got the value `other`, as it has as many values as it may have.',
  labels: [{ name: 'metric', limit: 1_000 }],
});

export const seriesLimited = defineCounter({
  name: 'sluice_series_limited_total',
  doc: 'Look-ups of series that were not made, as there are as many as there may be.',
});

export const cellsRefused = defineCounter({
  name: 'sluice_cells_refused_total',
  doc: 'Series that count nothing, as there was no room for their values.',
});

const NO_LABELS: Labels = {};

/** What registries made from one another by `labelled` share. */
interface Shared {
  readonly storage: Storage;
  readonly series: SeriesSet;
  readonly isSilent: boolean;
  /** Called before a reading. */
  readonly collectors: Set<() => void>;
  readonly ownCounters: Map<string, Counter>;
}

export class Registry implements Recorder {
  readonly #shared: Shared;
  readonly #fixed: Labels;
  /** By the numbers of definitions. */
  readonly #lookUps: (LookUp | undefined)[] = [];

  constructor(options: RegistryOptions = {}, fixed: Labels = {}, shared?: Shared) {
    const { storage, clock = systemClock, expiry = {}, seriesMax = SERIES_MAX, isSilent = false } = options;
    this.#fixed = fixed;
    this.#shared = shared ?? {
      storage: storage ?? new BoundedStorage(),
      series: new SeriesSet(clock, seriesMax, expiry),
      isSilent,
      collectors: new Set(),
      ownCounters: new Map(),
    };
  }

  /** The same series with more labels on everything recorded through it. */
  labelled(labels: Labels): Registry {
    return new Registry({}, { ...this.#fixed, ...labels }, this.#shared);
  }

  /** Whether nothing is counted, so that what would be counted need not be measured. */
  get isSilent(): boolean {
    return this.#shared.isSilent;
  }

  /** What series and cells take. */
  get bytes(): number {
    return this.#shared.storage.bytes + this.#shared.series.bytes;
  }

  /** From now on, for the series that are there as well. */
  expire(expiry: Expiry): void {
    this.#shared.series.expire(expiry);
  }

  counter(definition: SeriesDefinition, labels: Labels = NO_LABELS): Counter {
    return (this.#find(definition, labels) ?? this.#bind('counter', definition, labels)) as Counter;
  }

  gauge(definition: SeriesDefinition, labels: Labels = NO_LABELS): Gauge {
    return (this.#find(definition, labels) ?? this.#bind('gauge', definition, labels)) as Gauge;
  }

  histogram(definition: SeriesDefinition, labels: Labels = NO_LABELS): Histogram {
    return (this.#find(definition, labels) ?? this.#bind('histogram', definition, labels)) as Histogram;
  }

  /** What another thread needs that is to record to series of this registry; undefined when it cannot. */
  admit(): StorageDescription | undefined {
    return this.#shared.isSilent ? undefined : this.#shared.storage.admitThread?.();
  }

  /** That thread has ended. */
  dismiss(thread: StorageDescription): void {
    this.#shared.storage.dismissThread?.(thread);
  }

  /** What a thread that was admitted needs to record to a series. It does not expire from now on. */
  describe(handle: Counter | Gauge | Histogram): CellDescription | undefined {
    const isSeries =
      handle instanceof CounterSeries || handle instanceof GaugeSeries || handle instanceof HistogramSeries;
    const cell = isSeries ? handle.cell.describe?.() : undefined;
    if (isSeries && cell) handle.identity.isShared = true;
    return cell;
  }

  /** Sets what is measured when it is asked for, before each reading. Returns how to end it. */
  collect(collector: () => void): () => void {
    const own = (): void => collector();
    this.#shared.collectors.add(own);
    return () => void this.#shared.collectors.delete(own);
  }

  /**
   * The value of a series (count of a histogram), 0 when nothing was recorded; labels left out are summed over. What is
   * not read any more for want of records counts as long as its component is there.
   */
  read(name: string, labels: Labels = {}): number {
    let total = 0;
    const wanted = Object.entries(labels);
    for (const series of this.#shared.series.held()) {
      const { definition, labels: given } = series.identity;
      if (definition.name !== name || !wanted.every(([label, value]) => given[label] === value)) continue;
      total += series.type === 'histogram' ? series.cell.read().count : series.cell.read();
    }
    return total;
  }

  /** Every series with its labels and value (a histogram's count), and a histogram's sum and buckets. */
  all(): Reading[] {
    const { collectors, series, storage } = this.#shared;
    for (const collector of collectors) collector();
    const readings = Array.from(series.awake(), readingOf);
    if (storage.refused) readings.push({ ...plain(cellsRefused), value: storage.refused });
    return readings;
  }

  /** A series that was asked for in the same way before. */
  #find(definition: SeriesDefinition, labels: Labels): Series | undefined {
    const lookUp = this.#lookUps[definition.number];
    return lookUp?.definition === definition ? lookUp.find(labels) : undefined;
  }

  #bind(type: SeriesDefinition['type'], definition: SeriesDefinition, given: Labels): Series | typeof nothing {
    assert(definition.type === type, `${definition.name} is a ${type}`);
    const { series, isSilent } = this.#shared;
    if (isSilent) return nothing;
    const labels: Record<string, string> = { ...this.#fixed };
    let isAsGiven = true;
    const limits: LabelLimit[] = [];
    for (const [name, value] of Object.entries(given)) {
      labels[name] = this.#limited(definition, name, value, limits);
      if (labels[name] !== value) isAsGiven = false;
    }
    const key = keyOf(definition, labels);
    const lookUp = this.#lookUp(definition);
    let found = series.find(key);
    if (!found) {
      if (series.isFull) return this.#refuse();
      const timeoutMs = series.timeoutMs(definition, labels);
      const about = { definition, labels, limits: lookUp.shared(limits), key, timeoutMs };
      found = this.#make({ ...about, seenMs: series.now(), lookUps: [] });
      series.add(found);
    }
    if (isAsGiven) lookUp.add(Object.keys(given), found);
    return found;
  }

  #make(identity: Series['identity']): Series {
    const { storage } = this.#shared;
    switch (identity.definition.type) {
      case 'counter':
        return new CounterSeries(identity, identity.definition.hasFractions ? storage.gauge() : storage.counter());
      case 'gauge':
        return new GaugeSeries(identity, storage.gauge());
      case 'histogram':
        return new HistogramSeries(identity, storage.histogram());
    }
  }

  #lookUp(definition: SeriesDefinition): LookUp {
    let lookUp = this.#lookUps[definition.number];
    if (lookUp?.definition !== definition) {
      lookUp = new LookUp(definition);
      this.#lookUps[definition.number] = lookUp;
    }
    return lookUp;
  }

  /** A value that may be a label's: its own text, so that it does not keep the batch that it came from. */
  #limited(definition: SeriesDefinition, name: string, given: string, limits: LabelLimit[]): string {
    const declared = definition.labels.find((label) => label.name === name);
    if (declared?.values) return declared.values.includes(given) ? given : OTHER;
    const value = own(given.slice(0, VALUE_LENGTH_MAX));
    const { component_kind: kind, component_id: id } = this.#fixed;
    // By component, so that one with many values does not take those of the others.
    const key = JSON.stringify([definition.name, name, kind, id]);
    const limit = this.#shared.series.limit(key, name);
    if (!this.#shared.series.hasRoomFor(limit, value, declared?.limit)) {
      if (definition !== labelValuesLimited) this.#count(labelValuesLimited, { metric: definition.name });
      return OTHER;
    }
    limits.push(limit);
    return value;
  }

  #refuse(): typeof nothing {
    const { ownCounters, storage, series } = this.#shared;
    let counter = ownCounters.get(seriesLimited.name) as CounterSeries | undefined;
    if (!counter) {
      // Beyond the limit, once: it is to say that the limit is reached.
      const labels = {};
      const key = keyOf(seriesLimited, labels);
      const identity = {
        definition: seriesLimited,
        labels,
        limits: [],
        key,
        timeoutMs: undefined,
        seenMs: series.now(),
      };
      counter = new CounterSeries({ ...identity, lookUps: [] }, storage.counter());
      series.add(counter);
      ownCounters.set(seriesLimited.name, counter);
    }
    counter.add(1);
    return nothing;
  }

  #count(definition: SeriesDefinition, labels: Labels): void {
    this.counter(definition, labels).add(1);
  }
}

function keyOf({ name }: SeriesDefinition, labels: Labels): string {
  return JSON.stringify([
    name,
    ...Object.keys(labels)
      .sort()
      .flatMap((label) => [label, labels[label]]),
  ]);
}

const plain = (definition: SeriesDefinition) =>
  ({ name: definition.name, type: definition.type, doc: definition.doc, labels: {}, sum: 0 }) as const;

function readingOf(series: Series): Reading {
  const { definition, labels } = series.identity;
  const about = { name: definition.name, type: definition.type, doc: definition.doc, labels };
  if (series.type !== 'histogram') return { ...about, value: series.cell.read(), sum: 0 };
  const { count, sum, buckets } = series.cell.read();
  return { ...about, value: count, sum, buckets };
}
