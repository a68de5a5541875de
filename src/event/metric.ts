// Metrics: a series (name, namespace, tags) and one value of it.

import type { Metadata } from './metadata.ts';
import type { Timestamp } from './timestamp.ts';

/** The value of a tag: null when bare, several when the tag was given more than once. */
export type TagValue = string | null | (string | null)[];

/** Tags by name. Names are hostile keys: go through `object.ts`-style own-property access. */
export type Tags = Map<string, TagValue>;

/**
 * Tags that several events have in common, so that they are made once. They are read as any others; who writes the tags
 * of an event goes through `writableTags`.
 */
export class SharedTags extends Map<string, TagValue> {
  /** Estimated bytes of these tags as JSON; -1 until somebody asked. */
  sizeBytes = -1;
  /** What one consumer, the last one, found out by looking at these tags. `owner` says whose it is. */
  memo: { readonly owner: object } | undefined = undefined;
}

/** The tags of an event to be written: its own, made where it has none or shares them. */
export function writableTags(event: { tags?: Tags }): Tags {
  if (event.tags === undefined || event.tags instanceof SharedTags) event.tags = new Map(event.tags);
  return event.tags;
}

export interface Sample {
  readonly value: number;
  /** How many times the value was seen, at least 1. */
  readonly rate: number;
}

/** A u64: a number while safe, a bigint beyond 2^53. */
export type Count = number | bigint;

export interface Bucket {
  /** Inclusive upper limit; may be infinite. */
  readonly upperLimit: number;
  /** Observations in this bucket alone, not cumulative. */
  readonly count: Count;
}

export interface Quantile {
  /** 0 to 1. */
  readonly quantile: number;
  readonly value: number;
}

/** A DDSketch as the Datadog Agent keeps it. */
export interface Sketch {
  readonly keys: number[];
  readonly counts: number[];
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly sum: number;
  readonly avg: number;
}

export type MetricValue =
  | { readonly type: 'counter'; readonly value: number }
  | { readonly type: 'gauge'; readonly value: number }
  | { readonly type: 'set'; readonly values: readonly string[] }
  | { readonly type: 'distribution'; readonly samples: readonly Sample[]; readonly statistic: 'histogram' | 'summary' }
  | {
      readonly type: 'aggregated_histogram';
      readonly buckets: readonly Bucket[];
      readonly count: Count;
      readonly sum: number;
    }
  | {
      readonly type: 'aggregated_summary';
      readonly quantiles: readonly Quantile[];
      readonly count: Count;
      readonly sum: number;
    }
  | { readonly type: 'sketch'; readonly sketch: Sketch };

export interface MetricEvent {
  name: string;
  namespace?: string;
  tags?: Tags;
  timestamp?: Timestamp;
  /** Milliseconds the value covers, above 0. */
  intervalMs?: number;
  kind: 'incremental' | 'absolute';
  value: MetricValue;
  metadata: Metadata;
}

/** A copy that may be written: values are shared, because they are only ever replaced. */
export function cloneMetric(event: MetricEvent): MetricEvent {
  if (!event.tags) return { ...event };
  const tags: Tags = new Map();
  for (const [name, value] of event.tags) tags.set(name, Array.isArray(value) ? [...value] : value);
  return { ...event, tags };
}
