// What a stage of a buffer counts, and tells every two seconds and at its end, as Vector does: a batch costs additions
// only, and series without anything to tell do not exist. Each time it was told, received = sent + discarded + size, in
// events and in bytes.

import type { Batch } from '../event/batch.ts';
import type { Clock, Timer } from '../std/clock.ts';
import {
  type Counter,
  defineCounter,
  defineGauge,
  defineHistogram,
  type Histogram,
  type Labels,
  type Recorder,
  type SeriesDefinition,
} from '../telemetry/telemetry.ts';

const STAGE = [
  { name: 'buffer_id', limit: 1_000 },
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
  labels: STAGE.slice(1),
});

export interface Capacity {
  readonly unit: 'events' | 'bytes';
  readonly max: number;
}

/** How often a stage tells what it has counted. */
const TELL_MS = 2_000;

/** Events and their bytes since they were told last. */
class Flow {
  #events = 0;
  #bytes = 0;

  add(events: number, bytes: number): void {
    this.#events += events;
    this.#bytes += bytes;
  }

  /** Tells them, where there are any, to what is made then. */
  tell(to: () => readonly [Pick<Counter, 'add'>, Pick<Counter, 'add'>]): void {
    if (this.#events === 0 && this.#bytes === 0) return;
    const [events, bytes] = to();
    events.add(this.#events);
    bytes.add(this.#bytes);
    this.#events = 0;
    this.#bytes = 0;
  }
}

export class StageMetrics {
  readonly #recorder: Recorder;
  readonly #clock: Clock;
  readonly #labels: Labels;
  readonly #received = new Flow();
  readonly #sent = new Flow();
  readonly #discarded = { true: new Flow(), false: new Flow() };
  /** Changes are added, so that a sink on its way out and the one that replaces it share the series. */
  readonly #size = new Flow();
  readonly #sendDuration: Histogram;
  readonly #capacity: Capacity;
  #timer: Timer;

  constructor(
    recorder: Recorder,
    clock: Clock,
    bufferId: string,
    type: 'memory' | 'disk',
    stage: number,
    capacity: Capacity,
  ) {
    this.#recorder = recorder;
    this.#clock = clock;
    this.#labels = { buffer_id: bufferId, buffer_type: type, stage: String(stage) };
    this.#sendDuration = recorder.histogram(bufferSendDuration, { buffer_type: type, stage: String(stage) });
    this.#capacity = capacity;
    this.#tellCapacity();
    this.#timer = clock.after(TELL_MS, () => this.#tellAgain());
  }

  received({ count }: Batch, bytes: number, waitedMs: number): void {
    this.#received.add(count, bytes);
    this.#sendDuration.record(waitedMs / 1000);
  }

  sent({ count }: Batch, bytes: number): void {
    this.#sent.add(count, bytes);
  }

  discarded({ count }: Batch, bytes: number, intentional: boolean): void {
    this.#discarded[intentional ? 'true' : 'false'].add(count, bytes);
  }

  resized(events: number, bytes: number): void {
    this.#size.add(events, bytes);
  }

  /** Tells the rest. */
  close(): void {
    this.#timer.cancel();
    this.#tell();
  }

  #tellAgain(): void {
    // Again and again, as series that are not set may expire.
    this.#tellCapacity();
    this.#tell();
    this.#timer = this.#clock.after(TELL_MS, () => this.#tellAgain());
  }

  #tellCapacity(): void {
    const { unit, max } = this.#capacity;
    const names =
      unit === 'events' ? [bufferMaxSizeEvents, bufferMaxEventSize] : [bufferMaxSizeBytes, bufferMaxByteSize];
    for (const name of names) this.#recorder.gauge(name, this.#labels).set(max);
  }

  #tell(): void {
    const recorder = this.#recorder;
    const counters = (events: SeriesDefinition, bytes: SeriesDefinition, more: Labels = {}) => {
      const labels = { ...this.#labels, ...more };
      return [recorder.counter(events, labels), recorder.counter(bytes, labels)] as const;
    };
    this.#received.tell(() => counters(bufferReceivedEvents, bufferReceivedBytes));
    this.#sent.tell(() => counters(bufferSentEvents, bufferSentBytes));
    for (const intentional of ['true', 'false'] as const)
      this.#discarded[intentional].tell(() => counters(bufferDiscardedEvents, bufferDiscardedBytes, { intentional }));
    this.#size.tell(() => [
      recorder.gauge(bufferSizeEvents, this.#labels),
      recorder.gauge(bufferSizeBytes, this.#labels),
    ]);
  }
}
