// Reads followed files straight into arena slots and cuts them into batches: raw ones where a line is simply a message,
// decoded ones where a charset or multiline merging asks for it.
//
//   slot:  [ probe │ unfinished line │ new bytes …⏎…⏎…⏎ rest ]
//            └ compared with what was there before       └ stays in the file; the slot's space is used again
//
// A line longer than `max_line_bytes` is passed over with no memory held for it, and counted.

import type { Merged } from '../../codecs/multiline/multiline.ts';
import { SLOT_BYTES } from '../../engine/arena/arena.ts';
import { Intake, type Region } from '../../engine/arena/intake.ts';
import { FRAMES_MAX } from '../../engine/kernels/frame_kernel.ts';
import { type ByteHold, logBatch } from '../../event/batch.ts';
import type { LogEvent } from '../../event/event.ts';
import { EMPTY_METADATA } from '../../event/metadata.ts';
import { setPath } from '../../event/path.ts';
import { bytesValue, type ObjectValue, type Value } from '../../event/value.ts';
import type { SourceContext } from '../context.ts';
import type { Output } from '../define.ts';
import { fieldWriter, type SourceField, type SourceIdentity, textLayout } from '../source_fields.ts';
import type { Assembled } from './assembler.ts';
import { AGAIN, LATER, NOTHING } from './content.ts';
import type { FileMetrics } from './metrics.ts';
import { type Outlet, openDeadline, PROBE_BYTES, readOffset, type Tail } from './tail.ts';

/** How lines look in the files of one source. */
export interface LineShape {
  readonly delimiter: Buffer;
  /** Delimiters begin at multiples of this many bytes: 2 in UTF-16. */
  readonly unitBytes: 1 | 2;
  /** Longest line, without delimiter. */
  readonly maxLineBytes: number;
  /** Makes text of a line; absent where lines are taken as they are. */
  readonly decode: ((line: Uint8Array) => string) | undefined;
}

/**
 * What a turn came to: `more` to read at once, the `end` of the file for now, more when other files had their turn
 * (`later`), no free slot (`full`), or other content than before (`changed`).
 */
export type Turn = 'more' | 'end' | 'later' | 'full' | 'changed';

/** The file could not be read; anything else that is thrown is no fault of the file. */
export class ReadError extends Error {}

/** Regions smaller than this are not worth a system call. */
const READ_MIN_BYTES = 32_768;

/** Room for two ends of what was read, or the beginning of a file. */
const SCRATCH_BYTES = 2 * PROBE_BYTES;

/** A delimiter must lie within the bytes that are read again. */
export const DELIMITER_MAX_BYTES = PROBE_BYTES;

const TOO_LONG = 'Found line that exceeds max_line_bytes; discarding.';

/** How the lines of the file `path` become events. */
export type LineForm = (path: string, identity: SourceIdentity) => Pick<Outlet, 'layout' | 'writer' | 'onSent'>;

/** Lines that are messages as they are, with the fields of their file. */
export function textForm(fields: (path: string) => readonly SourceField[]): LineForm {
  return (path, identity) => {
    const own = fields(path);
    return { layout: textLayout(identity, own), writer: fieldWriter(identity, own) };
  };
}

/** Lines found in a region: frames are in the table of the reader. */
interface Cut {
  readonly count: number;
  readonly sizeBytes: number;
  /** Index behind the last delimiter. */
  readonly end: number;
  /** Length of the line at `end` when it is longer than allowed, else -1. */
  readonly oversized: number;
}

export class LineReader {
  readonly #context: SourceContext;
  readonly #shape: LineShape;
  readonly #form: LineForm;
  readonly #metrics: FileMetrics;
  readonly #output: Output;
  readonly #intake: Intake;
  /** The delimiter where it is one byte, else -1. */
  readonly #byte: number;
  /** Lines of a batch at most. */
  readonly #linesMax: number;
  #table = new Int32Array(512);
  /** For the bytes that are compared; one file is read at a time. */
  readonly #scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES);

  constructor(context: SourceContext, shape: LineShape, form: LineForm, metrics: FileMetrics, output: Output) {
    this.#context = context;
    this.#shape = shape;
    this.#form = form;
    this.#metrics = metrics;
    this.#output = output;
    this.#intake = new Intake(context.arena, context.id);
    this.#byte = shape.delimiter.length === 1 ? shape.delimiter[0]! : -1;
    this.#linesMax = Math.min(context.globals.chunkSizeEvents, FRAMES_MAX);
  }

