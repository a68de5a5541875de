// What the process counts of itself, as metrics: counters, gauges, and histograms with their buckets, all absolute.

import type { Metadata } from '../../event/metadata.ts';
import type { Bucket, MetricEvent, MetricValue } from '../../event/metric.ts';
import type { Timestamp } from '../../event/timestamp.ts';
import type { Reading } from '../../telemetry/telemetry.ts';

/** Names that are ours alone stand outside of the namespace, so that the others compare with Vector's. */
const OWN_PREFIX = 'sluice_';

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

/** How many series there are, which are two more series: now, and as a number that never falls. */
export function cardinality(series: number): Reading[] {
  return [
    { name: 'internal_metrics_cardinality', type: 'gauge', labels: {}, value: series, sum: 0 },
    { name: 'internal_metrics_cardinality_total', type: 'counter', labels: {}, value: series, sum: 0 },
  ];
}
