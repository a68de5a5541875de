// The registry of the process: gives handles to series, and reads them. Series are made when they are asked for the first
// time, within the limits of their labels; their values live in cells of a storage.

import { own } from '../event/value.ts';
import { assert } from '../std/assert.ts';
import { type Clock, systemClock } from '../std/clock.ts';
import { BoundedStorage } from './bounded_storage.ts';
import { nothing } from './recorders.ts';
import { CounterSeries, GaugeSeries, HistogramSeries, type Limited, LookUp, type Series } from './series.ts';
import { type Expiry, SeriesSet } from './series_set.ts';
import type { Storage } from './storage.ts';
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
  readonly #lookUps = new Map<SeriesDefinition, LookUp>();

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

  counter(definition: SeriesDefinition, labels: Labels = {}): Counter {
    assert(definition.type === 'counter', 'a counter is asked for by the definition of one');
    if (this.#shared.isSilent) return nothing;
    return (this.#lookUps.get(definition)?.find(labels) ?? this.#bind(definition, labels)) as Counter;
  }

  gauge(definition: SeriesDefinition, labels: Labels = {}): Gauge {
    assert(definition.type === 'gauge', 'a gauge is asked for by the definition of one');
    if (this.#shared.isSilent) return nothing;
    return (this.#lookUps.get(definition)?.find(labels) ?? this.#bind(definition, labels)) as Gauge;
  }

  histogram(definition: SeriesDefinition, labels: Labels = {}): Histogram {
    assert(definition.type === 'histogram', 'a histogram is asked for by the definition of one');
    if (this.#shared.isSilent) return nothing;
    return (this.#lookUps.get(definition)?.find(labels) ?? this.#bind(definition, labels)) as Histogram;
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

  #bind(definition: SeriesDefinition, given: Labels): Series | typeof nothing {
    const { series } = this.#shared;
    const labels: Record<string, string> = { ...this.#fixed };
    let isAsGiven = true;
    const limited: Limited[] = [];
    for (const [name, value] of Object.entries(given)) {
      labels[name] = this.#limited(definition, name, value, limited);
      if (labels[name] !== value) isAsGiven = false;
    }
    const key = keyOf(definition, labels);
    let found = series.find(key);
    if (!found) {
      if (series.isFull) return this.#refuse();
      const timeoutMs = series.timeoutMs(definition, labels);
      const identity = { definition, labels, limited, key, timeoutMs, seenMs: series.now(), lookUps: [] };
      found = this.#make(identity);
      series.add(found);
    }
    if (isAsGiven) this.#remember(definition, Object.keys(given), found);
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

  #remember(definition: SeriesDefinition, names: readonly string[], series: Series): void {
    let lookUp = this.#lookUps.get(definition);
    if (!lookUp) this.#lookUps.set(definition, (lookUp = new LookUp()));
    lookUp.add(names, series);
  }

  /** A value that may be a label's: its own text, so that it does not keep the batch that it came from. */
  #limited(definition: SeriesDefinition, name: string, given: string, limited: Limited[]): string {
    const declared = definition.labels.find((label) => label.name === name);
    if (declared?.values) return declared.values.includes(given) ? given : OTHER;
    const value = own(given.slice(0, VALUE_LENGTH_MAX));
    const { component_kind: kind, component_id: id } = this.#fixed;
    // By component, so that one with many values does not take those of the others.
    const key = JSON.stringify([definition.name, name, kind, id]);
    if (!this.#shared.series.hasRoomFor(key, value, declared?.limit)) {
      if (definition !== labelValuesLimited) this.#count(labelValuesLimited, { metric: definition.name });
      return OTHER;
    }
    limited.push([key, value]);
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
        limited: [],
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
