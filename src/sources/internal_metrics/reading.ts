// What the process counts of itself, as metrics: counters, gauges, and histograms with their buckets, all absolute.

import type { Metadata } from '../../event/metadata.ts';
import type { Bucket, MetricEvent, MetricValue } from '../../event/metric.ts';
import type { Timestamp } from '../../event/timestamp.ts';
import { defineCounter, defineGauge, OWN_PREFIX, type Reading } from '../../telemetry/telemetry.ts';

export interface MetricMaker {
  readonly namespace: string;
  /** Tags of every metric. */
  readonly tags: readonly (readonly [string, string])[];
  readonly metadata: Metadata;
}

/** The metric of one series. */
export function metricOf(reading: Reading, maker: MetricMaker, timestamp: Timestamp): MetricEvent {
  const { name, labels } = reading;
  const { namespace, metadata } = maker;
  const tags = new Map<string, string>(Object.entries(labels));
  for (const [tag, value] of maker.tags) tags.set(tag, value);
  return {
    name,
    ...(namespace === '' || name.startsWith(OWN_PREFIX) ? {} : { namespace }),
    ...(tags.size === 0 ? {} : { tags }),
    timestamp,
    kind: 'absolute',
    value: metricValueOf(reading),
    metadata,
  };
}

function metricValueOf({ type, value, sum, buckets }: Reading): MetricValue {
  if (type !== 'histogram') return { type, value };
  return { type: 'aggregated_histogram', buckets: (buckets ?? []).map(bucketAt), count: value, sum };
}

/** The first bucket of a histogram ends at 2^-12, each other one at twice as much, and the last one nowhere. */
const FIRST_EXPONENT = -12;

function bucketAt(count: number, index: number, { length }: readonly number[]): Bucket {
  return { upperLimit: index === length - 1 ? Number.POSITIVE_INFINITY : 2 ** (index + FIRST_EXPONENT), count };
}

const seriesNow = defineGauge({ name: 'internal_metrics_cardinality', doc: 'Series that there are.' });
const seriesEver = defineCounter({
  name: 'internal_metrics_cardinality_total',
  doc: 'Series that there are, under the name and type of older versions.',
});

/** How many series there are, which are two more series: now, and as a number that never falls. */
export function cardinality(series: number): Reading[] {
  return [seriesNow, seriesEver].map(({ name, type }) => ({ name, type, labels: {}, value: series, sum: 0 }));
}
