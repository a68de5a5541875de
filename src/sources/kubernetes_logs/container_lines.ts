// Lines as container runtimes write them, made into messages where they lie:
//
//   CRI      2026-11-27T05:24:18.123456789Z stdout F message⏎       P in place of F: the message goes on
//   Docker   {"log":"message\n","stream":"stdout","time":"…"}⏎      no `\n` at the end: the message goes on
//
// A Docker line is written over by the CRI line that means the same, which is shorter. Parts of a message that lie
// together are moved behind the header of the first one. Parts with other lines between them, or whose end is not read
// yet, are held on the heap; the position stays before them.
//
// Invariant: before the header of every frame there is a newline, or the beginning of the memory, so that the header can
// be read backwards; a frame without a header has a newline directly before it.

import type { Assembled, Assembler, Origin } from '../../component/tail/assembler.ts';
import type { Finalizer } from '../../event/finalizer.ts';
import { assert } from '../../std/assert.ts';
import { utf8Text } from '../../std/bytes.ts';

const NO_FRAMES = new Int32Array(0);
const NONE: Assembled[] = [];
/** That of nearly all files nearly always; nothing is put into it. */
const NO_GROUPS: Map<number, Group> = new Map();

/** What an unfinished message may grow to before it goes out in pieces. */
const MESSAGE_MAX_BYTES = 4_194_304;

/** What the unfinished messages of all files of one source may take together. */
const HELD_MAX_BYTES = 33_554_432;

/** An unfinished message goes out as it is when so long nothing came after its last part. */
const WAIT_MS = 30_000;

const NEWLINE = 10;
const SPACE = 32;
const DASH = 45;
const BRACE = 123;
const LETTER_F = 70;
const LETTER_P = 80;
const LETTER_S = 115;
const LETTER_O = 111;
const LETTER_E = 101;

/** A time is no longer than this: `2026-11-27T05:24:18.123456789+01:00`. */
const TIME_MAX_BYTES = 40;

export interface MergeOptions {
  /** Whether the parts of a message are merged. */
  readonly merges: boolean;
  /** Most bytes of a merged message; undefined for no limit but `MESSAGE_MAX_BYTES`. */
  readonly maxBytes: number | undefined;
  readonly action: 'drop' | 'truncate';
}

/** What all files of one source share, and who is told what became of lines. */
export interface Surroundings {
  heldBytes: number;
  /** A line that is neither CRI nor Docker; it goes out as it is. */
  readonly onUnreadable: (format: 'cri' | 'docker') => void;
  readonly onTooLong: (bytes: number, action: 'drop' | 'truncate') => void;
  /** An unfinished message went out, as there was no more room for it. */
  readonly onLimit: () => void;
}

/** The parts of a message whose end has not come. */
interface Group {
  readonly header: Buffer;
  readonly parts: Buffer[];
  /** Bytes of the parts, those that are not kept included. */
  bytes: number;
  keptBytes: number;
  startOffset: number;
  deadlineMs: number;
  hasOthersBehind: boolean;
  /** Files that parts came from before this one. */
  origins: readonly Origin[] | undefined;
}

export class ContainerLines implements Assembler {
  readonly #options: MergeOptions;
  readonly #surroundings: Surroundings;
  /** By the letter that tells `stdout` from `stderr`. */
  #groups: Map<number, Group> = NO_GROUPS;
  #frames = NO_FRAMES;
  #count = 0;
  #sizeBytes = 0;
  #assembled: Assembled[] = NONE;

  // Of the line that was looked at last.
  #start = 0;
  #content = 0;
  #end = 0;
  #stream = 0;
  #isPartial = false;

  constructor(options: MergeOptions, surroundings: Surroundings) {
    this.#options = options;
    this.#surroundings = surroundings;
  }

