// Frames that are left where they were read: texts as they are, or JSON objects with the events of everything else between.

import { OVERSIZED } from '../../codecs/framing/frame_decoder.ts';
import type { Intake } from '../../engine/arena/intake.ts';
import { type CutFrames, type Delimited, LineCutter } from '../../engine/arena/line_cutter.ts';
import type { ByteHold, DecodedBatch, RawBatch, RawLayout } from '../../event/batch.ts';
import { Finalizer } from '../../event/finalizer.ts';
import type { SourceContext } from '../context.ts';
import type { Output } from '../define.ts';
import { EventCollector } from '../event_collector.ts';
import { fieldWriter } from '../source_fields.ts';
import { identityOf, pushThrough, type Shared, sendAll } from './shared.ts';
import type { StreamOptions, StreamReader } from './stream.ts';

export class RawReader implements StreamReader {
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
    this.#collector = new EventCollector(
      context,
      shared.codec.decoder,
      fieldWriter(identityOf(context), options.fields),
    );
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

function oversized(context: SourceContext, delimited: Delimited, length: number): void {
  if (delimited.oversized === 'drop')
    context.faults.discarded(1, OVERSIZED, false, { length, max_length: delimited.maxLength });
  else context.log.warn('Frame cut off at its longest allowed length', { length, max_length: delimited.maxLength });
}
