// Gathers events into parcels: what goes out in one request. Events are encoded as they arrive, so that the memory they
// came in is free at once; a parcel holds their bytes and the finalizers of the batches it has parts of.
//
//   batch ──► route ──► parcel of that target ──► full, or its time is over ──► onClosed
//
// A parcel never holds more than `max_events`, nor more than `max_bytes` unless one event alone is larger.

import type { ByteSink } from '../codecs/encoding/byte_sink.ts';
import { EncodeError, type FrameForm } from '../codecs/encoding/encoding.ts';
import { type Batch, estimatedBytes, finish, frameOf, type RawBatch } from '../event/batch.ts';
import type { Event, EventType } from '../event/event.ts';
import type { Finalizer, Status } from '../event/finalizer.ts';
import { assert } from '../std/assert.ts';
import type { Clock, Timer } from '../std/clock.ts';
import type { ErrorType, Faults } from '../telemetry/component_metrics.ts';
import type { BatchLimits } from './request_options.ts';
import { OriginCounts, type TelemetryTags } from './sent_events.ts';
import { encodeFailed } from './stream_sink.ts';

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
  /** Set where framing is one byte behind each frame, and nothing in front of it. */
  readonly frameForm: FrameForm | undefined;
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
  /** Whether events are counted by where they come from, which nobody knows of frames. */
  readonly tags?: TelemetryTags | undefined;
}

export interface Parcel<T> {
  readonly target: Target<T>;
  readonly body: ByteSink;
  readonly events: number;
  /** Estimated JSON bytes of the events. */
  readonly eventBytes: number;
  /** One hold on each batch that has a part in it. */
  readonly finalizers: readonly Finalizer[];
  readonly origins: OriginCounts | undefined;
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
  /** What an event counts against `max_bytes`: its encoded length or `leastBytes`, and `overheadBytes`. */
  readonly leastBytes: number;
  readonly overheadBytes: number;
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
    const raw = batch.kind === 'raw' && !this.#options.tags ? this.#addRaw(batch, part) : undefined;
    finish(batch, raw ?? this.#addEvents(batch, part));
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

  /** Frames that go out as they came, to one target; undefined when these do not. */
  #addRaw(batch: RawBatch, part: Part): Status | undefined {
    const { route } = this.#options;
    if (typeof route === 'function') return undefined;
    const { encoder } = this.#parcel(route);
    if (!encoder.copiesFramesOf(batch)) return undefined;
    if (encoder.frameForm && batch.delimiter >= 0) {
      this.#appendRanges(route, batch, encoder.frameForm.delimiter, part);
      return 'delivered';
    }
    let status: Status = 'delivered';
    for (let i = 0; i < batch.count; i++) {
      const frame = frameOf(batch, i);
      if (!this.#tryAppend(route, part, (to, body) => to.appendFrame(frame, body))) status = 'rejected';
    }
    return status;
  }

  /** Copies the frames of a batch range by range, each as long as fits. */
  #appendRanges(target: Target<T>, batch: RawBatch, delimiter: number, part: Part): void {
    for (let from = 0; from < batch.count; ) {
      const parcel = this.#parcel(target);
      const { events, sizeBytes } = this.#fitting(parcel, batch, from, part);
      if (events === 0) {
        assert(parcel.events > 0, 'a frame of a slot fits into an empty body');
        this.#close(parcel);
        continue;
      }
      appendRange(batch, from, from + events, delimiter, parcel.body);
      this.#grow(parcel, events, sizeBytes, part);
      from += events;
    }
  }

