// Makes messages of the lines of one file where a message is not simply a line: it has a header, or goes on in further
// lines. It works in the bytes that were read, so that a message of several lines needs no copy while they lie together.

import type { Finalizer } from '../../event/finalizer.ts';
import type { TailState } from './tail.ts';

/** Messages made of lines, as frames of one region. */
export interface Assembled {
  /** Undefined: the frames lie in the bytes that the lines were given in. */
  readonly bytes: Buffer | undefined;
  /** Pairs of offset and length, one for each message. */
  readonly frames: Int32Array;
  readonly count: number;
  readonly sizeBytes: number;
  /** Content offset behind the last line of them. */
  readonly endOffset: number;
  /** What is to be told what became of them besides the file: those that parts of them came from. */
  readonly holds?: readonly Finalizer[] | undefined;
}

/** A file that the beginning of a message came from which is made in the next one. */
export interface Origin {
  /** Keeps the position in that file before the message. */
  readonly hold: Finalizer;
  readonly file: { readonly state: TailState };
}

export interface Assembler {
  /** Where the first line begins that waits for further ones; infinity when none does. Positions stay before it. */
  readonly openOffset: number;
  /** When lines that wait are due, on the monotonic clock; infinity when none wait. */
  readonly deadlineMs: number;
  /**
   * Takes `count` lines, frame i at `frames[2 * i]` of `bytes` and long `frames[2 * i + 1]`, the first of them at content
   * offset `offset`, and gives what is complete, in order. It may write over the lines, and over nothing else.
   */
  take(bytes: Buffer, frames: Int32Array, count: number, offset: number, nowMs: number): readonly Assembled[];
  /** What waits, as it is: no more lines come. */
  flush(): readonly Assembled[];
  /**
   * Goes on with what waits in `from`, that of the file before, as if it began at content offset `offset` here. Retains
   * the hold of `origin` until the message that comes of it is delivered.
   */
  takeOver(from: Assembler, offset: number, nowMs: number, origin: Origin): void;
  /** Whether what waits can be read again from `openOffset` on without anything behind it coming twice. */
  readonly isResumable: boolean;
}
