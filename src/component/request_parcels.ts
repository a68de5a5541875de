// Gathers events into parcels: what goes out in one request. Events are encoded as they arrive, so that the memory they
// came in is free at once; a parcel holds their bytes and the finalizers of the batches it has parts of.
//
//   batch ──► route ──► parcel of that target ──► full, or its time is over ──► onClosed
//
// A parcel never holds more than `max_events`, nor more than `max_bytes` unless one event alone is larger.

import type { ByteSink } from '../codecs/encoding/byte_sink.ts';
import { EncodeError } from '../codecs/encoding/encoding.ts';
import { type Batch, estimatedBytes, finish, frameOf, type RawBatch } from '../event/batch.ts';
import type { Event, EventType } from '../event/event.ts';
import type { Finalizer, Status } from '../event/finalizer.ts';
import type { Clock, Timer } from '../std/clock.ts';
import type { ErrorType, Faults } from '../telemetry/component_metrics.ts';
import type { BatchLimits } from './request_options.ts';

/** Parcels that gather at a time; with more targets than this, the oldest parcel goes out before its time. */
const PARCELS_MAX = 1_000;

/** Memory of one event and of each of its fields beside their text, as Vector counts it against `max_bytes`. */
const EVENT_BYTES = 216;
const FIELD_BYTES = 64;

/** Fields of a raw frame once it is decoded: message, time, source and host. */
const RAW_FIELDS = 4;

/** Appends events to one body. Each body has its own, since some codecs remember the event before. */
export interface BodyEncoder {
  /** Appends an event with its framing. Throws `EncodeError`, having appended nothing. */
  append(event: Event, type: EventType, out: ByteSink): void;
  /** Whether the frames of a raw batch are encoded already, but for the framing. */
  copiesFramesOf(batch: RawBatch): boolean;
  appendFrame(frame: Uint8Array, out: ByteSink): void;
  /** The range of bytes that holds a whole raw batch encoded and framed, where there is one. */
  passThrough(batch: Batch): Buffer | undefined;
}

export interface Target<T> {
  /** Events of equal keys go out together. */
  readonly key: string;
  readonly value: T;
}

/** Why an event goes nowhere. */
export class RouteError {
  readonly type: ErrorType;
  readonly message: string;
  constructor(type: ErrorType, message: string) {
    this.type = type;
    this.message = message;
  }
}

export interface ParcelOptions<T> {
  readonly limits: BatchLimits;
  /** What counts against `max_bytes`: encoded bytes, or the memory that the events would take in Vector. */
  readonly measure: 'encoded' | 'memory';
  /** One target for all events, or a function that finds that of each. */
  readonly route: Target<T> | ((event: Event, type: EventType) => Target<T> | RouteError);
  readonly encoder: () => BodyEncoder;
  readonly newBody: () => ByteSink;
  readonly clock: Clock;
  readonly faults: Faults;
  readonly onClosed: (parcel: Parcel<T>) => void;
}

export interface Parcel<T> {
  readonly target: Target<T>;
  readonly body: ByteSink;
  readonly events: number;
  /** Estimated JSON bytes of the events. */
  readonly eventBytes: number;
  /** One hold on each batch that has a part in it. */
  readonly finalizers: readonly Finalizer[];
}

interface Open<T> extends Parcel<T> {
  readonly encoder: BodyEncoder;
  readonly timer: Timer;
  readonly finalizers: Finalizer[];
  events: number;
  eventBytes: number;
  /** What counts against `max_bytes`. */
  sizeBytes: number;
}

/** What is the same for the events of one batch. */
interface Part {
  readonly finalizer: Finalizer;
  readonly eventBytes: number;
  /** What an event counts against `max_bytes`, by its encoded length. */
  readonly sizeOf: (encodedBytes: number) => number;
}

export class Parcels<T> {
  readonly #options: ParcelOptions<T>;
  readonly #open = new Map<string, Open<T>>();

  constructor(options: ParcelOptions<T>) {
    this.#options = options;
  }

