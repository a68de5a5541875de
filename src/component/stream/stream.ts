// Turns the bytes of one stream (a file, a connection, a pipe) into batches. What every source that reads bytes uses.
//
//   read into room() ─► filled(n) ─┬─ bytes codec, one delimiter byte: raw batches, frames left where they were read
//                                  │                                                                  raw_reader.ts
//                                  └─ anything else: frames are decoded at once, the region is used again; but for
//                                     those that a codec knows to be events as they are          decoding_reader.ts
//
// Backpressure: `room()` is undefined while the arena is full, and the promise of `filled` must be awaited.

import type { Decoder } from '../../codecs/decoding/decoding.ts';
import type { FrameDecoder } from '../../codecs/framing/framing.ts';
import type { Intake } from '../../engine/arena/intake.ts';
import type { Delimited } from '../../engine/arena/line_cutter.ts';
import type { RawLayout } from '../../event/batch.ts';
import type { Finalizer } from '../../event/finalizer.ts';
import type { Throughput } from '../../telemetry/component_metrics.ts';
import type { Counter } from '../../telemetry/telemetry.ts';
import type { SourceField } from '../source_fields.ts';

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
