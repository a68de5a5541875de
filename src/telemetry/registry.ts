// The registry of the process: gives handles to series, and reads them. Series are made when they are asked for the first
// time, within the limits of their labels; their values live in cells of a storage.

import { own } from '../event/value.ts';
import { assert } from '../std/assert.ts';
import { type Clock, systemClock } from '../std/clock.ts';
import { BoundedStorage } from './bounded_storage.ts';
import { isListed, OTHER } from './crowds.ts';
import { chosen, type Family, type Scope } from './families.ts';
import { nothing } from './recorders.ts';
import { CounterSeries, GaugeSeries, HistogramSeries, isSeries, labelsOf, type Series } from './series.ts';
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

/** Families of one definition that were asked for more than once. */
interface LookUp {
  readonly definition: SeriesDefinition;
  /** The last one. */
  readonly family: Family;
  /** Those with other labels, as with and without one for the code of an error. */
  readonly others: readonly Family[];
}

/** Most of these others. */
const OTHERS_MAX = 3;

export class Registry implements Recorder {
  readonly #shared: Shared;
  readonly #scope: Scope;
  /** By the numbers of definitions. */
  readonly #lookUps: (LookUp | undefined)[] = [];

  constructor(options: RegistryOptions = {}, fixed: Labels = {}, shared?: Shared) {
    const { storage, clock = systemClock, expiry = {}, seriesMax = SERIES_MAX, isSilent = false } = options;
    this.#shared = shared ?? {
      storage: storage ?? new BoundedStorage(),
      series: new SeriesSet(clock, seriesMax, expiry),
      isSilent,
      collectors: new Set(),
      ownCounters: new Map(),
    };
    this.#scope = this.#shared.series.families.scope(fixed);
  }

  /** The same series with more labels on everything recorded through it. */
  labelled(labels: Labels): Registry {
    return new Registry({}, { ...this.#scope.labels, ...labels }, this.#shared);
  }

  /** Whether nothing is counted, so that what would be counted need not be measured. */
  get isSilent(): boolean {
    return this.#shared.isSilent;
  }

  /** The part of it that is in the heap. */
  get heapBytes(): number {
    return this.#shared.series.bytes;
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
    if (!isSeries(handle)) return undefined;
    const cell = handle.cell.describe?.();
    if (cell) this.#shared.series.keepAwake(handle);
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
      const { family, own } = series;
      const isWanted = wanted.every(([label, value]) => (own[label] ?? family.fixed[label]) === value);
      if (family.definition.name !== name || !isWanted) continue;
      total += series instanceof HistogramSeries ? series.cell.read().count : series.cell.read();
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
    if (lookUp?.definition !== definition) return undefined;
    return lookUp.family.find(labels) ?? findAmong(lookUp.others, labels);
  }

  #bind(type: SeriesDefinition['type'], definition: SeriesDefinition, given: Labels): Series | typeof nothing {
    assert(definition.type === type, `${definition.name} is a ${type}`);
    const { series, isSilent } = this.#shared;
    if (isSilent) return nothing;
    const family = series.families.of(definition, this.#scope, given);
    let own = this.#limited(definition, family, given);
    let found = series.find(family, own);
    if (!found && family.crowd?.isFull) {
      own = this.#crowded(definition, family, own);
      found = series.find(family, own);
    }
    if (found) {
      this.#remember(definition, found.family);
      return found;
    }
    if (series.isFull) {
      if (family.size === 0) series.families.drop(family);
      return this.#refuse();
    }
    const made = this.#make(family, own);
    series.add(made);
    return made;
  }

  /** The next look-up finds what is in this family at once. */
  #remember(definition: SeriesDefinition, family: Family): void {
    const before = this.#lookUps[definition.number];
    const known = before?.definition === definition ? [before.family, ...before.others] : [];
    // Those whose series are gone are not held.
    const others = known.filter((one) => one !== family && one.size > 0).slice(0, OTHERS_MAX);
    this.#lookUps[definition.number] = { definition, family, others };
  }

  #make(family: Family, own: Labels): Series {
    const { storage } = this.#shared;
    switch (family.definition.type) {
      case 'counter':
        return new CounterSeries(family, own, family.definition.hasFractions ? storage.gauge() : storage.counter());
      case 'gauge':
        return new GaugeSeries(family, own, storage.gauge());
      case 'histogram':
        return new HistogramSeries(family, own, storage.histogram());
    }
  }

  /** Labels that a series of the family may have. */
  #limited(definition: SeriesDefinition, family: Family, given: Labels): Labels {
    const { names } = family;
    if (names.length === 0) return NO_LABELS;
    // A copy has no room to spare, and most series are asked for in the order of their family.
    const isInOrder = Object.keys(given).every((name, index) => name === names[index]);
    const own: Record<string, string> =
      isInOrder && Object.keys(given).length === names.length
        ? { ...given }
        : { ...chosen({ ...this.#scope.labels, ...given }, names) };
    for (const name of names) {
      const value = this.#limitedValue(definition, family, name, own[name]!);
      if (value !== own[name]) own[name] = value;
    }
    return own;
  }

  /** A value that may be a label's: its own text, so that it does not keep the batch that it came from. */
  #limitedValue(definition: SeriesDefinition, family: Family, name: string, given: string): string {
    const declared = definition.labels.find((label) => label.name === name);
    if (declared?.values) return declared.values.includes(given) ? given : OTHER;
    const value = own(given.slice(0, VALUE_LENGTH_MAX));
    if (!family.crowd || family.crowd.hasRoomFor(name, value)) return value;
    this.#countLimited(definition);
    return OTHER;
  }

  /** Where there are as many series as there may be, what is beyond is one more. */
  #crowded(definition: SeriesDefinition, { names }: Family, own: Labels): Labels {
    this.#countLimited(definition);
    return Object.fromEntries(names.map((name) => [name, isListed(definition, name) ? own[name]! : OTHER]));
  }

  #countLimited(definition: SeriesDefinition): void {
    if (definition !== labelValuesLimited) this.counter(labelValuesLimited, { metric: definition.name }).add(1);
  }

  #refuse(): typeof nothing {
    const { ownCounters, storage, series } = this.#shared;
    let counter = ownCounters.get(seriesLimited.name) as CounterSeries | undefined;
    if (!counter) {
      // Beyond the limit, once: it is to say that the limit is reached.
      counter = new CounterSeries(
        series.families.of(seriesLimited, series.families.scope({}), {}),
        {},
        storage.counter(),
      );
      series.add(counter);
      ownCounters.set(seriesLimited.name, counter);
    }
    counter.add(1);
    return nothing;
  }
}

function findAmong(families: readonly Family[], labels: Labels): Series | undefined {
  for (const family of families) {
    const found = family.find(labels);
    if (found) return found;
  }
  return undefined;
}

const plain = (definition: SeriesDefinition) =>
  ({ name: definition.name, type: definition.type, doc: definition.doc, labels: {}, sum: 0 }) as const;

function readingOf(series: Series): Reading {
  const { name, type, doc } = series.family.definition;
  const about = { name, type, doc, labels: labelsOf(series) };
  if (!(series instanceof HistogramSeries)) return { ...about, value: series.cell.read(), sum: 0 };
  const { count, sum, buckets } = series.cell.read();
  return { ...about, value: count, sum, buckets };
}
