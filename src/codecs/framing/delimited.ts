// Frames that end in one byte: `newline_delimited` and `character_delimited`.

import { Carry } from './carry.ts';
import { type FrameContext, type FrameDecoder, type OnFrame, OVERSIZED } from './frame_decoder.ts';

/** Plain data, for readers that cut such frames by themselves. */
export interface Delimited {
  readonly byte: number;
  /** Longest frame in bytes, without delimiter. */
  readonly maxLength: number;
  /** What becomes of a longer one: nothing, or its first `maxLength` bytes. */
  readonly oversized: 'drop' | 'truncate';
}

export class DelimitedDecoder implements FrameDecoder {
  readonly #delimited: Delimited;
  readonly #context: FrameContext;
  readonly #carry = new Carry();
  /** Bytes of the partial frame that are counted but not kept, as it is too long. */
  #skipped = 0;

  constructor(delimited: Delimited, context: FrameContext) {
    this.#delimited = delimited;
    this.#context = context;
  }

  push(chunk: Buffer, onFrame: OnFrame): void {
    const { byte } = this.#delimited;
    let from = 0;
    for (let at = chunk.indexOf(byte); at !== -1; at = chunk.indexOf(byte, from)) {
      if (this.#carry.length + this.#skipped > 0) {
        this.#keep(chunk, from, at);
        this.#finish(onFrame);
      } else this.#emit(chunk.subarray(from, at), at - from, onFrame);
      from = at + 1;
    }
    this.#keep(chunk, from, chunk.length);
  }

  end(onFrame: OnFrame): void {
    if (this.#carry.length + this.#skipped > 0) this.#finish(onFrame);
  }

  /** Keeps as much of `chunk[from, to)` as may still be part of a frame, and counts the rest. */
  #keep(chunk: Buffer, from: number, to: number): void {
    const { maxLength, oversized } = this.#delimited;
    const room = this.#skipped > 0 ? 0 : maxLength - this.#carry.length;
    const kept = Math.min(to - from, room);
    if (kept > 0) this.#carry.append(chunk, from, from + kept);
    this.#skipped += to - from - kept;
    if (this.#skipped > 0 && oversized === 'drop') {
      this.#skipped += this.#carry.length;
      this.#carry.clear();
    }
  }

  #finish(onFrame: OnFrame): void {
    const length = this.#carry.length + this.#skipped;
    this.#skipped = 0;
    this.#emit(this.#carry.bytes, length, onFrame);
    this.#carry.clear();
  }

  /** Emits `frame`, of which `length` bytes were seen. */
  #emit(frame: Buffer, length: number, onFrame: OnFrame): void {
    const { maxLength, oversized } = this.#delimited;
    if (length <= maxLength) onFrame(frame);
    else if (oversized === 'drop') this.#context.onDiscard(OVERSIZED, length);
    else {
      this.#context.onTruncate?.(length);
      onFrame(frame.subarray(0, maxLength));
    }
  }
}
