// Where a segment writes its output: frames behind each other in slots, in the form a sink passes through, and behind them
// the table that says where they are.
//
//   slot:  [frame│⏎│frame│⏎│…│frame│⏎][table][frames of the next batch …
//
// A table on the heap would be garbage for each batch, which lives long enough to be moved to where it is seldom collected,
// and would be copied between threads. When no slot can be had, or a frame is larger than one, the output goes to the heap, so that a segment that has begun with a batch
// always comes to its end; what it may put there is bounded by the output of the one batch.

import type { ByteHold, RawBatch, RawLayout } from '../../event/batch.ts';
import { type Arena, SLOT_BYTES, type Slot } from '../arena/arena.ts';
import { HeapHold } from '../arena/heap_hold.ts';

/** What is left of a slot is used by the next writer when it is at least this much. */
const REST_BYTES_MIN = 32_768;

/** A frame's place in the table, and what may be lost to begin it at a multiple of four. */
const ENTRY_BYTES = 8;
const ALIGNMENT_BYTES = 4;

/** Part of the room that many frames at once leave for the table: enough for frames of 256 bytes. */
const TABLE_PART = 32;

/** Memory behind the output that kernels may overwrite. */
const SLACK_BYTES = 64;

/** The slots that the segments of one thread write to. */
export class OutputSlots {
  readonly #arena: Arena;
  #rest: Place | undefined;

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  claim(): Place | undefined {
    const rest = this.#rest;
    this.#rest = undefined;
    if (rest) return rest;
    const slot = this.#arena.claim();
    return slot && { slot, position: 0 };
  }

  /** Takes back what a writer has left of a slot, with the writer's hold on it. */
  giveBack({ slot, position }: Place): void {
    if (this.#rest || SLOT_BYTES - position < REST_BYTES_MIN) slot.release();
    else this.#rest = { slot, position };
  }

  /** Lets go of what is kept for the next writer. */
  close(): void {
    this.#rest?.slot.release();
    this.#rest = undefined;
  }
}

interface Place {
  readonly slot: Slot;
  readonly position: number;
}

/** Frames that were written to one slot, or to the heap: a raw batch but for what it came from. Holds the slot. */
export type Written = Pick<RawBatch, 'hold' | 'frames' | 'count' | 'sizeBytes' | 'delimiter' | 'layout'>;

export class FrameWriter {
  readonly #slots: OutputSlots;
  readonly #delimiter: number;
  readonly #layout: RawLayout;
  readonly #written: Written[] = [];
  readonly #heap: Uint8Array[] = [];
  #frames = new Int32Array(512);
  #count = 0;
  #sizeBytes = 0;
  #slot: Slot | undefined;
  #base = 0;
  #position = 0;

  /** Each frame is followed by the byte `delimiter`. */
  constructor(slots: OutputSlots, delimiter: number, layout: RawLayout) {
    this.#slots = slots;
    this.#delimiter = delimiter;
    this.#layout = layout;
  }

  /** Address in memory where the next frame goes, when `room` is above 0. */
  get out(): number {
    return this.#base + this.#position;
  }

  /** What offsets of frames are counted from. */
  get base(): number {
    return this.#base;
  }

