// Cuts a byte stream into frames that end in one delimiter byte, inside arena slots, without copying lines.
//
//   slot:   [ carry │ bytes just read ……⏎……⏎……⏎ tail ]
//             ▲ put in front of the read       └─ the next carry: copied out, its place is used again
//
// One cutter per stream; the cutters of one source share an intake, so ten thousand idle connections hold no slot.
// A frame that outgrows a slot is gathered on the heap up to `maxLength`; what is longer is dropped (or cut off) and
// counted, and its bytes are not kept. Invariant: `position` is the stream offset behind everything cut or dropped.

import type { ByteHold } from '../../event/batch.ts';
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
  /** Most frames handed over at once. */
  readonly framesMax: number;
  /** A frame was longer than `maxLength` and is lost (`drop`) or shortened (`truncate`). */
  readonly onOversized: (lengthBytes: number) => void;
}

export class LineCutter {
  readonly #intake: Intake;
  readonly #delimited: Delimited;
  readonly #options: LineCutterOptions;
  #region: Region | undefined;
  #carry: Buffer | undefined;
  /** Pieces of a frame too long for a slot, oldest first. */
  #long: Buffer[] = [];
  #longBytes = 0;
  /** Bytes of an oversized frame seen so far; above 0 everything up to the next delimiter is skipped. */
  #skipped = 0;
  #position: number;
  #table = new Int32Array(512);

  constructor(intake: Intake, delimited: Delimited, options: LineCutterOptions) {
    this.#intake = intake;
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

  /** Where the next bytes are to be read to, or undefined while the arena has no free slot. Answer with `filled`. */
  room(): Buffer | undefined {
    const carried = this.#carry?.length ?? 0;
    this.#region = this.#intake.reserve(carried + READ_MIN_BYTES);
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
    this.#intake.commit(used);
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
    const { byte, maxLength } = this.#delimited;
    const bytes = slot.bytes.subarray(0, end);
    let from = start;
    let at = bytes.indexOf(byte, start + carried);
    if (at !== -1 && (this.#skipped > 0 || this.#longBytes > 0)) {
      this.#finishLong(bytes, start, at, cuts);
      from = at + 1;
      at = bytes.indexOf(byte, from);
    }
    let count = 0;
    let sizeBytes = 0;
    let first = from;
    let contiguous = true;
    while (at !== -1) {
      const length = at - from;
      if (length > maxLength) {
        contiguous = contiguous && count === 0;
        const kept = this.#oversized(length);
        if (count === 0 && kept < 0) {
          this.#position += length + 1;
          first = at + 1;
        } else if (kept >= 0) {
          count = this.#put(count, from, kept);
          sizeBytes += kept;
          contiguous = false;
        }
      } else {
        count = this.#put(count, from, length);
        sizeBytes += length;
      }
      from = at + 1;
      if (count >= this.#options.framesMax) {
        cuts.push(this.#take(slot, count, sizeBytes, contiguous, first, from));
        count = 0;
        sizeBytes = 0;
        first = from;
        contiguous = true;
      }
      at = bytes.indexOf(byte, from);
    }
    if (count > 0) cuts.push(this.#take(slot, count, sizeBytes, contiguous, first, from));
    else this.#position += from - first;
    this.#keepTail(bytes, from, end);
    return from - start;
  }

  #put(count: number, offset: number, length: number): number {
    if (2 * count + 2 > this.#table.length) {
      const larger = new Int32Array(this.#table.length * 2);
      larger.set(this.#table);
      this.#table = larger;
    }
    this.#table[2 * count] = offset;
    this.#table[2 * count + 1] = length;
    return count + 1;
  }

  #take(hold: ByteHold, count: number, sizeBytes: number, contiguous: boolean, first: number, end: number): CutFrames {
    hold.retain();
    const streamOffset = this.#position;
    this.#position += end - first;
    return {
      hold,
      frames: this.#table.slice(0, 2 * count),
      count,
      sizeBytes,
      contiguous,
      streamOffset,
      endOffset: this.#position,
    };
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
