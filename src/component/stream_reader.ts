// Turns the bytes of one stream (a file, a connection, a pipe) into batches. What every source that reads bytes uses.
//
//   read into room() ─► filled(n) ─┬─ bytes codec, one delimiter byte: raw batches, frames left where they were read
//                                  └─ anything else: frames are decoded at once, the region is used again; but for
//                                     those that a codec knows to be events as they are
//
// Backpressure: `room()` is undefined while the arena is full, and the promise of `filled` must be awaited.

import type { Decoder } from '../codecs/decoding/decoding.ts';
import { OVERSIZED } from '../codecs/framing/frame_decoder.ts';
import { type FrameDecoder, FramingError } from '../codecs/framing/framing.ts';
import type { Slot } from '../engine/arena/arena.ts';
import { Intake } from '../engine/arena/intake.ts';
import { type CutFrames, type Delimited, LineCutter } from '../engine/arena/line_cutter.ts';
import {
  type Batch,
  type ByteHold,
  type DecodedBatch,
  estimatedBytes,
  type RawBatch,
  type RawLayout,
} from '../event/batch.ts';
import { Finalizer } from '../event/finalizer.ts';
import { componentReceivedBytes, Throughput } from '../telemetry/component_metrics.ts';
import type { Counter, Labels } from '../telemetry/telemetry.ts';
import type { SourceContext } from './context.ts';
import type { Output } from './define.ts';
import { EventCollector } from './event_collector.ts';
import { type FieldWriter, fieldWriter, jsonLayout, type SourceField, textLayout } from './source_fields.ts';

/** How bytes become frames and frames become events: built once per source from `framing` and `decoding`. */
export interface StreamCodec {
  /** Set when frames end in one byte and each is the text of a message, or JSON: the fast path. */
  readonly delimited: Delimited | undefined;
  /** Whether frames are JSON. */
  readonly isJson?: boolean;
  /** A new frame decoder for one stream. `onDiscard` is told of frames that are dropped. */
  readonly frames: (onDiscard: (reason: string, lengthBytes: number) => void) => FrameDecoder;
  readonly decoder: Decoder;
  /** How frames that are decoded at once may go on as they are all the same; undefined when they may not. */
  readonly asTheyAre?: ((fields: readonly SourceField[]) => FramesAsTheyAre | undefined) | undefined;
}

/** Frames that need no decoding yet: every one that `takes` tells of is an event of the layout. */
export interface FramesAsTheyAre {
  readonly layout: RawLayout;
  takes(frame: Buffer): boolean;
}

/** What the streams of one source share. */
export class StreamReaders {
  readonly #context: SourceContext;
  readonly #codec: StreamCodec;
  readonly #intake: Intake;
  readonly #protocol: string;
  readonly #receivedLabels: Labels;
  /** For streams that are not counted elsewhere. */
  #received: Throughput | undefined;
  #receivedBytes: Counter | undefined;

  /**
   * @param protocol the label of `component_received_bytes_total`: `tcp`, `file`, `none`, …
   * @param receivedLabels what received events have beside it
   */
  constructor(context: SourceContext, codec: StreamCodec, protocol: string, receivedLabels: Labels = {}) {
    this.#context = context;
    this.#codec = codec;
    this.#intake = new Intake(context.arena, context.id);
    this.#protocol = protocol;
    this.#receivedLabels = receivedLabels;
  }

