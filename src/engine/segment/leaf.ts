// Where the events of a segment come out: encoded for a sink, or as they are for a consumer that looks at events.

import { frameOf, layoutOf, type RawBatch, type RawLayout } from '../../event/batch.ts';
import type { Event, LogEvent } from '../../event/event.ts';
import { parseJson, stringifyJson } from '../../event/json.ts';
import { EMPTY_METADATA } from '../../event/metadata.ts';
import { getPath, type Path } from '../../event/path.ts';
import { textOf } from '../../event/text.ts';
import { bytesValue, isObject, type Value } from '../../event/value.ts';
import { utf8Text } from '../../std/bytes.ts';
import { HeapHold } from '../arena/heap_hold.ts';
import { EMIT_FULL } from '../kernels/json_kernel.ts';
import { TEXT_DONE, TEXT_FULL, TEXT_SLACK_BYTES, type TextKernel } from '../kernels/text_kernel.ts';
import { FrameWriter, type OutputSlots, type Written } from './frame_writer.ts';
import { isJoined, type JoinedBase } from './joined_texts.ts';
import { JsonBase } from './json_base.ts';
import type { Base, PartialEvent } from './partial_event.ts';
import { RegexBase } from './regex_base.ts';
import type { Taker } from './step.ts';
import { TextBase, type TextFields } from './text_base.ts';

/** Frames in a form that the consumer passes through, each followed by a byte; `message` is where messages are. */
export interface LeafFrames {
  readonly form: RawLayout['form'];
  readonly delimiter: number;
  readonly message: Path | undefined;
}

/** A consumer that looks at events as they come out. */
export interface LeafTaker {
  readonly form: 'taker';
  readonly taker: Taker;
}

/** What a consumer wants: frames, events, to look at events, or no more than to hear how many there were. */
export type LeafForm = LeafFrames | LeafTaker | 'events' | 'discard';

/** What came in at a leaf since the last call. */
export interface Taken {
  readonly written: readonly Written[];
  readonly events: readonly LogEvent[];
  readonly discarded: number;
  /** What a taker made of events, and of how many. */
  readonly made: { readonly events: readonly Event[]; readonly of: number } | undefined;
}

const NOTHING: Taken = { written: [], events: [], discarded: 0, made: undefined };

/** An event could not be encoded. */
export type OnLeafError = (error: unknown) => void;

export interface Leaf {
  /** Takes the event, which nobody needs any more. */
  add(event: PartialEvent): void;
  /** Takes all events of a batch at once, when nothing is done to them. False when it cannot. */
  addAll(batch: RawBatch, common: TextFields): boolean;
  take(): Taken;
}

export function leafOf(form: LeafForm, slots: OutputSlots, text: TextKernel, onError: OnLeafError): Leaf {
  if (form === 'events') return new EventLeaf();
  if (form === 'discard') return new DiscardLeaf();
  if (form.form === 'taker') return new TakerLeaf(form.taker);
  if (form.form === 'text')
    return new MessageLeaf(new FrameWriter(slots, form.delimiter, MESSAGE_LAYOUT), form.message);
  return new JsonLeaf(new FrameWriter(slots, form.delimiter, JSON_LAYOUT), form.delimiter, text, onError);
}

class EventLeaf implements Leaf {
  #events: LogEvent[] = [];

  add(event: PartialEvent): void {
    event.complete();
    this.#events.push({ value: event.value, metadata: event.metadata });
  }

  addAll(): boolean {
    return false;
  }

  take(): Taken {
    const events = this.#events;
    this.#events = [];
    return { ...NOTHING, events };
  }
}

class TakerLeaf implements Leaf {
  readonly #taker: Taker;
  #count = 0;

  constructor(taker: Taker) {
    this.#taker = taker;
  }

  add(event: PartialEvent): void {
    this.#count += 1;
    this.#taker.take(event);
  }

  addAll(): boolean {
    return false;
  }

  take(): Taken {
    const made = { events: this.#taker.made(), of: this.#count };
    this.#count = 0;
    return { ...NOTHING, made };
  }
}

class DiscardLeaf implements Leaf {
  #discarded = 0;

  add(): void {
    this.#discarded += 1;
  }

  addAll({ count }: RawBatch): boolean {
    this.#discarded += count;
    return true;
  }

  take(): Taken {
    const discarded = this.#discarded;
    this.#discarded = 0;
    return { ...NOTHING, discarded };
  }
}

/** Writes the message of each event. */
class MessageLeaf implements Leaf {
  readonly #writer: FrameWriter;
  readonly #message: Path | undefined;

  constructor(writer: FrameWriter, message: Path | undefined) {
    this.#writer = writer;
    this.#message = message;
  }

  add(event: PartialEvent): void {
    if (event.base instanceof TextBase && event.base.keepsMessage(event)) {
      this.#writer.bytes(event.base.frame(event));
      return;
    }
    // The message is among the fields that are read for this.
    const value = this.#messageOf(event);
    if (value instanceof Uint8Array) this.#writer.bytes(value);
    else this.#writer.text(value === undefined ? '' : textOf(value));
  }

  #messageOf({ value, metadata }: LogEvent): Value | undefined {
    if (!isObject(value) && Object.hasOwn(metadata.value, 'vector')) return value;
    const path = this.#message;
    return path && getPath(path.target === 'metadata' ? metadata.value : value, path.segments);
  }