  get openOffset(): number {
    let first = Number.POSITIVE_INFINITY;
    for (const { startOffset } of this.#groups.values()) first = Math.min(first, startOffset);
    return first;
  }

  get deadlineMs(): number {
    let first = Number.POSITIVE_INFINITY;
    for (const { deadlineMs } of this.#groups.values()) first = Math.min(first, deadlineMs);
    return first;
  }

  get isResumable(): boolean {
    for (const { hasOthersBehind, origins } of this.#groups.values()) {
      if (hasOthersBehind || origins?.some(({ file }) => file.state !== 'following')) return false;
    }
    return true;
  }

  take(bytes: Buffer, frames: Int32Array, count: number, offset: number, nowMs: number): readonly Assembled[] {
    const zero = frames[0]! - offset;
    this.#frames = new Int32Array(2 * count);
    this.#count = 0;
    this.#sizeBytes = 0;
    let endOffset = offset;
    for (let i = 0; i < count; i++) {
      const start = frames[2 * i]!;
      const end = start + frames[2 * i + 1]!;
      endOffset = end + 1 - zero;
      const isKnown = this.#look(bytes, start, end);
      if (!isKnown || !this.#options.merges) {
        this.#whole(bytes, isKnown, endOffset);
        continue;
      }
      const group = this.#groups.size > 0 ? this.#groups.get(this.#stream) : undefined;
      if (group) this.#join(group, bytes, endOffset, nowMs);
      else if (!this.#isPartial) this.#whole(bytes, true, endOffset);
      else {
        const last = this.#mergeInPlace(bytes, frames, i, count);
        if (last > i) {
          i = last;
          endOffset = frames[2 * i]! + frames[2 * i + 1]! + 1 - zero;
          this.#whole(bytes, true, endOffset);
        } else this.#open(bytes, start - zero, endOffset, nowMs);
      }
    }
    this.#endRun(endOffset);
    return this.#taken();
  }

  /** What was assembled: of thousands of files, none keeps it any longer. */
  #taken(): readonly Assembled[] {
    const assembled = this.#assembled;
    this.#assembled = NONE;
    this.#frames = NO_FRAMES;
    return assembled;
  }

  takeOver(from: Assembler, offset: number, nowMs: number, origin: Origin): void {
    assert(from instanceof ContainerLines, 'files of one log have lines of one kind');
    for (const [stream, group] of from.#groups) {
      group.startOffset = offset;
      group.deadlineMs = nowMs + WAIT_MS;
      origin.hold.retain();
      group.origins = [...(group.origins ?? []), origin];
      this.#hold(stream, group);
    }
    from.#groups = NO_GROUPS;
  }

  #hold(stream: number, group: Group): void {
    if (this.#groups === NO_GROUPS) this.#groups = new Map();
    this.#groups.set(stream, group);
  }

  #letGo(stream: number): void {
    this.#groups.delete(stream);
    if (this.#groups.size === 0) this.#groups = NO_GROUPS;
  }

  flush(): readonly Assembled[] {
    const groups = [...this.#groups].sort(([, a], [, b]) => a.startOffset - b.startOffset);
    for (const [stream, group] of groups) {
      this.#letGo(stream);
      this.#complete(group, Number.POSITIVE_INFINITY);
    }
    return this.#taken();
  }

  /** Looks at a line; false when it has no header that can be read. */
  #look(bytes: Buffer, start: number, end: number): boolean {
    this.#start = start;
    this.#content = start;
    this.#end = end;
    if (bytes[start] === BRACE) return this.#lookAtDocker(bytes);
    if (this.#lookAtCri(bytes)) return true;
    if (end > start) this.#surroundings.onUnreadable('cri');
    return false;
  }

  #lookAtCri(bytes: Buffer): boolean {
    const start = this.#start;
    const end = this.#end;
    if (end - start < 24 || bytes[start + 4] !== DASH) return false;
    let at = start + 10;
    const timeEnd = Math.min(end, start + TIME_MAX_BYTES);
    while (at < timeEnd && bytes[at] !== SPACE) at++;
    // ` stdout F ` or ` stderr P `; more tags may stand behind a colon.
    const letter = bytes[at + 4];
    if (bytes[at] !== SPACE || bytes[at + 1] !== LETTER_S || (letter !== LETTER_O && letter !== LETTER_E)) return false;
    if (bytes[at + 7] !== SPACE) return false;
    const tag = bytes[at + 8];
    if (tag !== LETTER_F && tag !== LETTER_P) return false;
    let behind = at + 9;
    while (behind < end && bytes[behind] !== SPACE) behind++;
    if (behind >= end) return false;
    this.#stream = letter;
    this.#isPartial = tag === LETTER_P;
    this.#content = behind + 1;
    return true;
  }

  /** Writes the CRI line over the Docker one. */
  #lookAtDocker(bytes: Buffer): boolean {
    const line = dockerLine(bytes, this.#start, this.#end);
    const header = line && Buffer.from(`${line.time} ${line.stream} ${line.isPartial ? 'P' : 'F'} `);
    const start = this.#end - (line?.content.length ?? 0) - (header?.length ?? 0);
    if (!line || !header || start <= this.#start) {
      this.#surroundings.onUnreadable('docker');
      return false;
    }
    bytes[start - 1] = NEWLINE;
    header.copy(bytes, start);
    line.content.copy(bytes, start + header.length);
    this.#start = start;
    return this.#lookAtCri(bytes);
  }

  /** The line that was looked at is a message. */
  #whole(bytes: Buffer, isKnown: boolean, endOffset: number): void {
    for (const group of this.#groups.values()) group.hasOthersBehind = true;
    const start = this.#start;
    let length = this.#end - this.#content;
    if (isKnown && this.#isPartial && this.#options.merges) {
      length = this.#bounded(length, (at) => bytes[this.#content + at]!);
      if (length < 0) return;
    }
    if (start > 0 && bytes[start - 1] !== NEWLINE) {
      // The first line of a file has something else before it in memory.
      const copy = Buffer.allocUnsafeSlow(1 + this.#content - start + length);
      copy[0] = NEWLINE;
      bytes.copy(copy, 1, start, this.#content + length);
      this.#endRun(endOffset);
      this.#alone(copy, 1 + this.#content - start, length, endOffset);
      return;
    }
    this.#frames[2 * this.#count] = this.#content;
    this.#frames[2 * this.#count + 1] = length;
    this.#count += 1;
    this.#sizeBytes += length;
  }

  /**
   * Moves the parts of a message together when all of them lie here one behind the other: line `first` was looked at and
   * is the first. The index of the last, or `first` when that is not so. Looks at the message it made.
   */
  #mergeInPlace(bytes: Buffer, frames: Int32Array, first: number, count: number): number {
    const start = this.#start;
    const content = this.#content;
    const stream = this.#stream;
    const ends = [this.#end];
    const contents = [content];
    let last = first;
    for (let isOver = false; !isOver; isOver = !this.#isPartial) {
      last += 1;
      const at = frames[2 * last]!;
      const isNext = last < count && bytes[at] !== BRACE && bytes[start] !== BRACE;
      if (isNext) {
        this.#start = at;
        this.#end = at + frames[2 * last + 1]!;
      }
      if (!isNext || !this.#lookAtCri(bytes) || this.#stream !== stream) {
        this.#start = start;
        this.#content = content;
        this.#end = ends[0]!;
        this.#stream = stream;
        this.#isPartial = true;
        return first;
      }
      contents.push(this.#content);
      ends.push(this.#end);
    }
    let to = this.#content;
    for (let i = contents.length - 2; i >= 0; i--) {
      to -= ends[i]! - contents[i]!;
      bytes.copyWithin(to, contents[i], ends[i]);
    }
    this.#content = to;
    this.#start = to - (content - start);
    bytes.copyWithin(this.#start, start, content);
    bytes[this.#start - 1] = NEWLINE;
    // As a message of several parts, whose length is limited.
    this.#isPartial = true;
    return last;
  }

  /** The line that was looked at begins a message whose end is not here. */
  #open(bytes: Buffer, startOffset: number, endOffset: number, nowMs: number): void {
    const header = Buffer.from(bytes.subarray(this.#start, this.#content));
    const group: Group = {
      header,
      parts: [],
      bytes: 0,
      keptBytes: 0,
      startOffset,
      deadlineMs: nowMs + WAIT_MS,
      hasOthersBehind: false,
      origins: undefined,
    };
    for (const other of this.#groups.values()) other.hasOthersBehind = true;
    this.#hold(this.#stream, group);
    this.#join(group, bytes, endOffset, nowMs);
  }

  #join(group: Group, bytes: Buffer, endOffset: number, nowMs: number): void {
    const surroundings = this.#surroundings;
    for (const other of this.#groups.values()) if (other !== group) other.hasOthersBehind = true;
    const part = bytes.subarray(this.#content, this.#end);
    const limit = this.#options.maxBytes ?? Number.POSITIVE_INFINITY;
    // Of what is too long only as much is kept as will go out.
    const kept = Math.max(0, Math.min(part.length, limit - group.keptBytes));
    const isFull = group.keptBytes + kept > MESSAGE_MAX_BYTES || surroundings.heldBytes + kept > HELD_MAX_BYTES;
    group.bytes += part.length;
    if (kept > 0) group.parts.push(Buffer.from(part.subarray(0, kept)));
    group.keptBytes += kept;
    surroundings.heldBytes += kept;
    group.deadlineMs = nowMs + WAIT_MS;
    if (isFull && this.#isPartial) surroundings.onLimit();
    if (this.#isPartial && !isFull) return;
    this.#letGo(this.#stream);
    this.#endRun(endOffset);
    this.#complete(group, endOffset);
  }

  /** The message of a group. */
  #complete({ header, parts, bytes, keptBytes, origins }: Group, endOffset: number): void {
    this.#surroundings.heldBytes -= keptBytes;
    const message = Buffer.concat([Buffer.from('\n'), header, ...parts]);
    const content = 1 + header.length;
    const holds = origins?.map(({ hold }) => hold);
    const length = this.#bounded(bytes, (at) => message[content + at]!);
    if (length >= 0) this.#alone(message, content, Math.min(length, keptBytes), endOffset, holds);
    else for (const hold of holds ?? []) hold.release('rejected');
  }

  /** What is left of a merged message of `length` bytes: -1 when it is dropped. */
  #bounded(length: number, byteAt: (index: number) => number): number {
    const { maxBytes = Number.POSITIVE_INFINITY, action } = this.#options;
    if (length <= maxBytes) return length;
    this.#surroundings.onTooLong(length, action);
    if (action === 'drop') return -1;
    // No character is cut in two.
    let end = maxBytes;
    if (end < length) {
      let back = end - 1;
      while (back >= 0 && back > end - 4 && (byteAt(back) & 0xc0) === 0x80) back--;
      const lead = back >= 0 ? byteAt(back) : 0;
      const size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
      if (size > 1 && back + size > end) end = back;
    }
    return end;
  }

  /** The messages gathered so far go out before others. */
  #endRun(endOffset: number): void {
    if (this.#count === 0) return;
    const isWhole = this.#frames.length === 2 * this.#count;
    this.#add({
      bytes: undefined,
      frames: isWhole ? this.#frames : this.#frames.slice(0, 2 * this.#count),
      count: this.#count,
      sizeBytes: this.#sizeBytes,
      endOffset,
    });
    this.#count = 0;
    this.#sizeBytes = 0;
  }

  #alone(bytes: Buffer, start: number, length: number, endOffset: number, holds?: readonly Finalizer[]): void {
    this.#add({ bytes, frames: Int32Array.of(start, length), count: 1, sizeBytes: length, endOffset, holds });
  }

  /** Mostly there is one, in an array that has room for no more. */
  #add(assembled: Assembled): void {
    if (this.#assembled.length === 0) this.#assembled = [assembled];
    else this.#assembled.push(assembled);
  }
}

interface DockerLine {
  readonly time: string;
  readonly stream: 'stdout' | 'stderr';
  readonly content: Buffer;
  readonly isPartial: boolean;
}

function dockerLine(bytes: Buffer, start: number, end: number): DockerLine | undefined {
  let line: { readonly log?: unknown; readonly stream?: unknown; readonly time?: unknown };
  try {
    line = JSON.parse(utf8Text(bytes, start, end)) as typeof line;
  } catch {
    return undefined;
  }
  const { log, stream, time } = line;
  if (typeof log !== 'string' || typeof time !== 'string' || !/^\d{4}-[!-~]+$/.test(time)) return undefined;
  if (stream !== 'stdout' && stream !== 'stderr') return undefined;
  const isPartial = !log.endsWith('\n');
  return { time, stream, isPartial, content: Buffer.from(isPartial ? log : log.slice(0, -1)) };
}
