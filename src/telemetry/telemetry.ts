// What components count, seen from the components: series are declared with the code and bound when a component is
// built, never per event. This file is the seam; what stands behind it is a `Recorder`.

import { own } from '../event/value.ts';

/** A label of a series: its values are a closed list, or come from data and are cut off at a limit. */
export interface LabelDefinition {
  readonly name: string;
  /** The closed list; anything else is counted as `other`. */
  readonly values?: readonly string[];
  /** Distinct values that one component may have when they come from data; later ones are counted as `other`. */
  readonly limit?: number;
}

export interface SeriesDefinition {
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** Vector's name, without namespace. */
  readonly name: string;
  readonly doc: string;
  readonly labels: readonly LabelDefinition[];
}

export type Labels = Readonly<Record<string, string>>;

type Declared = Omit<SeriesDefinition, 'type' | 'labels'> & { readonly labels?: readonly LabelDefinition[] };

export const defineCounter = (series: Declared): SeriesDefinition => ({ labels: [], ...series, type: 'counter' });
export const defineGauge = (series: Declared): SeriesDefinition => ({ labels: [], ...series, type: 'gauge' });
export const defineHistogram = (series: Declared): SeriesDefinition => ({ labels: [], ...series, type: 'histogram' });

export interface Counter {
  add(count: number): void;
}

export interface Gauge {
  set(value: number): void;
  add(change: number): void;
}

export interface Histogram {
  record(value: number): void;
}

/** Gives handles to series. The same definition and labels give the same series. */
export interface Recorder {
  counter(definition: SeriesDefinition, labels?: Labels): Counter;
  gauge(definition: SeriesDefinition, labels?: Labels): Gauge;
  histogram(definition: SeriesDefinition, labels?: Labels): Histogram;
}

/** Distinct values of a label that comes from data, unless its definition says otherwise. */
const LABEL_LIMIT = 100;

/** The value of a label that is beyond its limit or its list. */
const OTHER = 'other';

/** Longer values are cut off: a peer may choose them. */
const VALUE_LENGTH_MAX = 1_024;

/** Upper limits of histogram buckets: 2^-12 to 2^12, then infinity. */
const HISTOGRAM_BUCKETS = 26;

interface Series {
  readonly definition: SeriesDefinition;
  readonly labels: Labels;
  value: number;
  buckets?: Float64Array;
  sum: number;
}

/** What `all` tells of a series. */
export interface Reading {
  readonly name: string;
  readonly type: SeriesDefinition['type'];
  readonly labels: Labels;
  readonly value: number;
  readonly sum: number;
  /** Counts per bucket, not added up. */
  readonly buckets?: readonly number[];
}

/** The bucket of a value: the first whose upper limit, 2^-12 to 2^12 and then infinity, is not below it. */
export function bucketOf(value: number): number {
  const index = Math.ceil(Math.log2(Math.max(value, 2 ** -12))) + 12;
  return Math.min(index, HISTOGRAM_BUCKETS - 1);
}

/** Keeps series in memory: bounded by definitions and label limits, read by `read` and tests. */
export class MemoryRecorder implements Recorder {
  readonly #series = new Map<string, Series>();
  readonly #seen = new Map<string, Set<string>>();
  readonly #fixed: Labels;

  /** `fixed` labels go on every series. Recorders made by `labelled` share the series. */
  constructor(fixed: Labels = {}, shared?: MemoryRecorder) {
    this.#fixed = fixed;
    if (shared) {
      this.#series = shared.#series;
      this.#seen = shared.#seen;
    }
  }

  /** The same store with more labels on everything recorded through it. */
  labelled(labels: Labels): MemoryRecorder {
    return new MemoryRecorder({ ...this.#fixed, ...labels }, this);
  }

  counter(definition: SeriesDefinition, labels: Labels = {}): Counter {
    const series = this.#bind(definition, labels);
    return { add: (count) => void (series.value += count) };
  }

  gauge(definition: SeriesDefinition, labels: Labels = {}): Gauge {
    const series = this.#bind(definition, labels);
    return { set: (value) => void (series.value = value), add: (change) => void (series.value += change) };
  }

  histogram(definition: SeriesDefinition, labels: Labels = {}): Histogram {
    const series = this.#bind(definition, labels);
    series.buckets ??= new Float64Array(HISTOGRAM_BUCKETS);
    const buckets = series.buckets;
    return {
      record(value) {
        // One NaN would make the sum useless for good.
        if (Number.isNaN(value)) return;
        buckets[bucketOf(value)]! += 1;
        series.value += 1;
        series.sum += value;
      },
    };
  }

  /** The value of a series (count of a histogram), 0 when nothing was recorded; labels left out are summed over. */
  read(name: string, labels: Labels = {}): number {
    let total = 0;
    for (const series of this.#series.values()) {
      if (series.definition.name !== name) continue;
      if (Object.entries(labels).every(([key, value]) => series.labels[key] === value)) total += series.value;
    }
    return total;
  }

  /** Every series with its labels and value (a histogram's count), and a histogram's sum and buckets. */
  all(): Reading[] {
    return [...this.#series.values()].map(({ definition, labels, value, sum, buckets }) => ({
      name: definition.name,
      type: definition.type,
      labels,
      value,
      sum,
      ...(buckets ? { buckets: [...buckets] } : {}),
    }));
  }

  #bind(definition: SeriesDefinition, given: Labels): Series {
    const labels: Record<string, string> = { ...this.#fixed };
    for (const [name, value] of Object.entries(given)) labels[name] = this.#limited(definition, name, value);
    const key = JSON.stringify([definition.name, Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))]);
    let series = this.#series.get(key);
    if (!series) {
      series = { definition, labels, value: 0, sum: 0 };
      this.#series.set(key, series);
    }
    return series;
  }

  /** A value that may be a label's: its own text, so that it does not keep the batch that it came from. */
  #limited(definition: SeriesDefinition, name: string, given: string): string {
    const declared = definition.labels.find((label) => label.name === name);
    if (declared?.values) return declared.values.includes(given) ? given : OTHER;
    const value = own(given.slice(0, VALUE_LENGTH_MAX));
    // By component, so that one with many values does not take those of the others.
    const key = JSON.stringify([definition.name, name, this.#fixed]);
    const seen = this.#seen.get(key) ?? new Set();
    this.#seen.set(key, seen);
    if (!seen.has(value) && seen.size >= (declared?.limit ?? LABEL_LIMIT)) return OTHER;
    seen.add(value);
    return value;
  }
}
