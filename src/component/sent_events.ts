// What a sink that sends requests counts as sent, with the labels that `telemetry.tags` adds: the source that events come
// from and their service. As in Vector, `-` stands where an event has none; the service of a metric is its tag `service`,
// and logs have none here, since nothing says which field it would be in.

import type { Event, EventType } from '../event/event.ts';
import type { MetricEvent, TagValue } from '../event/metric.ts';
import { componentSentEventBytes, componentSentEvents, Throughput } from '../telemetry/component_metrics.ts';
import type { Labels, Recorder } from '../telemetry/telemetry.ts';

export interface TelemetryTags {
  readonly emitService: boolean;
  readonly emitSource: boolean;
}

/** Events of one origin in one request. */
export interface OriginCount {
  readonly labels: Labels;
  events: number;
  eventBytes: number;
}

/** Origins told apart in one request; more than these are counted with the one that came first. */
const ORIGINS_MAX = 1_000;

/** Adds up the events of one request. */
export class OriginCounts {
  readonly #tags: TelemetryTags;
  readonly #counts = new Map<string, OriginCount>();

  constructor(tags: TelemetryTags) {
    this.#tags = tags;
  }

  add(event: Event, type: EventType, eventBytes: number): void {
    const source = this.#tags.emitSource ? (event.metadata.sourceId ?? NONE) : '';
    const service = this.#tags.emitService ? serviceOf(event, type) : '';
    const key = `${source.length} ${source}${service}`;
    let count = this.#counts.get(key);
    if (!count && this.#counts.size >= ORIGINS_MAX) count = this.#counts.values().next().value;
    if (!count) this.#counts.set(key, (count = { labels: labelsOf(source, service), events: 0, eventBytes: 0 }));
    count.events += 1;
    count.eventBytes += eventBytes;
  }

  all(): Iterable<OriginCount> {
    return this.#counts.values();
  }
}

const NONE = '-';

function serviceOf(event: Event, type: EventType): string {
  if (type !== 'metric') return NONE;
  const value: TagValue | undefined = (event as MetricEvent).tags?.get('service');
  return typeof value === 'string' ? value : NONE;
}

/** A label is there when it was asked for, and then it is not empty. */
function labelsOf(source: string, service: string): Labels {
  return { ...(source === '' ? {} : { source }), ...(service === '' ? {} : { service }) };
}

/** Counts requests that were delivered. */
export interface SentEvents {
  add(events: number, eventBytes: number, origins: OriginCounts | undefined): void;
}

/** Undefined when nothing was asked for. */
export function wantedTags(tags: TelemetryTags | undefined): TelemetryTags | undefined {
  return tags && (tags.emitService || tags.emitSource) ? tags : undefined;
}

export function sentEvents(recorder: Recorder, tags: TelemetryTags | undefined): SentEvents {
  if (!wantedTags(tags)) return Throughput.sent(recorder);
  return {
    add(_events, _eventBytes, origins) {
      for (const { labels, events, eventBytes } of origins?.all() ?? []) {
        recorder.counter(componentSentEvents, labels).add(events);
        recorder.counter(componentSentEventBytes, labels).add(Math.round(eventBytes));
      }
    },
  };
}
