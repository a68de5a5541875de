// What components count, seen from the components: series are declared with the code and bound when a component is
// built, never per event. This file is the seam; what stands behind it is a `Recorder`, as the `Registry` is.

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
  /** A counter of something other than whole numbers, as seconds. */
  readonly hasFractions?: boolean;
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

/** What `all` tells of a series. */
export interface Reading {
  readonly name: string;
  readonly type: SeriesDefinition['type'];
  readonly doc?: string;
  readonly labels: Labels;
  readonly value: number;
  readonly sum: number;
  /** Counts per bucket, not added up. */
  readonly buckets?: readonly number[];
}
