// Events that are kept beyond the batch they came with.

import type { Event, EventType, LogEvent } from './event.ts';
import type { Metadata } from './metadata.ts';
import type { MetricEvent, MetricValue, Tags, TagValue } from './metric.ts';
import { ownValue } from './own_value.ts';
import { type ObjectValue, own } from './value.ts';

/** A copy that stands alone: its texts keep no longer ones alive, and nobody else sees it. */
export function ownEvent(type: EventType, event: Event): Event {
  return type === 'metric' ? ownMetric(event as MetricEvent) : ownLog(event as LogEvent);
}

/** Such a copy of a log or trace. */
export function ownLog({ value, metadata }: LogEvent): LogEvent {
  return { value: ownValue(value), metadata: ownMetadata(metadata) };
}

function ownMetadata(metadata: Metadata): Metadata {
  const { value, secrets } = metadata;
  if (Object.keys(value).length === 0 && !secrets) return metadata;
  return {
    ...metadata,
    value: ownValue(value) as ObjectValue,
    ...(secrets && { secrets: new Map([...secrets].map(([name, secret]) => [own(name), own(secret)])) }),
  };
}

function ownMetric(event: MetricEvent): MetricEvent {
  const copy: MetricEvent = {
    ...event,
    name: own(event.name),
    value: ownMetricValue(event.value),
    metadata: ownMetadata(event.metadata),
  };
  if (event.namespace !== undefined) copy.namespace = own(event.namespace);
  if (event.tags) copy.tags = ownTags(event.tags);
  return copy;
}

function ownMetricValue(value: MetricValue): MetricValue {
  return value.type === 'set' ? { type: 'set', values: value.values.map(own) } : value;
}

function ownTags(tags: Tags): Tags {
  const ownText = (text: string | null): string | null => (text === null ? null : own(text));
  const ownTag = (value: TagValue): TagValue => (Array.isArray(value) ? value.map(ownText) : ownText(value));
  return new Map([...tags].map(([name, value]) => [own(name), ownTag(value)]));
}