  /** Memory of what gathers. */
  get sizeBytes(): number {
    let size = 0;
    for (const { body } of this.#open.values()) size += body.capacity;
    return size;
  }

  get count(): number {
    return this.#open.size;
  }

  /** Encodes the events of a batch into parcels and ends the hold on it. */
  add(batch: Batch): void {
    if (batch.count === 0) {
      finish(batch);
      return;
    }
    const part = partOf(batch, this.#options.measure);
    let status: Status = 'delivered';
    if (batch.kind === 'raw' && this.#addRaw(batch, part)) {
      finish(batch);
      return;
    }
    const events = batch.kind === 'raw' ? batch.layout.decode(batch) : batch.events;
    for (const event of events) if (!this.#addEvent(event, batch.type, part)) status = 'rejected';
    finish(batch, status);
  }

  /** Sends off everything that gathers. */
  flush(): void {
    for (const parcel of [...this.#open.values()]) this.#close(parcel);
  }

  /** Sends off what has gathered for longest. */
  flushOldest(): void {
    const oldest = this.#open.values().next().value;
    if (oldest) this.#close(oldest);
  }

  /** Frames that go out as they came, to one target: the whole batch at once, or frame by frame. */
  #addRaw(batch: RawBatch, part: Part): boolean {
    const { route } = this.#options;
    if (typeof route === 'function') return false;
    const parcel = this.#parcel(route);
    if (!parcel.encoder.copiesFramesOf(batch)) return false;
    const range = parcel.encoder.passThrough(batch);
    const sizeBytes = part.sizeOf(batch.sizeBytes / batch.count) * batch.count;
    if (range && this.#fits(parcel, batch.count, sizeBytes) && range.length <= parcel.body.room) {
      parcel.body.bytes(range);
      this.#grow(parcel, batch.count, sizeBytes, part);
      return true;
    }
    for (let i = 0; i < batch.count; i++) {
      const frame = frameOf(batch, i);
      this.#append(route, part, (encoder, body) => encoder.appendFrame(frame, body));
    }
    return true;
  }

  #addEvent(event: Event, type: EventType, part: Part): boolean {
    const { route, faults } = this.#options;
    const target = typeof route === 'function' ? route(event, type) : route;
    if (target instanceof RouteError) {
      faults.error('A template cannot be used for an event', {
        type: target.type,
        stage: 'processing',
        fields: { error: target.message },
      });
      faults.discarded(1, target.type, false);
      return false;
    }
    try {
      this.#append(target, part, (encoder, body) => encoder.append(event, type, body));
      return true;
    } catch (error) {
      if (!(error instanceof EncodeError)) throw error;
      faults.error('An event cannot be encoded', {
        type: 'encoder_failed',
        stage: 'sending',
        code: 'encoder_serialize',
        fields: { error: error.message },
      });
      faults.discarded(1, 'encoder_failed', false);
      return false;
    }
  }

  /** Encodes one event into the target's parcel, and moves it to the next one when it does not fit. */
  #append(target: Target<T>, part: Part, encode: (encoder: BodyEncoder, body: ByteSink) => void): void {
    let parcel = this.#parcel(target);
    let start = parcel.body.length;
    let fits = true;
    try {
      encode(parcel.encoder, parcel.body);
      fits = this.#fits(parcel, 1, part.sizeOf(parcel.body.length - start));
    } catch (error) {
      // A body that is as long as it can be refuses an event that fits well into the next one.
      const full = parcel.events > 0 && parcel.body.room < parcel.body.length;
      if (!(error instanceof EncodeError) || !full) throw error;
      fits = false;
    }
    if (!fits) {
      parcel.body.truncate(start);
      this.#close(parcel);
      parcel = this.#parcel(target);
      start = parcel.body.length;
      encode(parcel.encoder, parcel.body);
    }
    this.#grow(parcel, 1, part.sizeOf(parcel.body.length - start), part);
  }

  #fits(parcel: Open<T>, events: number, sizeBytes: number): boolean {
    const { max_events: eventsMax = Number.POSITIVE_INFINITY, max_bytes: bytesMax = Number.POSITIVE_INFINITY } =
      this.#options.limits;
    if (parcel.events === 0 && events === 1) return true;
    return parcel.events + events <= eventsMax && parcel.sizeBytes + sizeBytes <= bytesMax;
  }

  #grow(parcel: Open<T>, events: number, sizeBytes: number, part: Part): void {
    parcel.events += events;
    parcel.sizeBytes += sizeBytes;
    parcel.eventBytes += part.eventBytes * events;
    if (parcel.finalizers.at(-1) !== part.finalizer) parcel.finalizers.push(part.finalizer.retain());
    const { max_events: eventsMax, max_bytes: bytesMax } = this.#options.limits;
    const full = (eventsMax ?? Infinity) <= parcel.events || (bytesMax ?? Infinity) <= parcel.sizeBytes;
    if (full) this.#close(parcel);
  }

  #parcel(target: Target<T>): Open<T> {
    const known = this.#open.get(target.key);
    if (known) return known;
    if (this.#open.size >= PARCELS_MAX) this.flushOldest();
    const { clock, limits, encoder, newBody } = this.#options;
    const parcel: Open<T> = {
      target,
      encoder: encoder(),
      body: newBody(),
      timer: clock.after(limits.timeout_secs * 1000, () => this.#close(parcel)),
      finalizers: [],
      events: 0,
      eventBytes: 0,
      sizeBytes: 0,
    };
    this.#open.set(target.key, parcel);
    return parcel;
  }

  #close(parcel: Open<T>): void {
    parcel.timer.cancel();
    this.#open.delete(parcel.target.key);
    if (parcel.events > 0) this.#options.onClosed(parcel);
  }
}

function partOf(batch: Batch, measure: 'encoded' | 'memory'): Part {
  const eventBytes = estimatedBytes(batch) / batch.count;
  if (measure === 'encoded') return { finalizer: batch.finalizer, eventBytes, sizeOf: (encoded) => encoded };
  const overhead = EVENT_BYTES + FIELD_BYTES * fieldsOf(batch);
  const sizeOf = (encoded: number): number => Math.max(encoded, eventBytes) + overhead;
  return { finalizer: batch.finalizer, eventBytes, sizeOf };
}

/** How many fields the first event has; the others are taken to be like it. */
function fieldsOf(batch: Batch): number {
  if (batch.kind === 'raw' || batch.type === 'metric') return RAW_FIELDS;
  const value = batch.events[0]?.value;
  return typeof value === 'object' && value !== null ? Object.keys(value).length : 1;
}
