// What components count, seen from the components: series are declared with the code and bound when a component is
// built, never per event. This file is the seam; what stands behind it is a `Recorder`, as the `Registry` is.

/** What names of series begin with that only we have: they stand outside of Vector's namespace. */
export const OWN_PREFIX = 'sluice_';

/** A label of a series: its values are a closed list, or come from data and are cut off at a limit. */
export interface LabelDefinition {
  readonly name: string;
  /** The closed list; anything else is counted as `other`. */
  readonly values?: readonly string[];
  /** Distinct values that one component may have when they come from data; later ones are counted as `other`. */
  readonly limit?: number;
}

export interface SeriesDefinition {
  /** Tells it from other definitions, and is small: what is known of one is found by it. */
  readonly number: number;
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** Vector's name, without namespace. */
  readonly name: string;
  readonly doc: string;
  readonly labels: readonly LabelDefinition[];
  /** A counter of something other than whole numbers, as seconds. */
  readonly hasFractions?: boolean;
}

export type Labels = Readonly<Record<string, string>>;

type Declared = Omit<SeriesDefinition, 'type' | 'labels' | 'number'> & { readonly labels?: readonly LabelDefinition[] };

export const defineCounter = (series: Declared): SeriesDefinition => define('counter', series);
export const defineGauge = (series: Declared): SeriesDefinition => define('gauge', series);
export const defineHistogram = (series: Declared): SeriesDefinition => define('histogram', series);

const defined: SeriesDefinition[] = [];

let numbers = 0;

/** The same series under another name. */
export function renamed(definition: SeriesDefinition, name: string): SeriesDefinition {
  return { ...definition, name, number: numbers++ };
}

/** Every definition of the modules that are loaded, for the reference and its tests. */
export function definedSeries(): readonly SeriesDefinition[] {
  return defined;
}

function define(type: SeriesDefinition['type'], series: Declared): SeriesDefinition {
  const definition = { labels: [], ...series, type, number: numbers++ };
  defined.push(definition);
  return definition;
}

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
