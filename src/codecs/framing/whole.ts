// The `bytes` framing: all of a message, or of a stream to its end, is one frame.

import { Carry } from './carry.ts';
import { type FrameContext, type FrameDecoder, type OnFrame, OVERSIZED } from './frame_decoder.ts';

export class WholeDecoder implements FrameDecoder {
  readonly #maxLength: number;
  readonly #context: FrameContext;
  readonly #carry = new Carry();
  #skipped = 0;
  /** Whether there was a message at all: an empty one is a frame too. */
  #pushed = false;

  constructor(maxLength: number, context: FrameContext) {
    this.#maxLength = maxLength;
    this.#context = context;
  }

  push(chunk: Buffer): void {
    this.#pushed = true;
    if (this.#skipped === 0 && this.#carry.length + chunk.length <= this.#maxLength) {
      this.#carry.append(chunk, 0, chunk.length);
      return;
    }
    this.#skipped += this.#carry.length + chunk.length;
    this.#carry.clear();
  }

  end(onFrame: OnFrame): void {
    if (this.#skipped > 0) this.#context.onDiscard(OVERSIZED, this.#skipped);
    else if (this.#pushed) onFrame(this.#carry.bytes);
    this.#carry.clear();
    this.#skipped = 0;
    this.#pushed = false;
  }
}
