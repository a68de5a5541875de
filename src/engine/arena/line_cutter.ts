// Cuts a byte stream into frames that end in one delimiter byte, inside arena slots, without copying lines.
//
//   slot:   [ carry │ bytes just read ……⏎……⏎……⏎ tail ]
//             ▲ put in front of the read       └─ the next carry: copied out, its place is used again
//
// One cutter per stream; the cutters of one source share an intake, so ten thousand idle connections hold no slot. A
// busy one may be given an intake of its own, read by read.
// A frame that outgrows a slot is gathered on the heap up to `maxLength`; what is longer is dropped (or cut off) and
// counted, and its bytes are not kept. Invariant: `position` is the stream offset behind everything cut or dropped.

import type { ByteHold } from '../../event/batch.ts';
import { FRAMES_MAX } from '../kernels/frame_kernel.ts';
import type { Slot } from './arena.ts';
import type { Intake, Region } from './intake.ts';

/** Reads smaller than this are not worth a system call: with less room in the slot, the next one is taken. */
const READ_MIN_BYTES = 32_768;

/**
 * A partial frame longer than this leaves the slot for the heap: it is copied with every read, and a peer that sends a
 * byte at a time must not make us copy a slot for each.
 */
const CARRY_MAX_BYTES = 65_536;

export interface Delimited {
  readonly byte: number;
  /** Longest frame in bytes, without delimiter. */
  readonly maxLength: number;
  readonly oversized: 'drop' | 'truncate';
}

/** Frames that lie in one slot, each followed by the delimiter (the last one at the end of a stream may not be). */
export interface CutFrames {
  /** Held once, for the batch that is made of this. */
  readonly hold: ByteHold;
  readonly frames: Int32Array;
  readonly count: number;
  readonly sizeBytes: number;
  /** Whether frame, delimiter, frame, delimiter … lie without gaps. */
  readonly contiguous: boolean;
  /** Stream offset of the first frame. */
  readonly streamOffset: number;
  /** Stream offset behind the last frame and its delimiter. */
  readonly endOffset: number;
}

export interface LineCutterOptions {
  /** Stream offset at which reading starts. */
  readonly offset?: number;
  /** Most frames handed over at once; `FRAMES_MAX` are the most in any case. */
  readonly framesMax: number;
  /** A frame was longer than `maxLength` and is lost (`drop`) or shortened (`truncate`). */
  readonly onOversized: (lengthBytes: number) => void;
}

export class LineCutter {
  readonly #intake: Intake;
  readonly #delimited: Delimited;
  readonly #options: LineCutterOptions;
  #region: Region | undefined;
  /** What the region was reserved from. */
  #reservedFrom: Intake;
  #carry: Buffer | undefined;
  /** Pieces of a frame too long for a slot, oldest first. */
  #long: Buffer[] = [];
  #longBytes = 0;
  /** Bytes of an oversized frame seen so far; above 0 everything up to the next delimiter is skipped. */
  #skipped = 0;
  #position: number;

  constructor(intake: Intake, delimited: Delimited, options: LineCutterOptions) {
    this.#intake = intake;
    this.#reservedFrom = intake;
    this.#delimited = delimited;
    this.#options = options;
    this.#position = options.offset ?? 0;
  }

  /** Stream offset behind everything cut or dropped; a partial frame is not counted. */
  get position(): number {
    return this.#position;
  }