  /** Reads once from `tail` and sends what came of it. Rejects with a `ReadError` when the file cannot be read. */
  async turn(tail: Tail): Promise<Turn> {
    const region = this.#intake.reserve(Math.max(tail.wantBytes, READ_MIN_BYTES));
    if (!region) return 'full';
    let used = 0;
    try {
      const { slot, start, end } = region;
      const from = readOffset(tail);
      const probe = tail.probe.length;
      const seen = probe + tail.position + tail.scanned - from;
      const count = await this.#read(tail, slot.bytes, start, end, from - probe, seen);
      if (count === AGAIN) return 'more';
      if (count === LATER) return 'later';
      if (count === NOTHING) return 'end';
      if (count < seen || !tail.probe.matches(slot.bytes, start, count)) return 'changed';
      tail.wantBytes = 0;
      if (count === seen) return 'end';
      if (!(await this.#beginsAsBefore(tail))) return 'changed';
      used = await this.#take(tail, region, start + probe, start + count);
      tail.content.forget(readOffset(tail) - tail.probe.length);
      return tail.wantBytes > 0 ? 'more' : 'end';
    } finally {
      this.#intake.commit(used);
    }
  }

  /**
   * Whether the file still begins as it did. A file that was truncated and grew beyond the position again may have the
   * same bytes before it, since lines often end alike; asked after the read, so that what was read is from before a
   * truncation or is not taken.
   */
  async #beginsAsBefore(tail: Tail): Promise<boolean> {
    const { head } = tail;
    if (head.length === 0) return true;
    const now = this.#scratch.subarray(0, head.length);
    const count = await this.#read(tail, now, 0, now.length, 0, 0);
    return head.matches(now, 0, count);
  }

  async #read(
    { content }: Tail,
    bytes: Buffer,
    start: number,
    end: number,
    position: number,
    known: number,
  ): Promise<number> {
    try {
      return await content.read(bytes, start, end, position, known);
    } catch (error) {
      throw new ReadError((error as Error).message, { cause: error });
    }
  }

