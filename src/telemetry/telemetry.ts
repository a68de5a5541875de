// What components count, seen from the components: series are declared with the code and bound when a component is
// built, never per event. This file is the seam; what stands behind it is a `Recorder`.

/** A label of a series: its values are a closed list, or come from data and are cut off at a limit. */
export interface LabelDefinition {
  readonly name: string;
  readonly values?: readonly string[];
  /** Distinct values kept when they come from data; later ones are counted as `other`. */
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

/** Upper limits of histogram buckets: 2^-12 to 2^12, then infinity. */
const HISTOGRAM_BUCKETS = 26;

interface Series {
  readonly definition: SeriesDefinition;
  readonly labels: Labels;
  value: number;
  buckets?: Float64Array;
  sum: number;
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
        const index = Math.ceil(Math.log2(Math.max(value, 2 ** -12))) + 12;
        buckets[Math.min(Math.max(index, 0), HISTOGRAM_BUCKETS - 1)]! += 1;
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

  /** Every series with its labels and value, for tests and summaries. */
  all(): { name: string; type: string; labels: Labels; value: number; sum: number }[] {
    return [...this.#series.values()].map(({ definition, labels, value, sum }) => ({
      name: definition.name,
      type: definition.type,
      labels,
      value,
      sum,
    }));
  }

  #bind(definition: SeriesDefinition, given: Labels): Series {
    const labels: Record<string, string> = { ...this.#fixed };
    for (const [name, value] of Object.entries(given)) labels[name] = this.#limited(definition, name, value);
    const key = `${definition.name}\0${Object.keys(labels)
      .sort()
      .map((name) => `${name}\0${labels[name]}`)
      .join('\0')}`;
    let series = this.#series.get(key);
    if (!series) {
      series = { definition, labels, value: 0, sum: 0 };
      this.#series.set(key, series);
    }
    return series;
  }

  #limited(definition: SeriesDefinition, name: string, value: string): string {
    const declared = definition.labels.find((label) => label.name === name);
    if (declared?.values) return declared.values.includes(value) ? value : 'other';
    const key = `${definition.name}\0${name}`;
    const seen = this.#seen.get(key) ?? new Set();
    this.#seen.set(key, seen);
    if (!seen.has(value) && seen.size >= (declared?.limit ?? LABEL_LIMIT)) return 'other';
    seen.add(value);
    return value;
  }
}