  /** Heap bytes kept for a partial frame. */
  get carriedBytes(): number {
    return (this.#carry?.length ?? 0) + this.#longBytes;
  }

  /**
   * Where the next bytes are to be read to, or undefined while the arena has no free slot. Answer with `filled`.
   * `intake` is where the room is taken from, once; the cutter's own unless given.
   */
  room(intake = this.#intake): Buffer | undefined {
    const carried = this.#carry?.length ?? 0;
    this.#reservedFrom = intake;
    this.#region = intake.reserve(carried + READ_MIN_BYTES);
    if (!this.#region) return undefined;
    const { slot, start, end } = this.#region;
    if (this.#carry) slot.bytes.set(this.#carry, start);
    return slot.bytes.subarray(start + carried, end);
  }

  /** `count` bytes were read into the room (0: none, the room is given back). The frames now complete, in order. */
  filled(count: number): CutFrames[] {
    const region = this.#region!;
    const carried = this.#carry?.length ?? 0;
    this.#region = undefined;
    const cuts: CutFrames[] = [];
    const end = region.start + carried + count;
    const used = count === 0 ? 0 : this.#cut(region, carried, end, cuts);
    this.#reservedFrom.commit(used);
    return cuts;
  }

  /** The stream is over: what is left is the last frame. */
  end(): CutFrames | undefined {
    const rest = [...this.#long, ...(this.#carry ? [this.#carry] : [])];
    this.#long = [];
    this.#longBytes = 0;
    this.#carry = undefined;
    if (this.#skipped > 0) return this.#finishSkipped(0);
    if (rest.length === 0) return undefined;
    return this.#heapFrame(Buffer.concat(rest), 0);
  }

  /** The stream broke off: forgets the partial frame. As many bytes of it as were seen. */
  giveUp(): number {
    const bytes = this.carriedBytes + this.#skipped;
    this.#carry = undefined;
    this.#long = [];
    this.#longBytes = 0;
    this.#skipped = 0;
    this.#truncated = undefined;
    return bytes;
  }

  #cut({ slot, start }: Region, carried: number, end: number, cuts: CutFrames[]): number {
    const bytes = slot.bytes.subarray(0, end);
    let from = start;
    if (this.#skipped > 0 || this.#longBytes > 0) {
      const at = bytes.indexOf(this.#delimited.byte, start + carried);
      if (at !== -1) {
        this.#finishLong(bytes, start, at, cuts);
        from = at + 1;
      }
    }
    if (this.#skipped === 0 && this.#longBytes === 0) from = this.#cutSlot(slot, from, end, cuts);
    this.#keepTail(bytes, from, end);
    return from - start;
  }

  /** Cuts the frames that end in the bytes [from, end) of a slot; the place behind the last one. */
  #cutSlot(slot: Slot, start: number, end: number, cuts: CutFrames[]): number {
    const { byte, maxLength } = this.#delimited;
    const { frames } = this.#intake.kernels;
    const base = slot.bytes.byteOffset;
    const max = Math.min(this.#options.framesMax, FRAMES_MAX);
    for (let from = start; ; ) {
      const count = frames.cut(base + from, base + end, base, byte, max);
      if (count === 0) return from;
      const table = frames.table.slice(0, 2 * count);
      const next = table.at(-2)! + table.at(-1)! + 1;
      if (frames.longest > maxLength) this.#cutOversized(slot, table, cuts);
      else cuts.push(this.#take(slot, table, next - from - count, true, from, next));
      if (count < max) return next;
      from = next;
    }
  }

  /** The frames of a table in which at least one is longer than allowed. */
  #cutOversized(slot: Slot, table: Int32Array, cuts: CutFrames[]): void {
    const kept = new Int32Array(table.length);
    let [first, count, sizeBytes, contiguous] = [table[0]!, 0, 0, true];
    for (let i = 0; i < table.length; i += 2) {
      let length = table[i + 1]!;
      if (length > this.#delimited.maxLength) {
        const whole = length;
        length = this.#oversized(whole);
        if (length < 0 && count === 0) {
          this.#position += whole + 1;
          first += whole + 1;
          continue;
        }
        contiguous = false;
        if (length < 0) continue;
      }
      kept[2 * count] = table[i]!;
      kept[2 * count + 1] = length;
      count++;
      sizeBytes += length;
    }
    const end = table.at(-2)! + table.at(-1)! + 1;
    if (count > 0) cuts.push(this.#take(slot, kept.slice(0, 2 * count), sizeBytes, contiguous, first, end));
  }

  #take(
    hold: ByteHold,
    frames: Int32Array,
    sizeBytes: number,
    contiguous: boolean,
    first: number,
    end: number,
  ): CutFrames {
    hold.retain();
    const streamOffset = this.#position;
    this.#position += end - first;
    return { hold, frames, count: frames.length / 2, sizeBytes, contiguous, streamOffset, endOffset: this.#position };
  }

  /** Counts an oversized frame; the length that is kept of it, -1 for none. */
  #oversized(length: number): number {
    this.#options.onOversized(length);
    return this.#delimited.oversized === 'truncate' ? this.#delimited.maxLength : -1;
  }

  /** The delimiter of a frame that was longer than a slot, or longer than allowed, is at `at`. */
  #finishLong(bytes: Buffer, start: number, at: number, cuts: CutFrames[]): void {
    if (this.#skipped > 0) {
      const cut = this.#finishSkipped(at - start, 1);
      if (cut) cuts.push(cut);
      return;
    }
    const pieces = [...this.#long, bytes.subarray(start, at)];
    const length = this.#longBytes + at - start;
    this.#long = [];
    this.#longBytes = 0;
    this.#carry = undefined;
    if (length <= this.#delimited.maxLength) {
      cuts.push(this.#heapFrame(Buffer.concat(pieces), 1));
      return;
    }
    const kept = this.#oversized(length);
    if (kept >= 0) cuts.push(this.#heapFrame(Buffer.concat(pieces).subarray(0, kept), length - kept + 1));
    else this.#position += length + 1;
  }

  /** Ends skipping: `more` last bytes of the frame, then `delimiters` bytes. A truncated frame comes out now. */
  #finishSkipped(more: number, delimiters = 0): CutFrames | undefined {
    const length = this.#skipped + more;
    const kept = this.#oversized(length);
    this.#skipped = 0;
    const start = this.#truncated;
    this.#truncated = undefined;
    if (kept < 0 || !start) {
      this.#position += length + delimiters;
      return undefined;
    }
    return this.#heapFrame(start.subarray(0, kept), length - kept + delimiters);
  }

  #truncated: Buffer | undefined;

  /** Keeps the partial frame behind the last delimiter, on the heap because its place in the slot is used again. */
  #keepTail(bytes: Buffer, from: number, end: number): void {
    const length = end - from;
    this.#carry = undefined;
    if (length === 0) return;
    if (this.#skipped > 0) {
      this.#skipped += length;
      return;
    }
    const total = this.#longBytes + length;
    if (total > this.#delimited.maxLength) {
      if (this.#delimited.oversized === 'truncate')
        this.#truncated = Buffer.concat([...this.#long, bytes.subarray(from, end)]).subarray(
          0,
          this.#delimited.maxLength,
        );
      this.#skipped = total;
      this.#long = [];
      this.#longBytes = 0;
      return;
    }
    const copy = Buffer.from(bytes.subarray(from, end));
    if (this.#longBytes > 0 || length > CARRY_MAX_BYTES) {
      this.#gather(copy);
      this.#longBytes = total;
    } else this.#carry = copy;
  }

  /** Pieces are joined so that each is at least as long as all behind it: few, even when they come byte by byte. */
  #gather(piece: Buffer): void {
    let last = piece;
    while (this.#long.length > 0 && this.#long.at(-1)!.length <= last.length)
      last = Buffer.concat([this.#long.pop()!, last]);
    this.#long.push(last);
  }

  #heapFrame(bytes: Buffer, behind: number): CutFrames {
    const streamOffset = this.#position;
    this.#position += bytes.length + behind;
    return {
      hold: new HeapHold(bytes),
      frames: new Int32Array([0, bytes.length]),
      count: 1,
      sizeBytes: bytes.length,
      contiguous: false,
      streamOffset,
      endOffset: this.#position,
    };
  }
}

/** Bytes on the heap in the place of a slot: for the rare frame that no slot can hold. */
class HeapHold implements ByteHold {
  readonly bytes: Buffer;
  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }
  retain(): void {}
  release(): void {}
}
