// Metrics for tests, as short as they can be said.

import { EMPTY_METADATA } from '../event/metadata.ts';
import type { MetricEvent, MetricValue, TagValue } from '../event/metric.ts';
import { Timestamp } from '../event/timestamp.ts';

interface About {
  readonly tags?: Readonly<Record<string, TagValue>>;
  readonly namespace?: string;
  readonly timestampMs?: number;
  readonly kind?: MetricEvent['kind'];
}

/** A metric, absolute unless said otherwise. */
export function metric(name: string, value: MetricValue, about: About = {}): MetricEvent {
  const { tags, namespace, timestampMs, kind = 'absolute' } = about;
  return {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...(tags ? { tags: new Map(Object.entries(tags)) } : {}),
    ...(timestampMs === undefined ? {} : { timestamp: Timestamp.fromMs(timestampMs) }),
    kind,
    value,
    metadata: EMPTY_METADATA,
  };
}

export const counter = (name: string, value: number, about?: About): MetricEvent =>
  metric(name, { type: 'counter', value }, { kind: 'incremental', ...about });

export const gauge = (name: string, value: number, about?: About): MetricEvent =>
  metric(name, { type: 'gauge', value }, about);