  /** How many frames fit, and what they count against `max_bytes`. One fits into an empty parcel whatever its size. */
  #fitting(
    parcel: Open<T>,
    { frames, count }: RawBatch,
    from: number,
    part: Part,
  ): { events: number; sizeBytes: number } {
    const { max_events: eventsMax = Number.POSITIVE_INFINITY, max_bytes: bytesMax = Number.POSITIVE_INFINITY } =
      this.#options.limits;
    const most = Math.min(count - from, eventsMax - parcel.events);
    const roomBytes = bytesMax - parcel.sizeBytes;
    let bodyBytes = parcel.body.room;
    let sizeBytes = 0;
    let events = 0;
    for (; events < most; events++) {
      const encoded = frames[2 * (from + events) + 1]! + 1;
      const size = sizeOf(part, encoded);
      const fits = sizeBytes + size <= roomBytes || parcel.events + events === 0;
      if (!fits || encoded > bodyBytes) break;
      sizeBytes += size;
      bodyBytes -= encoded;
    }
    return { events, sizeBytes };
  }

  #addEvents(batch: Batch, part: Part): Status {
    const events = batch.kind === 'raw' ? batch.layout.decode(batch) : batch.events;
    let status: Status = 'delivered';
    for (const event of events) if (!this.#addEvent(event, batch.type, part)) status = 'rejected';
    return status;
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
    const encode = (encoder: BodyEncoder, body: ByteSink): void => {
      encoder.append(event, type, body);
    };
    return this.#tryAppend(target, part, encode, (origins) => origins.add(event, type, part.eventBytes));
  }

  /** An event that cannot be encoded is counted and said, and nothing more. */
  #tryAppend(
    target: Target<T>,
    part: Part,
    encode: (encoder: BodyEncoder, body: ByteSink) => void,
    count?: (origins: OriginCounts) => void,
  ): boolean {
    try {
      this.#append(target, part, encode, count);
      return true;
    } catch (error) {
      if (!(error instanceof EncodeError)) throw error;
      encodeFailed(this.#options, error);
      return false;
    }
  }

  /** Encodes one event into the target's parcel, and moves it to the next one when it does not fit. */
  #append(
    target: Target<T>,
    part: Part,
    encode: (encoder: BodyEncoder, body: ByteSink) => void,
    count: ((origins: OriginCounts) => void) | undefined,
  ): void {
    let parcel = this.#parcel(target);
    let start = parcel.body.length;
    let fits = true;
    try {
      encode(parcel.encoder, parcel.body);
      fits = this.#fits(parcel, sizeOf(part, parcel.body.length - start));
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
    if (parcel.origins) count?.(parcel.origins);
    this.#grow(parcel, 1, sizeOf(part, parcel.body.length - start), part);
  }

  #fits(parcel: Open<T>, sizeBytes: number): boolean {
    const { max_events: eventsMax = Number.POSITIVE_INFINITY, max_bytes: bytesMax = Number.POSITIVE_INFINITY } =
      this.#options.limits;
    if (parcel.events === 0) return true;
    return parcel.events < eventsMax && parcel.sizeBytes + sizeBytes <= bytesMax;
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
    const { clock, limits, encoder, newBody, tags } = this.#options;
    const parcel: Open<T> = {
      target,
      encoder: encoder(),
      body: newBody(),
      timer: clock.after(limits.timeout_secs * 1000, () => this.#close(parcel)),
      finalizers: [],
      origins: tags && new OriginCounts(tags),
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

/** Copies frames that lie in a row, with `delimiter` behind each whatever is behind them in the slot. */
function appendRange(
  { hold, frames, delimiter: own }: RawBatch,
  from: number,
  to: number,
  delimiter: number,
  body: ByteSink,
): void {
  const first = frames[2 * from]!;
  const shift = body.length - first;
  body.range(hold.bytes, first, frames[2 * to - 2]! + frames[2 * to - 1]! + 1);
  if (own === delimiter) return;
  for (let i = from; i < to; i++) body.put(shift + frames[2 * i]! + frames[2 * i + 1]!, delimiter);
}

function partOf(batch: Batch, measure: 'encoded' | 'memory'): Part {
  const { finalizer } = batch;
  const eventBytes = estimatedBytes(batch) / batch.count;
  if (measure === 'encoded') return { finalizer, eventBytes, leastBytes: 0, overheadBytes: 0 };
  const overheadBytes = EVENT_BYTES + FIELD_BYTES * fieldsOf(batch);
  return { finalizer, eventBytes, leastBytes: eventBytes, overheadBytes };
}

function sizeOf({ leastBytes, overheadBytes }: Part, encodedBytes: number): number {
  return Math.max(encodedBytes, leastBytes) + overheadBytes;
}

/** How many fields the first event has; the others are taken to be like it. */
function fieldsOf(batch: Batch): number {
  if (batch.kind === 'raw' || batch.type === 'metric') return RAW_FIELDS;
  const value = batch.events[0]?.value;
  return typeof value === 'object' && value !== null ? Object.keys(value).length : 1;
}
