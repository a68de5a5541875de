// The unit that moves. A batch is raw (frames inside an arena slot) or decoded (an array of events of one type).
//
// Ownership: whoever receives a batch owns one hold on it and ends it exactly once, by `finish(batch, status)` or by
// handing it on. `share(batch)` makes another hold for another consumer. Events of a decoded batch and the bytes of a
// raw one are read-only for everyone; who writes, copies (`cloneEvents`).

import { assert } from '../std/assert.ts';
import type { Event, EventType, LogEvent, TraceEvent } from './event.ts';
import { sizeOfMetrics, sizeOfValues } from './event_size.ts';
import { Finalizer, type Status } from './finalizer.ts';
import type { Metadata } from './metadata.ts';
import { cloneMetric, type MetricEvent } from './metric.ts';
import { cloneValue, type ObjectValue, type Value } from './value.ts';

/** Memory that bytes in flight lie in, counted by holders (an arena slot). */
export interface ByteHold {
  /** The whole region. */
  readonly bytes: Buffer;
  retain(): void;
  release(): void;
}

/** What is the same for all events of a raw batch, besides what their frames say. */
export interface CommonFields {
  /** Top-level members; not to be changed. */
  readonly fields: ObjectValue;
  readonly metadata: Metadata;
  /** The top-level member that holds the message, where frames are messages. */
  readonly messageKey: string | undefined;
  /** Names of those fields that stand over members of the same name in frames of JSON; others give way. */
  readonly overwriting: readonly string[];
  /** Set when a header before each frame of text says more; what it says is not in `fields`. */
  readonly header?: HeaderFields | undefined;
  /** Set where frames are messages of syslog, of RFC 5424 and with nothing unusual in them (`SyslogParts` finds all). */
  readonly syslog?: SyslogFields | undefined;
}

/** What the fields of a syslog message have beside them that is not the same for all. */
export interface SyslogFields {
  /** The top-level member that holds the host which the message names, or else `peer`; undefined for none. */
  readonly hostKey: string | undefined;
  readonly peer: string;
}

/**
 * Fields that differ from frame to frame, as the header says that a container runtime puts before each. It lies directly
 * before the frame in the region, behind a newline or at its beginning:
 *
 *   ⏎2026-11-27T05:24:18.123456789Z stdout F message
 */
export interface HeaderFields {
  /** The top-level members for time and stream, which are strings of plain letters; undefined for none. */
  readonly time: string | undefined;
  readonly stream: string | undefined;
  /** Whether the frame has such a header. The events of others are told by `decodeFrame` alone. */
  has(batch: RawBatch, index: number): boolean;
  valueOf(batch: RawBatch, index: number, field: 'time' | 'stream'): Value;
}

/** How the frames of a raw batch become events; made once per source (or file, or peer), not per batch. */
export interface RawLayout {
  /**
   * What a frame is: `text`, the message of its event; `json_text`, a JSON object that is the event but for the common
   * fields; `syslog`, a message of syslog, whose fields are the event but for the common ones; `json`, the whole event as the codec `json` writes it (what a segment makes for a sink that writes JSON).
   */
  readonly form: 'text' | 'json_text' | 'syslog' | 'json';
  /**
   * One log event per frame, in order, owning its text. The fields that are the same for all (host, file,
   * `source_type`, ingest time) are added here.
   */
  decode(batch: RawBatch): LogEvent[];
  /** The same for frame `index` alone. */
  decodeFrame(batch: RawBatch, index: number): LogEvent;
  /** What the events of a batch have in common; undefined when their fields differ from frame to frame. */
  common(batch: RawBatch): CommonFields | undefined;
  /** Estimated bytes that decoding adds to each frame when it is encoded as JSON, for `*_event_bytes_total`. */
  readonly overheadBytes: number;
  /** What another thread makes the same layout of, where it is plain data; see `layoutOfRecipe` of source fields. */
  readonly recipe?: unknown;
}

export interface RawBatch {
  readonly kind: 'raw';
  readonly type: 'log';
  readonly hold: ByteHold;
  /** Pairs of (offset in `hold.bytes`, length): frame i is at `frames[2 * i]`, long `frames[2 * i + 1]`. */
  readonly frames: Int32Array;
  /** Number of frames; each is one event. */
  readonly count: number;
  /** Bytes of all frames, without delimiters. */
  readonly sizeBytes: number;
  /**
   * The byte that follows each frame directly in the slot, the next frame coming right behind it, so that the whole
   * batch is one range; -1 when frames do not lie so.
   */
  readonly delimiter: number;
  /** When the bytes arrived, milliseconds since the epoch. */
  readonly ingestedMs: number;
  /** Position of the first frame in its stream or file; -1 when there is none. */
  readonly streamOffset: number;
  readonly layout: RawLayout;
  readonly finalizer: Finalizer;
}

interface Decoded<T extends EventType, E> {
  readonly kind: 'decoded';
  readonly type: T;
  readonly events: readonly E[];
  readonly count: number;
  /** Estimated bytes of the events as JSON; see `event_size.ts`. */
  readonly sizeBytes: number;
  readonly finalizer: Finalizer;
}

export type LogBatch = Decoded<'log', LogEvent>;
export type MetricBatch = Decoded<'metric', MetricEvent>;
export type TraceBatch = Decoded<'trace', TraceEvent>;
export type DecodedBatch = LogBatch | MetricBatch | TraceBatch;
export type Batch = RawBatch | DecodedBatch;

