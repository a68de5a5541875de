// RFC 6587, as syslog senders mix it on TCP: frames that begin with their length in digits and a space, and lines.
//
//   5 hello11 hello world<13>a line⏎<13>another⏎
//
//            1-9               space, length known
//   start ─────────► count ───────────────────────► body ──► start
//     │ any other      │ neither digit nor space      └ too long: skip that many bytes
//     └──────► line ◄──┘
//                └──► start at the newline

import { Carry } from './carry.ts';
import { type FrameContext, type FrameDecoder, FramingError, type OnFrame, OVERSIZED } from './frame_decoder.ts';

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const SPACE = 0x20;
const ZERO = 0x30;
const NINE = 0x39;

/** Longer runs of digits are the begin of a line. */
const DIGITS_MAX = 10;

export class OctetCountingDecoder implements FrameDecoder {
  readonly #maxLength: number;
  readonly #context: FrameContext;
  readonly #carry = new Carry();
  #state: 'start' | 'count' | 'body' | 'line' | 'skip' = 'start';
  /** In `count` the length so far; in `body` and `skip` the bytes still to come. */
  #counted = 0;
  /** Bytes of a line that are counted but not kept, as it is too long. */
  #skipped = 0;

  constructor(maxLength: number, context: FrameContext) {
    this.#maxLength = maxLength;
    this.#context = context;
  }

  push(chunk: Buffer, onFrame: OnFrame): void {
    let at = 0;
    while (at < chunk.length) {
      switch (this.#state) {
        case 'start':
          this.#start(chunk[at]!);
          break;
        case 'count':
          at = this.#count(chunk, at);
          break;
        case 'body':
          at = this.#body(chunk, at, onFrame);
          break;
        case 'skip':
          at = this.#skip(chunk, at);
          break;
        case 'line':
          at = this.#line(chunk, at, onFrame);
          break;
      }
    }
  }

  end(onFrame: OnFrame): void {
    const state = this.#state;
    const missing = this.#counted;
    // Digits alone may be a line as well as a length, and a line loses nothing.
    if (state === 'line' || state === 'count') this.#finishLine(this.#carry.bytes, onFrame, true);
    this.#reset();
    if (state === 'body') throw new FramingError(`the stream ends inside a frame, ${missing} bytes before its end`);
  }

  #start(first: number): void {
    this.#counted = 0;
    this.#state = first > ZERO && first <= NINE ? 'count' : 'line';
  }

  #count(chunk: Buffer, from: number): number {
    let at = from;
    while (at < chunk.length) {
      const byte = chunk[at]!;
      if (byte === SPACE) return this.#counts(at + 1);
      if (byte < ZERO || byte > NINE || this.#carry.length === DIGITS_MAX) {
        this.#state = 'line';
        return at;
      }
      this.#counted = this.#counted * 10 + byte - ZERO;
      // Kept, in case they turn out to be the begin of a line.
      this.#carry.append(chunk, at, at + 1);
      at += 1;
    }
    return at;
  }

  /** The length of a frame is known; the frame begins at `start`. */
  #counts(start: number): number {
    this.#carry.clear();
    if (this.#counted <= this.#maxLength) this.#state = 'body';
    else {
      this.#state = 'skip';
      this.#context.onDiscard(OVERSIZED, this.#counted);
    }
    return start;
  }

  #body(chunk: Buffer, at: number, onFrame: OnFrame): number {
    const end = at + Math.min(this.#counted, chunk.length - at);
    this.#counted -= end - at;
    if (this.#counted > 0 || this.#carry.length > 0) this.#carry.append(chunk, at, end);
    if (this.#counted > 0) return end;
    onFrame(this.#carry.length > 0 ? this.#carry.bytes : chunk.subarray(at, end));
    this.#reset();
    return end;
  }

  #skip(chunk: Buffer, at: number): number {
    const end = at + Math.min(this.#counted, chunk.length - at);
    this.#counted -= end - at;
    if (this.#counted === 0) this.#reset();
    return end;
  }

  #line(chunk: Buffer, at: number, onFrame: OnFrame): number {
    const newline = chunk.indexOf(NEWLINE, at);
    const end = newline === -1 ? chunk.length : newline;
    if (newline !== -1 && this.#carry.length + this.#skipped === 0) {
      this.#finishLine(chunk.subarray(at, end), onFrame, false);
    } else {
      this.#keepLine(chunk, at, end);
      if (newline !== -1) this.#finishLine(this.#carry.bytes, onFrame, false);
    }
    if (newline === -1) return end;
    this.#reset();
    return newline + 1;
  }

  #keepLine(chunk: Buffer, from: number, to: number): void {
    if (this.#skipped === 0 && this.#carry.length + to - from <= this.#maxLength) {
      this.#carry.append(chunk, from, to);
      return;
    }
    this.#skipped += this.#carry.length + to - from;
    this.#carry.clear();
  }

  /** A carriage return in front of the newline is no part of a line here, as in Vector; alone at the end it is no line. */
  #finishLine(line: Buffer, onFrame: OnFrame, atEnd: boolean): void {
    const length = line.length + this.#skipped;
    const text = line.at(-1) === RETURN ? line.subarray(0, -1) : line;
    if (length > this.#maxLength) this.#context.onDiscard(OVERSIZED, length);
    else if (text.length > 0 || !atEnd) onFrame(text);
  }

  #reset(): void {
    this.#carry.clear();
    this.#skipped = 0;
    this.#counted = 0;
    this.#state = 'start';
  }
}