  /** The file will not grow any more: an unfinished line is a line, and an open group is a message. */
  async finish(tail: Tail): Promise<void> {
    const length = tail.scanned;
    tail.scanned = 0;
    if (length > this.#shape.maxLineBytes) this.#passOver(tail, length);
    else if (length > 0 && !(await this.#heapLine(tail, length, 0)))
      this.#context.log.warn(LOST_LINE, { file: tail.path });
    await this.flush(tail);
  }

  /** Sends the open group of a file whose time is over. */
  async flush(tail: Tail): Promise<void> {
    tail.merger?.flush();
    if (tail.pending.length > 0) await this.#sendPending(tail);
    for (const assembled of tail.assembler?.flush() ?? []) await this.#sendAssembled(tail, NO_BYTES, assembled);
    if (tail.position > tail.countedBytes || tail.merger || tail.assembler) this.#settle(tail);
  }

  /** Resolves when the arena has room again. */
  available(): Promise<void> {
    return this.#intake.available();
  }

  /** Lets go of the slot that is being filled. */
  close(): void {
    this.#intake.close();
  }

  /** Cuts what was read, `bytes[from, end)` of the region, and sends it. The bytes of the region that were used. */
  async #take(tail: Tail, region: Region, from: number, end: number): Promise<number> {
    const { slot, start } = region;
    const bytes = slot.bytes.subarray(0, end);
    const isFull = end === region.end;
    let at = from;
    if (readOffset(tail) !== tail.position) {
      at = await this.#endOfLong(tail, bytes, start, from, isFull);
      if (at === -1) return 0;
    }
    const first = at;
    const ends = tail.assembler && this.#endsOf(bytes, start);
    at = await this.#sendLines(tail, slot, bytes, at);
    const rest = end - at;
    const readsAgain = isFull && (at > first || start > 0) && rest <= this.#shape.maxLineBytes;
    tail.scanned = readsAgain ? 0 : rest;
    tail.wantBytes = isFull ? SLOT_BYTES : 0;
    const next = at + readOffset(tail) - tail.position;
    if (!ends || at === first) tail.probe.remember(bytes, start, next);
    else if (next === end) tail.probe.remember(ends.read, 0, ends.read.length);
    else tail.probe.remember(ends.lines, 0, ends.lines.length);
    this.#settle(tail);
    return this.#isRaw(tail) ? at - start : 0;
  }

  /** The last bytes of what was read and of its whole lines, from before an assembler writes over them. */
  #endsOf(bytes: Buffer, start: number): { readonly read: Buffer; readonly lines: Buffer } {
    const behind = Math.max(start, bytes.lastIndexOf(this.#byte) + 1);
    return {
      read: this.#keep(0, bytes, Math.max(start, bytes.length - PROBE_BYTES), bytes.length),
      lines: this.#keep(PROBE_BYTES, bytes, Math.max(start, behind - PROBE_BYTES), behind),
    };
  }

  /** A copy in the scratch memory. */
  #keep(at: number, bytes: Buffer, start: number, end: number): Buffer {
    return this.#scratch.subarray(at, at + bytes.copy(this.#scratch, at, start, end));
  }

  /**
   * Looks for the end of a long unfinished line in the bytes that are new. The index behind its delimiter; -1 when it is
   * not there, or the line is to be read as a whole now.
   */
  async #endOfLong(tail: Tail, bytes: Buffer, start: number, from: number, isFull: boolean): Promise<number> {
    const { delimiter, maxLineBytes } = this.#shape;
    const overlap = Math.min(delimiter.length - 1, from - start);
    const found = this.#find(bytes, from - overlap, from - tail.position - tail.scanned);
    if (found === -1) {
      tail.scanned += bytes.length - from;
      tail.wantBytes = isFull ? SLOT_BYTES : 0;
      tail.probe.remember(bytes, start, bytes.length);
      return -1;
    }
    const length = tail.scanned + found - from;
    tail.scanned = 0;
    if (length > maxLineBytes) {
      this.#passOver(tail, length + delimiter.length);
      return found + delimiter.length;
    }
    if (length + delimiter.length <= SLOT_BYTES) {
      tail.wantBytes = length + delimiter.length;
      tail.probe.forget();
      return -1;
    }
    if (await this.#heapLine(tail, length, delimiter.length)) return found + delimiter.length;
    tail.probe.forget();
    tail.wantBytes = SLOT_BYTES;
    return -1;
  }

  /** Sends all whole lines from index `from` on, where the position is; the index behind the last of them. */
  async #sendLines(tail: Tail, slot: ByteHold, bytes: Buffer, from: number): Promise<number> {
    const { delimiter, unitBytes } = this.#shape;
    let at = from;
    let searchAt = at + Math.max(0, tail.scanned - (delimiter.length - 1));
    searchAt -= (searchAt - at) % unitBytes;
    for (;;) {
      const cut = this.#cut(bytes, at, searchAt, at - tail.position);
      const offset = tail.position;
      tail.position += cut.end - at;
      if (cut.count > 0) {
        if (tail.assembler) await this.#assemble(tail, slot, cut.count, offset);
        else if (this.#isRaw(tail)) await this.#sendRaw(tail, slot, cut, offset, this.#byte);
        else await this.#sendDecoded(tail, bytes, cut, offset);
      }
      at = cut.end;
      if (cut.oversized >= 0) {
        this.#passOver(tail, cut.oversized + delimiter.length);
        at += cut.oversized + delimiter.length;
      } else if (cut.count < this.#linesMax) return at;
      searchAt = at;
    }
  }

  /** Lines of `bytes` from index `at` on, as many as make a batch, up to one that is too long. `zero` is the index of content offset 0. */
  #cut(bytes: Buffer, at: number, searchAt: number, zero: number): Cut {
    const { delimiter, maxLineBytes } = this.#shape;
    const countMax = this.#linesMax;
    const found = this.#byte === -1 ? undefined : this.#cutByKernel(bytes, at, countMax);
    if (found) return found;
    let from = at;
    let count = 0;
    let sizeBytes = 0;
    for (let next = this.#find(bytes, searchAt, zero); next !== -1; next = this.#find(bytes, from, zero)) {
      const length = next - from;
      if (length > maxLineBytes) return { count, sizeBytes, end: from, oversized: length };
      if (2 * count + 2 > this.#table.length) this.#growTable();
      this.#table[2 * count] = from;
      this.#table[2 * count + 1] = length;
      count += 1;
      sizeBytes += length;
      from = next + delimiter.length;
      if (count === countMax) break;
    }
    return { count, sizeBytes, end: from, oversized: -1 };
  }

  /** The same for a delimiter of one byte; undefined when there are lines that are too long. */
  #cutByKernel(bytes: Buffer, at: number, countMax: number): Cut | undefined {
    const { frames } = this.#intake.kernels;
    const base = bytes.byteOffset;
    const count = frames.cut(base + at, base + bytes.length, base, this.#byte, countMax);
    if (count === 0) return { count, sizeBytes: 0, end: at, oversized: -1 };
    if (frames.longest > this.#shape.maxLineBytes) return undefined;
    if (2 * count > this.#table.length) this.#table = new Int32Array(2 * countMax);
    this.#table.set(frames.table.subarray(0, 2 * count));
    const end = this.#table[2 * count - 2]! + this.#table[2 * count - 1]! + 1;
    return { count, sizeBytes: end - at - count, end, oversized: -1 };
  }

  #growTable(): void {
    const larger = new Int32Array(this.#table.length * 2);
    larger.set(this.#table);
    this.#table = larger;
  }

  /** Index of the next delimiter, -1 for none. */
  #find(bytes: Buffer, from: number, zero: number): number {
    if (this.#byte !== -1) return bytes.indexOf(this.#byte, from);
    const { delimiter, unitBytes } = this.#shape;
    let found = bytes.indexOf(delimiter, from);
    while (found !== -1 && (found - zero) % unitBytes !== 0) found = bytes.indexOf(delimiter, found + 1);
    return found;
  }

  #isRaw(tail: Tail): boolean {
    return this.#shape.decode === undefined && tail.merger === undefined;
  }

  /** Sends what the lines in the table make together with those before them. */
  async #assemble(tail: Tail, hold: ByteHold, count: number, offset: number): Promise<void> {
    const now = this.#context.clock.monotonic();
    for (const assembled of tail.assembler!.take(hold.bytes, this.#table, count, offset, now))
      await this.#sendAssembled(tail, hold, assembled);
  }

  /** The position comes up to the first line that still waits, and no further. */
  async #sendAssembled(tail: Tail, hold: ByteHold, assembled: Assembled): Promise<void> {
    const { bytes, frames, count, sizeBytes, endOffset, holds } = assembled;
    const { layout, received, onSent } = this.#outlet(tail);
    onSent?.(count);
    if (bytes === undefined) hold.retain();
    received.events.add(count, sizeBytes + count * layout.overheadBytes);
    await this.#output.send({
      kind: 'raw',
      type: 'log',
      hold: bytes ? { bytes, retain() {}, release() {} } : hold,
      frames,
      count,
      sizeBytes,
      delimiter: -1,
      ingestedMs: this.#context.clock.now(),
      streamOffset: -1,
      layout,
      finalizer: tail.progress.begin(Math.min(endOffset, tail.position, tail.assembler!.openOffset), holds),
    });
  }

  async #sendRaw(tail: Tail, hold: ByteHold, cut: Cut, offset: number, delimiter: number): Promise<void> {
    const { count, sizeBytes } = cut;
    const { layout, received } = this.#outlet(tail);
    hold.retain();
    received.events.add(count, sizeBytes + count * layout.overheadBytes);
    await this.#output.send({
      kind: 'raw',
      type: 'log',
      hold,
      frames: this.#table.slice(0, 2 * count),
      count,
      sizeBytes,
      delimiter,
      ingestedMs: this.#context.clock.now(),
      streamOffset: offset,
      layout,
      finalizer: tail.progress.begin(tail.position),
    });
  }

