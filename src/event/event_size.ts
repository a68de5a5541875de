// How large events are, estimated as the length of their compact JSON, for telemetry and byte-sized buffers.
// An estimate: escapes and multi-byte characters are not looked at.

import type { LogEvent } from './event.ts';
import { type MetricEvent, SharedTags, type Tags } from './metric.ts';
import { Timestamp } from './timestamp.ts';
import { Float, Regex, type Value } from './value.ts';

const NUMBER_BYTES = 8;
const TIMESTAMP_BYTES = 32;
const METRIC_BASE_BYTES = 64;

/** Estimated JSON bytes of a value. */
export function sizeOfValue(value: Value): number {
  switch (typeof value) {
    case 'string':
      return value.length + 2;
    case 'number':
    case 'bigint':
      return NUMBER_BYTES;
    case 'boolean':
      return 5;
  }
  if (value === null) return 4;
  if (Array.isArray(value)) {
    let size = 2;
    for (const item of value) size += sizeOfValue(item) + 1;
    return size;
  }
  if (value instanceof Timestamp) return TIMESTAMP_BYTES;
  if (value instanceof Uint8Array) return value.length + 2;
  if (value instanceof Float) return NUMBER_BYTES;
  if (value instanceof Regex) return value.source.length + 2;
  let size = 2;
  for (const key of Object.keys(value)) size += key.length + 4 + sizeOfValue(value[key]!);
  return size;
}

/** Estimated JSON bytes of logs or traces. */
export function sizeOfValues(events: readonly LogEvent[]): number {
  let size = 0;
  for (const event of events) size += sizeOfValue(event.value);
  return size;
}

/** Estimated JSON bytes of metrics. */
export function sizeOfMetrics(events: readonly MetricEvent[]): number {
  let size = 0;
  for (const event of events) size += sizeOfMetric(event);
  return size;
}

function sizeOfTags(tags: Tags | undefined): number {
  if (!tags) return 0;
  const isShared = tags instanceof SharedTags;
  if (isShared && tags.sizeBytes >= 0) return tags.sizeBytes;
  let size = 0;
  for (const [name, value] of tags) {
    size += name.length + 6;
    for (const one of Array.isArray(value) ? value : [value]) size += (one?.length ?? 4) + 1;
  }
  if (isShared) tags.sizeBytes = size;
  return size;
}

function sizeOfMetric(event: MetricEvent): number {
  const size = METRIC_BASE_BYTES + event.name.length + (event.namespace?.length ?? 0) + sizeOfTags(event.tags);
  switch (event.value.type) {
    case 'set':
      return event.value.values.reduce((sum, text) => sum + text.length + 3, size);
    case 'distribution':
      return size + event.value.samples.length * 32;
    case 'aggregated_histogram':
      return size + event.value.buckets.length * 32;
    case 'aggregated_summary':
      return size + event.value.quantiles.length * 32;
    case 'sketch':
      return size + event.value.sketch.keys.length * 12;
    default:
      return size;
  }
}