  /** Bytes that the next frame may take, slack included; 0 when there is no slot. */
  get room(): number {
    if (!this.#slot && !this.#open()) return 0;
    const tableBytes = ENTRY_BYTES * (this.#count + 1) + ALIGNMENT_BYTES;
    return Math.max(0, SLOT_BYTES - this.#position - tableBytes - 1);
  }

  /** Bytes that many frames may take that are committed at once. */
  get roomForMany(): number {
    const { room } = this;
    return room - Math.floor(room / TABLE_PART);
  }

  /** A frame of `length` bytes has been written at `out`. */
  commit(length: number): void {
    this.#slot!.bytes[this.#position + length] = this.#delimiter;
    this.#put(this.#position, length);
    this.#position += length + 1;
  }

  /** The `count` frames of `table` have been written from `out` up to address `end`, with their delimiters. */
  commitAll(table: Int32Array, count: number, end: number): void {
    for (let i = 0; i < count; i++) this.#put(table[2 * i]!, table[2 * i + 1]!);
    this.#position = end - this.#base;
  }

  /** Goes on in another slot. False when the present one is untouched: then no slot has more room. */
  roll(): boolean {
    if (!this.#slot || this.#position === 0) return false;
    this.#closeSlot();
    return true;
  }

  /** Writes a frame that is text. */
  text(text: string): void {
    const { room } = this;
    // A UTF-16 unit takes three bytes at most.
    if (room - SLACK_BYTES >= 3 * text.length) {
      this.commit(this.#slot!.bytes.write(text, this.#position, 'utf8'));
      return;
    }
    this.bytes(Buffer.from(text));
  }

  /** Writes a frame that is bytes elsewhere. */
  bytes(bytes: Uint8Array): void {
    while (this.room <= bytes.length) {
      if (this.roll()) continue;
      this.#heapFrame(bytes);
      return;
    }
    this.#slot!.bytes.set(bytes, this.#position);
    this.commit(bytes.length);
  }

  /** What was written since the last call. Each holds its bytes. */
  take(): readonly Written[] {
    this.#closeHeap();
    if (this.#slot) {
      this.#closeFrames(this.#slot);
      this.#slots.giveBack({ slot: this.#slot, position: this.#position });
      this.#slot = undefined;
    }
    return this.#written.splice(0);
  }

  #open(): boolean {
    const place = this.#slots.claim();
    if (!place) return false;
    this.#closeHeap();
    this.#slot = place.slot;
    this.#base = place.slot.bytes.byteOffset;
    this.#position = place.position;
    return true;
  }

  #put(offset: number, length: number): void {
    if (2 * this.#count + 2 > this.#frames.length) {
      const larger = new Int32Array(2 * this.#frames.length);
      larger.set(this.#frames);
      this.#frames = larger;
    }
    this.#frames[2 * this.#count] = offset;
    this.#frames[2 * this.#count + 1] = length;
    this.#count += 1;
    this.#sizeBytes += length;
  }

  #heapFrame(bytes: Uint8Array): void {
    this.#closeSlot();
    const offset = this.#sizeBytes + this.#count;
    this.#put(offset, bytes.length);
    this.#heap.push(bytes, Uint8Array.of(this.#delimiter));
  }

  #closeHeap(): void {
    if (this.#heap.length === 0) return;
    this.#closeFrames(new HeapHold(Buffer.concat(this.#heap.splice(0))));
  }

  #closeSlot(): void {
    const slot = this.#slot;
    if (!slot) return;
    this.#closeFrames(slot);
    this.#slot = undefined;
    this.#position = 0;
    slot.release();
  }

  /** Ends what was written to one place; it gets a hold of its own. */
  #closeFrames(hold: ByteHold): void {
    if (this.#count === 0) return;
    hold.retain();
    this.#written.push({
      hold,
      frames: hold === this.#slot ? this.#tableIn(this.#slot) : this.#frames.slice(0, 2 * this.#count),
      count: this.#count,
      sizeBytes: this.#sizeBytes,
      delimiter: this.#delimiter,
      layout: this.#layout,
    });
    this.#count = 0;
    this.#sizeBytes = 0;
  }

  /** Puts the table behind the frames, where there is room. */
  #tableIn(slot: Slot): Int32Array {
    const frames = this.#frames.subarray(0, 2 * this.#count);
    const start = Math.ceil(this.#position / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
    const end = start + ENTRY_BYTES * this.#count;
    if (end > SLOT_BYTES) return frames.slice();
    const table = new Int32Array(slot.bytes.buffer, slot.bytes.byteOffset + start, frames.length);
    table.set(frames);
    this.#position = end;
    return table;
  }
}