  #sendDecoded(tail: Tail, bytes: Buffer, { count }: Cut, offset: number): Promise<void> {
    const zero = this.#table[0]! - offset;
    for (let i = 0; i < count; i++) {
      const start = this.#table[2 * i]!;
      const length = this.#table[2 * i + 1]!;
      this.#line(tail, bytes.subarray(start, start + length), start - zero, this.#shape.delimiter.length);
    }
    return this.#sendPending(tail);
  }

  /** One line on its way to be decoded and merged. */
  #line(tail: Tail, line: Buffer, startOffset: number, delimiterBytes: number): void {
    const text = this.#shape.decode ? this.#shape.decode(line) : bytesValue(line);
    const endOffset = startOffset + line.length + delimiterBytes;
    if (tail.merger) tail.merger.add(text, startOffset, endOffset, this.#context.clock.monotonic());
    else tail.pending.push({ text, startOffset, endOffset });
  }

  async #sendPending(tail: Tail): Promise<void> {
    const { writer, received } = this.#outlet(tail);
    while (tail.pending.length > 0) {
      const lines = tail.pending.splice(0, this.#context.globals.chunkSizeEvents);
      const now = this.#context.clock.now();
      const events = lines.map((line) => this.#event(line));
      for (const [index, event] of events.entries()) writer?.enrich(event, now, lines[index]!.startOffset);
      const batch = logBatch(events, tail.progress.begin(lines.at(-1)!.endOffset));
      received.events.add(batch.count, batch.sizeBytes);
      await this.#output.send(batch);
    }
  }

  #event({ text }: Merged): LogEvent {
    const key = this.#context.globals.logSchema.message;
    let value: Value = text;
    if (this.#context.logNamespace === 'legacy') {
      const fields: ObjectValue = {};
      if (key) setPath(fields, key.segments, text);
      value = fields;
    }
    return { value, metadata: EMPTY_METADATA };
  }

  /** A line that no slot can hold, or the last one without delimiter, read as a whole. False when it is not there any more. */
  async #heapLine(tail: Tail, length: number, delimiterBytes: number): Promise<boolean> {
    const line = Buffer.allocUnsafeSlow(length);
    for (let at = 0; at < length; ) {
      const count = await this.#read(tail, line, at, length, tail.position + at, 0);
      if (count <= 0 && count !== AGAIN) return false;
      at += Math.max(count, 0);
    }
    const offset = tail.position;
    tail.position += length + delimiterBytes;
    if (delimiterBytes === 0) tail.probe.remember(line, 0, length);
    if (this.#isRaw(tail)) {
      this.#table[0] = 0;
      this.#table[1] = length;
      if (tail.assembler) {
        await this.#assemble(tail, { bytes: line, retain() {}, release() {} }, 1, offset);
        return true;
      }
      const cut = { count: 1, sizeBytes: length, end: length, oversized: -1 };
      await this.#sendRaw(tail, { bytes: line, retain() {}, release() {} }, cut, offset, -1);
    } else {
      this.#line(tail, line, offset, delimiterBytes);
      await this.#sendPending(tail);
    }
    return true;
  }

  #passOver(tail: Tail, length: number): void {
    tail.position += length;
    this.#context.faults.error(TOO_LONG, {
      type: 'condition_failed',
      stage: 'receiving',
      code: 'reading_line_from_file',
      fields: { file: tail.path, line_bytes: length, configured_limit: this.#shape.maxLineBytes },
    });
    this.#context.faults.discarded(1, TOO_LONG, true, { file: tail.path });
  }

  /** Counts what was read, and lets the position pass over what made no batch, unless a group before it is open. */
  #settle(tail: Tail): void {
    if (tail.position > tail.countedBytes) {
      this.#outlet(tail).received.bytes.add(tail.position - tail.countedBytes);
      tail.countedBytes = tail.position;
    }
    if (tail.assembler) tail.progress.pass(Math.min(tail.position, tail.assembler.openOffset));
    else if (openDeadline(tail) === Number.POSITIVE_INFINITY) tail.progress.pass(tail.position);
  }

  #outlet(tail: Tail): Outlet {
    if (!tail.outlet) {
      const { id, type, globals, logNamespace } = this.#context;
      const identity = { id, type, logSchema: globals.logSchema, logNamespace };
      tail.outlet = {
        ...this.#form(tail.path, identity),
        received: this.#metrics.received(tail.path),
      };
    }
    return tail.outlet;
  }
}

const NO_BYTES: ByteHold = { bytes: Buffer.alloc(0), retain() {}, release() {} };

const LOST_LINE = 'The unfinished last line of a file was gone before it could be read';