  /** A reader for one stream. */
  open(output: Output, options: StreamOptions): StreamReader {
    const shared = {
      context: this.#context,
      codec: this.#codec,
      intake: this.#intake,
      received: options.received ?? (this.#received ??= Throughput.received(this.#context, this.#receivedLabels)),
      receivedBytes: options.receivedBytes ?? this.#ownBytes(),
    };
    const { delimited, isJson } = this.#codec;
    const layout = (isJson ? jsonLayout : textLayout)(identity(this.#context), options.fields);
    return delimited && layout
      ? new RawReader(shared, delimited, layout, output, options)
      : new DecodingReader(shared, output, options);
  }

  #ownBytes(): Counter {
    this.#receivedBytes ??= this.#context.counter(componentReceivedBytes, { protocol: this.#protocol });
    return this.#receivedBytes;
  }

  /** Resolves when the arena has room again. */
  available(): Promise<void> {
    return this.#intake.available();
  }

  /**
   * An intake for one busy stream alone, which it closes when it is busy no more; undefined while slots are scarce, as
   * it holds one even when its stream falls silent.
   */
  ownIntake(): Intake | undefined {
    const { arena } = this.#context;
    return arena.freeSlots * 2 > arena.slotCount ? new Intake(arena, this.#context.id) : undefined;
  }

  /** Lets go of the slot that is being filled. */
  close(): void {
    this.#intake.close();
  }
}

export interface StreamOptions {
  /** What the source knows about this stream's events. */
  readonly fields: readonly SourceField[];
  /** Stream offset of the first byte read. */
  readonly offset?: number;
  /**
   * The finalizer of a batch that ends behind `endOffset` of the stream; without it nobody hears of delivery.
   * Where frames are left where they were read, that is a place to begin again; where they are decoded at once, it is
   * the end of the read they came with, which may lie inside a frame.
   */
  readonly finalizer?: (endOffset: number) => Finalizer;
  /** Counts the bytes of this stream in place of the source's own counter. */
  readonly receivedBytes?: Counter;
  /** The same for its events. */
  readonly received?: Throughput;
}

/** One stream. Calls alternate: `room`, then `filled`, and at last `end`. */
export interface StreamReader {
  /**
   * Where the next bytes go, or undefined while the arena is full: wait for `available()` of the readers. From an intake
   * of the caller's where `leavesFrames`, else from the one that all streams of the source share.
   */
  room(intake?: Intake): Buffer | undefined;
  /** `count` bytes are in the room. Wait for the promise, when there is one, before the next `room`. */
  filled(count: number): Promise<void> | undefined;
  /** The stream is over: what is left of it becomes the last event where the framing allows that. */
  end(): Promise<void> | undefined;
  /** Copies bytes that are already in memory through `room` and `filled`. */
  push(chunk: Buffer): Promise<void>;
  /** The stream broke off: its partial frame is no event. As many bytes of that as there were, 0 for none. */
  giveUp(): number;
  /** Stream offset behind everything taken; where frames are left where they were read, a partial one not counted. */
  readonly position: number;
  /** Whether the framing is beyond repair: nothing more of this stream is read. */
  readonly broken: boolean;
  /** Whether frames are left where they were read, so that reading straight into slots saves a copy. */
  readonly leavesFrames: boolean;
}

interface Shared {
  readonly context: SourceContext;
  readonly codec: StreamCodec;
  readonly intake: Intake;
  readonly received: Throughput;
  readonly receivedBytes: Counter;
}

class RawReader implements StreamReader {
  readonly broken = false;
  readonly leavesFrames = true;
  readonly #shared: Shared;
  readonly #output: Output;
  readonly #options: StreamOptions;
  readonly #cutter: LineCutter;
  readonly #delimiter: number;
  readonly #layout: RawLayout;
  /** Decodes frames that the layout cannot have. */
  readonly #collector: EventCollector;

  constructor(shared: Shared, delimited: Delimited, layout: RawLayout, output: Output, options: StreamOptions) {
    const { context } = shared;
    this.#shared = shared;
    this.#output = output;
    this.#options = options;
    this.#delimiter = delimited.byte;
    this.#layout = layout;
    this.#collector = new EventCollector(context, shared.codec.decoder, fieldWriter(identity(context), options.fields));
    this.#cutter = new LineCutter(shared.intake, delimited, {
      framesMax: context.globals.chunkSizeEvents,
      ...(options.offset === undefined ? {} : { offset: options.offset }),
      onOversized: (length) => oversized(context, delimited, length),
    });
  }

  get position(): number {
    return this.#cutter.position;
  }

  room(intake?: Intake): Buffer | undefined {
    return this.#cutter.room(intake);
  }

  filled(count: number): Promise<void> | undefined {
    this.#shared.receivedBytes.add(count);
    return sendAll(this.#cutter.filled(count), (frames) => this.#send(frames));
  }

  end(): Promise<void> | undefined {
    const rest = this.#cutter.end();
    return rest && this.#send(rest);
  }

  giveUp(): number {
    return this.#cutter.giveUp();
  }

  push(chunk: Buffer): Promise<void> {
    return pushThrough(this, this.#shared.intake, chunk);
  }

  #send(cut: CutFrames): Promise<void> | undefined {
    if (this.#layout.form !== 'json_text') return this.#sendFrames(cut);
    return sendAll(this.#sorted(cut), (batch) => {
      if (!('contiguous' in batch)) this.#shared.received.add(batch.count, batch.sizeBytes);
      return 'contiguous' in batch ? this.#sendFrames(batch) : this.#output.send(batch);
    });
  }

  /** Runs of JSON objects that stay as they are, and between them the events of everything else. */
  #sorted(cut: CutFrames): readonly (CutFrames | DecodedBatch)[] {
    const { hold, frames, count, streamOffset, endOffset } = cut;
    const sorted: (CutFrames | DecodedBatch)[] = [];
    const offsetOf = (index: number): number =>
      index < count ? streamOffset + frames[2 * index]! - frames[0]! : endOffset;
    const put = (first: number, last: number): void => {
      if (first < last) sorted.push(part(cut, first, last, offsetOf(first), offsetOf(last)));
    };
    let first = 0;
    for (let index = 0; index < count; index++) {
      if (this.#isObject(hold, frames[2 * index]!, frames[2 * index + 1]!)) continue;
      put(first, index);
      first = index + 1;
      const offset = frames[2 * index]!;
      this.#collector.frame(hold.bytes.subarray(offset, offset + frames[2 * index + 1]!), offsetOf(index));
      sorted.push(...this.#collector.take(() => this.#finalizer(offsetOf(index + 1))));
    }
    put(first, count);
    hold.release();
    return sorted;
  }

  #isObject({ bytes }: ByteHold, offset: number, length: number): boolean {
    const { arena } = this.#shared.context;
    const start = bytes.byteOffset + offset;
    return bytes.buffer === arena.memory.buffer && arena.kernels.json.isObject(start, start + length);
  }

  #finalizer(endOffset: number): Finalizer {
    return this.#options.finalizer?.(endOffset) ?? new Finalizer();
  }

  #sendFrames({
    hold,
    frames,
    count,
    sizeBytes,
    contiguous,
    streamOffset,
    endOffset,
  }: CutFrames): Promise<void> | undefined {
    const batch: RawBatch = {
      kind: 'raw',
      type: 'log',
      hold,
      frames,
      count,
      sizeBytes,
      delimiter: contiguous ? this.#delimiter : -1,
      ingestedMs: this.#shared.context.clock.now(),
      streamOffset,
      layout: this.#layout,
      finalizer: this.#finalizer(endOffset),
    };
    this.#shared.received.add(count, sizeBytes + count * this.#layout.overheadBytes);
    return this.#output.send(batch);
  }
}