  addAll(): boolean {
    return false;
  }

  take(): Taken {
    return { ...NOTHING, written: this.#writer.take() };
  }
}

/** Writes each event as compact JSON. */
class JsonLeaf implements Leaf {
  readonly #writer: FrameWriter;
  readonly #delimiter: number;
  readonly #text: TextKernel;
  readonly #onError: OnLeafError;

  constructor(writer: FrameWriter, delimiter: number, text: TextKernel, onError: OnLeafError) {
    this.#writer = writer;
    this.#delimiter = delimiter;
    this.#text = text;
    this.#onError = onError;
  }

  add(event: PartialEvent): void {
    const { base } = event;
    try {
      if (isSpliced(base) && this.#splice(base, event)) return;
      if (base instanceof TextBase && this.#wrap(base, event)) return;
      event.complete();
      this.#writer.text(stringifyJson(event.value));
    } catch (error) {
      this.#onError(error);
    }
  }

  #splice(base: Spliced, event: PartialEvent): boolean {
    for (;;) {
      const { room } = this.#writer;
      if (room === 0) return false;
      const length = base.emit(event, this.#writer.out, room);
      if (length >= 0) {
        this.#writer.commit(length);
        return true;
      }
      if (length !== EMIT_FULL || !this.#writer.roll()) return false;
    }
  }

  /** One message with the fields around it. */
  #wrap(base: TextBase, event: PartialEvent): boolean {
    if (!base.keepsMessage(event)) return false;
    return this.#lines(base, base.around(event), base.framesOf(event), 1) === 1;
  }

  addAll(batch: RawBatch, common: TextFields): boolean {
    const base = new TextBase(batch, common, [], this.#text);
    const around = base.around(NO_EVENT);
    let first = 0;
    while (first < batch.count) {
      first = this.#lines(base, around, batch.frames.subarray(2 * first), batch.count - first) + first;
      if (first >= batch.count) break;
      // The one that the kernel does not take: not UTF-8, too large for a slot, or with a header of its own kind.
      this.#whole(batch, first);
      first += 1;
    }
    return true;
  }

  #whole(batch: RawBatch, index: number): void {
    try {
      this.#writer.text(stringifyJson(batch.layout.decodeFrame(batch, index).value));
    } catch (error) {
      this.#onError(error);
    }
  }

  /** Writes objects of the first of `count` frames: how many, up to the first that must be written otherwise. */
  #lines({ batch, gaps }: TextBase, around: readonly string[], frames: Int32Array, count: number): number {
    const text = this.#text;
    const { bytes } = batch.hold;
    if (!isInMemory(text, bytes)) return 0;
    const isHeaded = gaps.length > 0;
    const isReady = isHeaded
      ? text.aroundHeaded(around, gaps, this.#delimiter)
      : text.aroundText(around[0]!, around[1]!, this.#delimiter);
    if (!isReady) return 0;
    let done = 0;
    while (done < count) {
      const writer = this.#writer;
      if (writer.roomForMany <= TEXT_SLACK_BYTES) {
        if (writer.roll()) continue;
        return done;
      }
      const output = { start: writer.out, end: writer.out + writer.roomForMany, base: writer.base };
      const reason = isHeaded
        ? text.headedFrames(frames, done, count, bytes.byteOffset, output)
        : text.frames(frames, done, count, bytes.byteOffset, output);
      if (text.done > 0) writer.commitAll(text.table, text.done, text.outputEnd);
      done += text.done;
      if (reason === TEXT_DONE) break;
      if (reason !== TEXT_FULL) return done;
      if (text.done === 0 && !writer.roll()) return done;
    }
    return done;
  }

  take(): Taken {
    return { ...NOTHING, written: this.#writer.take() };
  }
}

/** Bases that write their events from where they lie. */
type Spliced = JsonBase | RegexBase | JoinedBase;

function isSpliced(base: Base | undefined): base is Spliced {
  return base instanceof JsonBase || base instanceof RegexBase || isJoined(base);
}

const NO_EVENT = { value: {} } as PartialEvent;

function isInMemory(text: TextKernel, bytes: Buffer): boolean {
  return bytes.buffer === text.table.buffer;
}

/** Events that nobody looks at. */
const DISCARD_LAYOUT = layoutOf({
  decodeFrame() {
    throw new Error('the events of a discarded batch are looked at');
  },
});

/** A batch that tells how many events were discarded, for a consumer that does not look at them. */
export function discardedFrames(count: number, sizeBytes: number): Written {
  const hold = new HeapHold(Buffer.alloc(0));
  return { hold, frames: new Int32Array(0), count, sizeBytes, delimiter: -1, layout: DISCARD_LAYOUT };
}

/** Events as the JSON that a leaf wrote. */
export const JSON_LAYOUT: RawLayout = layoutOf({
  form: 'json',
  decodeFrame(batch, index) {
    const frame = frameOf(batch, index);
    return { value: parseJson(utf8Text(frame, 0, frame.length)), metadata: EMPTY_METADATA };
  },
});

/** Messages that a leaf wrote, for a consumer that wants messages alone. */
export const MESSAGE_LAYOUT: RawLayout = layoutOf({
  decodeFrame: (batch, index) => ({ value: { message: bytesValue(frameOf(batch, index)) }, metadata: EMPTY_METADATA }),
});
