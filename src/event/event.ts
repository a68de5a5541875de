// The three kinds of events.

import type { Metadata } from './metadata.ts';
import type { MetricEvent } from './metric.ts';
import type { Value } from './value.ts';

export type EventType = 'log' | 'metric' | 'trace';

/** A log: any value (an object in the legacy namespace) and its metadata. */
export interface LogEvent {
  value: Value;
  metadata: Metadata;
}

/** A trace: a value tree like a log's, kept apart as a type. */
export interface TraceEvent {
  value: Value;
  metadata: Metadata;
}

export type Event = LogEvent | MetricEvent | TraceEvent;

/** An event together with its type, for decoders whose input holds all three. */
export type TypedEvent =
  | { readonly type: 'log'; readonly event: LogEvent }
  | { readonly type: 'metric'; readonly event: MetricEvent }
  | { readonly type: 'trace'; readonly event: TraceEvent };