/** Some of the frames, under a hold of their own. */
function part(cut: CutFrames, first: number, last: number, streamOffset: number, endOffset: number): CutFrames {
  cut.hold.retain();
  const frames = cut.frames.slice(2 * first, 2 * last);
  let sizeBytes = 0;
  for (let i = 1; i < frames.length; i += 2) sizeBytes += frames[i]!;
  return { ...cut, frames, count: last - first, sizeBytes, streamOffset, endOffset };
}

class DecodingReader implements StreamReader {
  broken = false;
  readonly leavesFrames = false;
  readonly #shared: Shared;
  readonly #output: Output;
  readonly #options: StreamOptions;
  readonly #frames: FrameDecoder;
  readonly #writer: FieldWriter;
  readonly #collector: EventCollector;
  readonly #asTheyAre: FramesAsTheyAre | undefined;
  /** Frames that go on as they are: pairs of offset and length. */
  #framed: number[] = [];
  /** What came before those, and before what the collector has. */
  #ready: Batch[] = [];
  /** Whether bytes of the present read are needed after it. */
  #isKept = false;
  #room: Buffer | undefined;
  #slot: Slot | undefined;
  #position: number;
  /** Where the read ends that is being decoded. */
  #end: number;
  /** Of events that are waited for; no more are sent before they are taken. */
  #wait: Promise<void> | undefined;

