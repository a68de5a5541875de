// What every way of framing offers, and how it fails.

import type { Clock } from '../../std/clock.ts';

/** Cuts a stream of bytes into frames. One per stream; after `end` it begins anew. */
export interface FrameDecoder {
  /**
   * Takes the next bytes of the stream; calls `onFrame` with a view of each complete frame, valid during the call only.
   * Throws `FramingError` when the stream is beyond repair; nothing can be read from it after that.
   */
  push(chunk: Buffer, onFrame: OnFrame): void;
  /**
   * The end of the stream: what is left becomes a last frame where the method allows it. Throws `FramingError` when
   * the stream ends inside a frame.
   */
  end(onFrame: OnFrame): void;
}

export type OnFrame = (frame: Buffer) => void;

/** What a frame decoder needs of its surroundings. */
export interface FrameContext {
  /** A frame was dropped and the stream goes on. `lengthBytes` is as much of the frame as was seen. */
  readonly onDiscard: (reason: string, lengthBytes: number) => void;
  /** A frame of `lengthBytes` was cut to the longest allowed length. */
  readonly onTruncate?: (lengthBytes: number) => void;
  /** For the timeouts of chunked GELF. */
  readonly clock: Clock;
  /** Longest frame where the configuration sets no limit; `FRAME_BYTES_MAX` unless given. */
  readonly frameBytesMax?: number;
}

/** The stream cannot be cut into frames any further. */
export class FramingError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'FramingError';
  }
}

/** Longest frame where nothing else is said. Vector has no limit there, and a line without end takes all memory. */
export const FRAME_BYTES_MAX = 8 * 1024 * 1024;

/** Longest frame that a configuration can ask for: what a JavaScript string can just hold. */
export const FRAME_BYTES_CEILING = 2 ** 29 - 24;

/** Why a frame is dropped, in Vector's words. */
export const OVERSIZED = 'Discarding frame larger than max_length.';

/** The longest frame allowed: as configured, or the context's, and never beyond the ceiling. */
export function frameLimit(configured: number | undefined, context: FrameContext): number {
  return Math.min(configured ?? context.frameBytesMax ?? FRAME_BYTES_MAX, FRAME_BYTES_CEILING);
}
