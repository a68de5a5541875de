// Frames that are decoded as they come, but for those that a codec knows to be events as they are.

import { type FrameDecoder, FramingError } from '../../codecs/framing/framing.ts';
import type { Slot } from '../../engine/arena/arena.ts';
import { type Batch, estimatedBytes } from '../../event/batch.ts';
import { Finalizer } from '../../event/finalizer.ts';
import type { Output } from '../define.ts';
import { EventCollector } from '../event_collector.ts';
import { type FieldWriter, fieldWriter } from '../source_fields.ts';
import { identityOf, pushThrough, type Shared, sendAll } from './shared.ts';
import type { FramesAsTheyAre, StreamOptions, StreamReader } from './stream.ts';

/** A region of at least this size is read into when frames are decoded at once. */
const READ_BYTES = 65_536;

export class DecodingReader implements StreamReader {
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
    this.#writer = fieldWriter(identityOf(context), options.fields);
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