  constructor(shared: Shared, output: Output, options: StreamOptions) {
    const { context, codec } = shared;
    this.#shared = shared;
    this.#output = output;
    this.#options = options;
    this.#frames = codec.frames((reason, length) => {
      context.faults.discarded(1, reason, false, { length });
    });
    this.#writer = fieldWriter(identity(context), options.fields);
    this.#collector = new EventCollector(context, codec.decoder, this.#writer);
    this.#asTheyAre = codec.asTheyAre?.(options.fields);
    this.#position = options.offset ?? 0;
    this.#end = this.#position;
  }

  get position(): number {
    return this.#position;
  }

  room(): Buffer | undefined {
    const region = this.#shared.intake.reserve(READ_BYTES);
    this.#slot = region?.slot;
    this.#room = region?.slot.bytes.subarray(region.start, region.end);
    return this.#room;
  }

  filled(count: number): Promise<void> | undefined {
    const bytes = this.#room!.subarray(0, count);
    this.#room = undefined;
    this.#shared.receivedBytes.add(count);
    this.#end = this.#position + count;
    if (count > 0) this.#decode(() => this.#frames.push(bytes, (frame) => this.#collect(frame)));
    this.#sealFrames();
    this.#shared.intake.commit(this.#isKept ? count : 0);
    this.#isKept = false;
    this.#slot = undefined;
    this.#position = this.#end;
    return this.#flush();
  }

  end(): Promise<void> | undefined {
    this.#decode(() => this.#frames.end((frame) => this.#collect(frame)));
    return this.#flush();
  }

  giveUp(): number {
    if (this.broken) return 0;
    let bytes = 0;
    try {
      this.#frames.end((frame) => {
        bytes += frame.length;
      });
    } catch (error) {
      if (!(error instanceof FramingError)) throw error;
      // The end is inside a frame whose rest nobody can tell the length of.
      bytes = Math.max(bytes, 1);
    }
    return bytes;
  }

  push(chunk: Buffer): Promise<void> {
    return pushThrough(this, this.#shared.intake, chunk);
  }

  /** What is decoded goes on at once as far as it is taken: events that are done with soon are cheap. */
  #collect(frame: Buffer): void {
    const slot = this.#slot;
    if (this.#asTheyAre && slot && frame.buffer === slot.bytes.buffer && this.#asTheyAre.takes(frame)) {
      if (!this.#collector.isEmpty) this.#ready.push(...this.#collected());
      this.#framed.push(frame.byteOffset - slot.bytes.byteOffset, frame.length);
      return;
    }
    this.#sealFrames();
    this.#collector.frame(frame, this.#position);
    if (this.#collector.isFull && !this.#wait) this.#wait = this.#send();
  }

  /** Makes a batch of the frames that go on as they are. */
  #sealFrames(): void {
    if (this.#framed.length === 0) return;
    const frames = Int32Array.from(this.#framed);
    this.#framed = [];
    this.#isKept = true;
    this.#slot!.retain();
    let sizeBytes = 0;
    for (let i = 1; i < frames.length; i += 2) sizeBytes += frames[i]!;
    this.#ready.push({
      kind: 'raw',
      type: 'log',
      hold: this.#slot!,
      frames,
      count: frames.length / 2,
      sizeBytes,
      delimiter: -1,
      ingestedMs: this.#shared.context.clock.now(),
      streamOffset: -1,
      layout: this.#asTheyAre!.layout,
      finalizer: this.#finalizer(),
    });
  }

  #finalizer(): Finalizer {
    return this.#options.finalizer?.(this.#end) ?? new Finalizer();
  }

  #collected(): readonly Batch[] {
    return this.#collector.take(() => this.#finalizer());
  }

  #decode(step: () => void): void {
    if (this.broken) return;
    try {
      step();
    } catch (error) {
      if (!(error instanceof FramingError)) throw error;
      this.broken = true;
      this.#shared.context.faults.error('Failed framing bytes.', {
        type: 'parser_failed',
        stage: 'processing',
        code: 'decoder_frame',
        fields: { error: error.message },
      });
    }
  }

  #flush(): Promise<void> | undefined {
    const wait = this.#wait;
    this.#wait = undefined;
    return wait ? wait.then(() => this.#send()) : this.#send();
  }

  #send(): Promise<void> | undefined {
    const batches = [...this.#ready, ...this.#collected()];
    this.#ready = [];
    return sendAll(batches, (batch) => {
      this.#shared.received.add(batch.count, estimatedBytes(batch));
      return this.#output.send(batch);
    });
  }
}

/** A region of at least this size is read into when frames are decoded at once. */
const READ_BYTES = 65_536;

function identity(context: SourceContext) {
  return {
    id: context.id,
    type: context.type,
    logSchema: context.globals.logSchema,
    logNamespace: context.logNamespace,
  };
}

function oversized(context: SourceContext, delimited: Delimited, length: number): void {
  if (delimited.oversized === 'drop')
    context.faults.discarded(1, OVERSIZED, false, { length, max_length: delimited.maxLength });
  else context.log.warn('Frame cut off at its longest allowed length', { length, max_length: delimited.maxLength });
}

/** Sends one after the other; a promise only when somebody has to wait. */
function sendAll<T>(items: readonly T[], send: (item: T) => Promise<void> | undefined): Promise<void> | undefined {
  for (let i = 0; i < items.length; i++) {
    const wait = send(items[i]!);
    if (wait) return i + 1 === items.length ? wait : sendRest(wait, items.slice(i + 1), send);
  }
  return undefined;
}

async function sendRest<T>(
  first: Promise<void>,
  rest: readonly T[],
  send: (item: T) => Promise<void> | undefined,
): Promise<void> {
  await first;
  for (const item of rest) await send(item);
}

async function pushThrough(reader: StreamReader, intake: Intake, chunk: Buffer): Promise<void> {
  for (let at = 0; at < chunk.length && !reader.broken; ) {
    const room = reader.room();
    if (!room) {
      await intake.available();
      continue;
    }
    const count = chunk.copy(room, 0, at);
    at += count;
    await reader.filled(count);
  }
}