/** A layout from how one frame becomes an event. */
export function layoutOf(layout: {
  readonly form?: RawLayout['form'];
  readonly overheadBytes?: number;
  readonly decodeFrame: RawLayout['decodeFrame'];
  readonly common?: RawLayout['common'];
  readonly recipe?: unknown;
}): RawLayout {
  const { form = 'text', overheadBytes = 0, decodeFrame, common = () => undefined, recipe } = layout;
  return {
    form,
    overheadBytes,
    decodeFrame,
    common,
    recipe,
    decode(batch) {
      const events = new Array<LogEvent>(batch.count);
      for (let i = 0; i < batch.count; i++) events[i] = decodeFrame(batch, i);
      return events;
    },
  };
}

/** A decoded batch; `sizeBytes` is what `event_size.ts` estimates unless given. */
export function logBatch(
  events: readonly LogEvent[],
  finalizer = new Finalizer(),
  sizeBytes = sizeOfValues(events),
): LogBatch {
  return { kind: 'decoded', type: 'log', events, count: events.length, sizeBytes, finalizer };
}

export function metricBatch(
  events: readonly MetricEvent[],
  finalizer = new Finalizer(),
  sizeBytes = sizeOfMetrics(events),
): MetricBatch {
  return { kind: 'decoded', type: 'metric', events, count: events.length, sizeBytes, finalizer };
}

export function traceBatch(
  events: readonly TraceEvent[],
  finalizer = new Finalizer(),
  sizeBytes = sizeOfValues(events),
): TraceBatch {
  return { kind: 'decoded', type: 'trace', events, count: events.length, sizeBytes, finalizer };
}

/** A decoded batch of any type, for code that is generic over it. */
export function decodedBatch(type: EventType, events: readonly Event[], finalizer = new Finalizer()): DecodedBatch {
  if (type === 'log') return logBatch(events as readonly LogEvent[], finalizer);
  if (type === 'metric') return metricBatch(events as readonly MetricEvent[], finalizer);
  return traceBatch(events as readonly TraceEvent[], finalizer);
}

/** Another hold on the same batch, for one more consumer. */
export function share<B extends Batch>(batch: B): B {
  batch.finalizer.retain();
  if (batch.kind === 'raw') batch.hold.retain();
  return batch;
}

/** Ends a hold: the bytes may be reused, and the source learns the status when the last holder lets go. */
export function finish(batch: Batch, status: Status = 'delivered'): void {
  if (batch.kind === 'raw') batch.hold.release();
  batch.finalizer.release(status);
}

/**
 * The same events decoded, under the same hold: the slot is let go, the finalizer moves on. After this the raw batch
 * must not be used.
 */
export function decode(batch: Batch): DecodedBatch {
  if (batch.kind === 'decoded') return batch;
  const events = batch.layout.decode(batch);
  assert(events.length === batch.count, 'a raw layout makes one event of each frame');
  const decoded = logBatch(events, batch.finalizer, estimatedBytes(batch));
  batch.hold.release();
  return decoded;
}

/** Estimated bytes of the batch's events as JSON. */
export function estimatedBytes(batch: Batch): number {
  return batch.kind === 'raw' ? batch.sizeBytes + batch.count * batch.layout.overheadBytes : batch.sizeBytes;
}

/** Beside its JSON, an event is objects: measured, a log of ten fields takes 292 bytes for 141 of JSON, a metric 448 for 105. */
const LOG_OBJECT_BYTES = 120;
const METRIC_OBJECT_BYTES = 320;
/** A raw batch has two numbers for each frame, and its text lies in a slot of the arena. */
const FRAME_BYTES = 8;
const BATCH_BYTES = 400;

/** Estimated bytes of the heap that a batch takes while it waits. */
export function heapBytesOf(batch: Batch): number {
  if (batch.kind === 'raw') return BATCH_BYTES + FRAME_BYTES * batch.count;
  return BATCH_BYTES + heapBytesOfEvents(batch.type, batch.count, batch.sizeBytes);
}

/** Estimated bytes of the heap that events take whose JSON has `sizeBytes`. */
export function heapBytesOfEvents(type: EventType, count: number, sizeBytes: number): number {
  return (type === 'metric' ? METRIC_OBJECT_BYTES : LOG_OBJECT_BYTES) * count + Math.ceil(1.25 * sizeBytes);
}

/** Copies of a batch's events that may be written. */
export function cloneEvents(batch: LogBatch | TraceBatch): LogEvent[] {
  return batch.events.map((event) => ({ value: cloneValue(event.value), metadata: event.metadata }));
}

/**
 * The same events decoded, for a consumer that writes them, under the same hold: the batch's own when nobody else can
 * see them, copies otherwise. Sound because whoever can see events of a batch holds its finalizer; so who sends events
 * on under another finalizer is a writer too, and a source that sent a batch looks at it no more.
 */
export function ownEvents(batch: Batch): DecodedBatch {
  if (batch.kind === 'raw') return decode(batch);
  if (batch.finalizer.holders <= 1) return batch;
  if (batch.type === 'metric') return { ...batch, events: batch.events.map(cloneMetric) };
  return { ...batch, events: cloneEvents(batch) };
}

/** Frame `index` of a raw batch: a view into the slot, valid until the batch is finished. */
export function frameOf(batch: RawBatch, index: number): Buffer {
  const offset = batch.frames[2 * index]!;
  return batch.hold.bytes.subarray(offset, offset + batch.frames[2 * index + 1]!);
}
