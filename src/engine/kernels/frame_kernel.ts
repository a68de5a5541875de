// Finds frames that end in one delimiter byte.

import { assert } from '../../std/assert.ts';

/** Frames that one call finds at most. */
export const FRAMES_MAX = 8192;

/** Scratch space of a `FrameKernel`. */
export const FRAME_SCRATCH_BYTES = 8 * FRAMES_MAX + 16;

/** What the module exports for this. */
export interface FrameKernelExports {
  cutFrames(start: number, end: number, base: number, delimiter: number, table: number, max: number): number;
}

export class FrameKernel {
  /** Of the frames found last: pairs of (offset from the base, length), frame i at `table[2 * i]`. */
  readonly table: Int32Array<ArrayBufferLike>;
  /** Address of the table, for other kernels. */
  readonly tableOffset: number;
  readonly #exports: FrameKernelExports;
  readonly #head: Int32Array<ArrayBufferLike>;
  readonly #headOffset: number;

  /** `offset` is where its scratch space begins. */
  constructor(memory: WebAssembly.Memory, exports: FrameKernelExports, offset: number) {
    this.#exports = exports;
    this.#headOffset = offset;
    this.#head = new Int32Array(memory.buffer, offset, 2);
    this.tableOffset = offset + 8;
    this.table = new Int32Array(memory.buffer, this.tableOffset, 2 * FRAMES_MAX);
  }

  /**
   * Finds the complete frames of the bytes [start, end) of the memory, `max` of them at most, and puts them in `table`,
   * offsets counted from `base`. Call again from behind the last delimiter while there are as many as `max`.
   */
  cut(start: number, end: number, base: number, delimiter: number, max: number): number {
    assert(max > 0 && max <= FRAMES_MAX, 'as many frames are asked for as the table holds');
    return this.#exports.cutFrames(start, end, base, delimiter, this.#headOffset, max);
  }

  /** Length of the longest of the frames found last. */
  get longest(): number {
    return this.#head[0]!;
  }
}
