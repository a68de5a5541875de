// What a stage of a buffer counts. At every moment received = sent + discarded + size, in events and in bytes.

import type { Batch } from '../event/batch.ts';
import {
  type Counter,
  defineCounter,
  defineGauge,
  defineHistogram,
  type Gauge,
  type Histogram,
  type Recorder,
} from '../telemetry/telemetry.ts';

const STAGE = [
  { name: 'buffer_id' },
  { name: 'buffer_type', values: ['memory', 'disk'] },
  { name: 'stage', limit: 16 },
] as const;

const counter = (name: string, doc: string) => defineCounter({ name, doc, labels: STAGE });
const gauge = (name: string, doc: string) => defineGauge({ name, doc, labels: STAGE });
const discarded = (name: string, doc: string) =>
  defineCounter({ name, doc, labels: [...STAGE, { name: 'intentional', values: ['true', 'false'] }] });

const bufferReceivedEvents = counter('buffer_received_events_total', 'Events that came to the buffer.');
const bufferReceivedBytes = counter('buffer_received_bytes_total', 'Bytes of the events that came to the buffer.');
const bufferSentEvents = counter('buffer_sent_events_total', 'Events that the buffer gave to its sink.');
const bufferSentBytes = counter('buffer_sent_bytes_total', 'Bytes of the events that the buffer gave to its sink.');
const bufferDiscardedEvents = discarded('buffer_discarded_events_total', 'Events that the buffer dropped.');
const bufferDiscardedBytes = discarded('buffer_discarded_bytes_total', 'Bytes of the events that the buffer dropped.');
const bufferSizeEvents = gauge('buffer_size_events', 'Events in the buffer.');
const bufferSizeBytes = gauge('buffer_size_bytes', 'Bytes of the events in the buffer.');
const bufferMaxSizeEvents = gauge('buffer_max_size_events', 'Most events the buffer holds.');
const bufferMaxSizeBytes = gauge('buffer_max_size_bytes', 'Most bytes of events the buffer holds.');
const bufferMaxEventSize = gauge('buffer_max_event_size', 'The older name of `buffer_max_size_events`.');
const bufferMaxByteSize = gauge('buffer_max_byte_size', 'The older name of `buffer_max_size_bytes`.');

/** How long senders waited until a component took their batch. Transforms record it too, with stage 0. */
export const bufferSendDuration = defineHistogram({
  name: 'buffer_send_duration_seconds',
  doc: 'Time it takes to hand a batch to the component.',
  labels: STAGE,
});

export interface Capacity {
  readonly unit: 'events' | 'bytes';
  readonly max: number;
}

export class StageMetrics {
  readonly #receivedEvents: Counter;
  readonly #receivedBytes: Counter;
  readonly #sentEvents: Counter;
  readonly #sentBytes: Counter;
  readonly #dropped: (intentional: boolean) => [Counter, Counter];
  readonly #sizeEvents: Gauge;
  readonly #sizeBytes: Gauge;
  readonly #sendDuration: Histogram;

  constructor(recorder: Recorder, bufferId: string, type: 'memory' | 'disk', stage: number, capacity: Capacity) {
    const labels = { buffer_id: bufferId, buffer_type: type, stage: String(stage) };
    this.#receivedEvents = recorder.counter(bufferReceivedEvents, labels);
    this.#receivedBytes = recorder.counter(bufferReceivedBytes, labels);
    this.#sentEvents = recorder.counter(bufferSentEvents, labels);
    this.#sentBytes = recorder.counter(bufferSentBytes, labels);
    this.#dropped = (intentional) => [
      recorder.counter(bufferDiscardedEvents, { ...labels, intentional: String(intentional) }),
      recorder.counter(bufferDiscardedBytes, { ...labels, intentional: String(intentional) }),
    ];
    this.#sizeEvents = recorder.gauge(bufferSizeEvents, labels);
    this.#sizeBytes = recorder.gauge(bufferSizeBytes, labels);
    this.#sendDuration = recorder.histogram(bufferSendDuration, { buffer_type: type, stage: String(stage) });
    const [max, older] =
      capacity.unit === 'events' ? [bufferMaxSizeEvents, bufferMaxEventSize] : [bufferMaxSizeBytes, bufferMaxByteSize];
    recorder.gauge(max, labels).set(capacity.max);
    recorder.gauge(older, labels).set(capacity.max);
  }

  received({ count }: Batch, bytes: number, waitedMs: number): void {
    this.#receivedEvents.add(count);
    this.#receivedBytes.add(bytes);
    this.#sendDuration.record(waitedMs / 1000);
  }

  sent({ count }: Batch, bytes: number): void {
    this.#sentEvents.add(count);
    this.#sentBytes.add(bytes);
  }

  discarded({ count }: Batch, bytes: number, intentional: boolean): void {
    const [events, size] = this.#dropped(intentional);
    events.add(count);
    size.add(bytes);
  }

  /** Changes are added, so that a sink on its way out and the one that replaces it share the series. */
  resized(events: number, bytes: number): void {
    this.#sizeEvents.add(events);
    this.#sizeBytes.add(bytes);
  }
}
