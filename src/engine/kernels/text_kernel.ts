// Writes text as JSON: lines become objects that differ in one member, a batch in one call.
//
//   {"file":"…","host":"…","message":" │ text of the frame, escaped │ ","source_type":"file","timestamp":"…"}⏎
//   prefix ─────────────────────────────                              ───────────────────────────────── suffix
//
// Escapes are those of the native JSON writer. Text that is not UTF-8 is not written: the call ends there, says how far
// it came, and is made again behind that frame.

import { assert } from '../../std/assert.ts';

/** Why a call ended. */
export const TEXT_DONE = 0;
/** The output, or the table, has no room for the next object. */
export const TEXT_FULL = 1;
/** The next frame is not UTF-8. */
export const TEXT_NOT_UTF8 = 2;
/** The header before the next frame is missing, or its time is for the ordinary way. */
export const TEXT_ODD = 3;

/** What goes into a gap of a template for frames with headers. */
export const TextGap = { MESSAGE: 1, TIME: 2, STREAM: 3 } as const;

/** Objects that one call writes at most. */
export const TEXT_OBJECTS_MAX = 8192;

/** Bytes behind the output that may be overwritten; they count as part of its capacity. */
export const TEXT_SLACK_BYTES = 64;

/** Longest prefix and suffix. */
export const TEXT_AFFIX_BYTES_MAX = 16_384;

const SHUFFLES_BYTES = 4096;
const JOB_WORDS = 32;
/** Where parts and gaps of templates are in a job. */
const PARTS_WORD = 16;
const GAPS_WORD = 24;
export const TEXT_GAPS_MAX = 3;
const PAIRS_BYTES = 8 * TEXT_OBJECTS_MAX;
/** Affixes are copied in steps of 16 and read so far past their end. */
const AFFIX_ROOM = TEXT_AFFIX_BYTES_MAX + 16;

/** Texts that one object of several is made of at most, and bytes of what stands around them. */
export const TEXT_RANGES_MAX = 64;
const RANGES_BYTES = 8 * TEXT_RANGES_MAX;
const PART_PAIRS_BYTES = RANGES_BYTES + 16;
const PART_TEXTS_BYTES = 3056;
/** So many sets of parts are kept, as one kind of object is often written between others. */
const PART_SETS = 8;
const PART_SET_BYTES = PART_PAIRS_BYTES + PART_TEXTS_BYTES;

/**
 * Scratch space of a `TextKernel`: [shuffles][job][prefix][suffix][table of objects][frames given][ranges][sets of
 * parts: pairs, texts].
 */
export const TEXT_SCRATCH_BYTES: number =
  SHUFFLES_BYTES + 4 * JOB_WORDS + 2 * AFFIX_ROOM + 2 * PAIRS_BYTES + RANGES_BYTES + PART_SETS * PART_SET_BYTES;

/** What the module exports for this. */
export interface TextKernelExports {
  textInit(table: number): void;
  textEscape(start: number, end: number, out: number, capacity: number): number;
  textLines(job: number, start: number, end: number, delimiter: number): number;
  textFrames(job: number, frames: number, count: number, inputBase: number): number;
  textHeadedFrames(job: number, frames: number, count: number, inputBase: number): number;
  textBetween(parts: number, ranges: number, count: number, out: number, capacity: number): number;
  isUtf8(start: number, end: number): number;
}

/** Where a call writes to: addresses in the memory. */
export interface TextOutput {
  readonly start: number;
  /** End of the room, slack included. */
  readonly end: number;
  /** What offsets in `table` are counted from. */
  readonly base: number;
}

export class TextKernel {
  /** Of the objects written last: pairs of (offset from the base, length without delimiter). */
  readonly table: Int32Array<ArrayBufferLike>;
  readonly #exports: TextKernelExports;
  readonly #bytes: Uint8Array;
  readonly #job: Int32Array<ArrayBufferLike>;
  readonly #jobOffset: number;
  readonly #prefixOffset: number;
  readonly #suffixOffset: number;
  readonly #tableOffset: number;
  readonly #framesOffset: number;
  readonly #frames: Int32Array<ArrayBufferLike>;
  readonly #rangesOffset: number;
  readonly #ranges: Int32Array<ArrayBufferLike>;
  #last: Template | undefined;
  readonly #words: Int32Array<ArrayBufferLike>;
  /** What stands around several texts, as it was used; and which of them is used now. */
  readonly #parts = new Array<readonly string[] | undefined>(PART_SETS).fill(undefined);
  #partSet = 0;

  /** `offset` is where its scratch space begins, a multiple of 16. */
  constructor(memory: WebAssembly.Memory, exports: TextKernelExports, offset: number) {
    this.#exports = exports;
    this.#bytes = new Uint8Array(memory.buffer);
    this.#jobOffset = offset + SHUFFLES_BYTES;
    this.#job = new Int32Array(memory.buffer, this.#jobOffset, JOB_WORDS);
    this.#prefixOffset = this.#jobOffset + 4 * JOB_WORDS;
    this.#suffixOffset = this.#prefixOffset + AFFIX_ROOM;
    this.#tableOffset = this.#suffixOffset + AFFIX_ROOM;
    this.#framesOffset = this.#tableOffset + PAIRS_BYTES;
    this.table = new Int32Array(memory.buffer, this.#tableOffset, 2 * TEXT_OBJECTS_MAX);
    this.#frames = new Int32Array(memory.buffer, this.#framesOffset, 2 * TEXT_OBJECTS_MAX);
    this.#rangesOffset = this.#framesOffset + PAIRS_BYTES;
    this.#ranges = new Int32Array(memory.buffer, this.#rangesOffset, RANGES_BYTES / 4);
    this.#words = new Int32Array(memory.buffer);
    exports.textInit(offset);
    this.around(EMPTY, EMPTY, 0);
  }

  /**
   * What the objects of the following calls begin and end with. The last `delimiterBytes` of the suffix follow the
   * object and are no part of it. False when either is longer than `TEXT_AFFIX_BYTES_MAX`.
   */
  around(prefix: Uint8Array, suffix: Uint8Array, delimiterBytes: number): boolean {
    this.#last = undefined;
    assert(delimiterBytes <= suffix.length, 'a delimiter is part of the suffix');
    if (prefix.length > TEXT_AFFIX_BYTES_MAX || suffix.length > TEXT_AFFIX_BYTES_MAX) return false;
    this.#bytes.set(prefix, this.#prefixOffset);
    this.#bytes.set(suffix, this.#suffixOffset);
    this.#job[0] = this.#prefixOffset;
    this.#job[1] = prefix.length;
    this.#job[2] = this.#suffixOffset;
    this.#job[3] = suffix.length;
    this.#job[9] = delimiterBytes;
    return true;
  }

  /** The same for texts; costs next to nothing when they are those of the call before. */
  aroundText(before: string, behind: string, delimiter: number): boolean {
    const last = this.#last;
    if (last?.gaps === NO_GAPS && last.parts[0] === before && last.parts[1] === behind && last.delimiter === delimiter)
      return true;
    if (!this.around(Buffer.from(before), delimited(behind, delimiter), 1)) return false;
    this.#last = { parts: [before, behind], gaps: NO_GAPS, delimiter };
    return true;
  }

  /**
   * What the objects of `headedFrames` are made of: texts, and what goes between them. False when they are too long. As
   * cheap as the above when they are those of the call before; a template that stays is the same array.
   */
  aroundHeaded(parts: readonly string[], gaps: readonly number[], delimiter: number): boolean {
    const last = this.#last;
    if (last && last.gaps === gaps && last.delimiter === delimiter && areSame(last.parts, parts)) return true;
    assert(parts.length === gaps.length + 1 && gaps.length <= TEXT_GAPS_MAX, 'there is a gap between two parts');
    this.#last = undefined;
    const job = this.#job;
    let at = this.#prefixOffset;
    for (let i = 0; i <= TEXT_GAPS_MAX; i++) {
      const text = parts[i] ?? '';
      const bytes = i === gaps.length ? delimited(text, delimiter) : Buffer.from(text);
      const end = at + bytes.length;
      // Parts are read in steps of 16.
      if (end + 16 > this.#tableOffset) return false;
      this.#bytes.set(bytes, at);
      job[PARTS_WORD + 2 * i] = at;
      job[PARTS_WORD + 2 * i + 1] = i > gaps.length ? 0 : bytes.length;
      if (i < TEXT_GAPS_MAX) job[GAPS_WORD + i] = gaps[i] ?? 0;
      at = end;
    }
    job[9] = 1;
    this.#last = { parts, gaps, delimiter };
    return true;
  }

  /**
   * Writes an object for each complete frame of the bytes [start, end), frames ending in `delimiter`; what follows the
   * last delimiter is left.
   * @returns `TEXT_DONE`, `TEXT_FULL` or `TEXT_NOT_UTF8`; then see `done`, `inputEnd`, `outputEnd` and `table`
   */
  lines(start: number, end: number, delimiter: number, output: TextOutput, max = TEXT_OBJECTS_MAX): number {
    this.#writeTo(output, max);
    return this.#exports.textLines(this.#jobOffset, start, end, delimiter);
  }

  /** The same for frames `first` up to `count` of a table whose offsets are counted from `inputBase`. */
  frames(frames: Int32Array, first: number, count: number, inputBase: number, output: TextOutput): number {
    const last = this.#give(frames, first, count, output);
    const reason = this.#exports.textFrames(this.#jobOffset, this.#framesOffset, last - first, inputBase);
    return reason === TEXT_DONE && last < count ? TEXT_FULL : reason;
  }

  /** The same for frames with headers, in the template of `aroundHeaded`; `TEXT_ODD` too. */
  headedFrames(frames: Int32Array, first: number, count: number, inputBase: number, output: TextOutput): number {
    const last = this.#give(frames, first, count, output);
    const reason = this.#exports.textHeadedFrames(this.#jobOffset, this.#framesOffset, last - first, inputBase);
    return reason === TEXT_DONE && last < count ? TEXT_FULL : reason;
  }

  /** Writes one text escaped. Bytes written, -1 when the capacity (slack included) is too small, -2 when not UTF-8. */
  escape(start: number, end: number, out: number, capacity: number): number {
    return this.#exports.textEscape(start, end, out, capacity);
  }

  /** What stands around the texts of the following calls of `between`. False when it is too long, or too many. */
  useParts(parts: readonly string[]): boolean {
    if (this.#parts[this.#partSet] === parts) return true;
    const known = this.#parts.indexOf(parts);
    this.#partSet = known >= 0 ? known : (this.#partSet + 1) % PART_SETS;
    return known >= 0 || this.#putParts(parts, this.#partSet);
  }

  #putParts(parts: readonly string[], set: number): boolean {
    this.#parts[set] = undefined;
    if (parts.length > TEXT_RANGES_MAX + 1) return false;
    const pairsOffset = this.#pairsOf(set);
    let at = pairsOffset + PART_PAIRS_BYTES;
    for (const [index, part] of parts.entries()) {
      const bytes = Buffer.from(part);
      // They are read in steps of 16.
      if (at + bytes.length + 16 > pairsOffset + PART_SET_BYTES) return false;
      this.#bytes.set(bytes, at);
      this.#words[pairsOffset / 4 + 2 * index] = at;
      this.#words[pairsOffset / 4 + 2 * index + 1] = bytes.length;
      at += bytes.length;
    }
    this.#parts[set] = parts;
    return true;
  }

  #pairsOf(set: number): number {
    return this.#rangesOffset + RANGES_BYTES + set * PART_SET_BYTES;
  }

  /**
   * Writes texts, given as pairs of start and end in memory, escaped between the parts. Bytes written, -1 when the capacity
   * (slack included) is too small, -2 when one is not UTF-8.
   */
  between(ranges: Int32Array, out: number, capacity: number): number {
    this.#ranges.set(ranges);
    const count = ranges.length / 2;
    return this.#exports.textBetween(this.#pairsOf(this.#partSet), this.#rangesOffset, count, out, capacity);
  }

  isUtf8(start: number, end: number): boolean {
    return this.#exports.isUtf8(start, end) !== 0;
  }

  /** Frames taken by the last call. */
  get done(): number {
    return this.#job[10]!;
  }

  /** Address behind the last frame taken; of the frame that was not taken, when there is one. */
  get inputEnd(): number {
    return this.#job[11]! >>> 0;
  }

  /** Address behind the last object written, its delimiter included. */
  get outputEnd(): number {
    return this.#job[12]! >>> 0;
  }

  /** Puts frames where the kernel finds them; the index behind the last. */
  #give(frames: Int32Array, first: number, count: number, output: TextOutput): number {
    const last = Math.min(count, first + TEXT_OBJECTS_MAX);
    this.#frames.set(frames.subarray(2 * first, 2 * last));
    this.#writeTo(output, TEXT_OBJECTS_MAX);
    return last;
  }

  #writeTo({ start, end, base }: TextOutput, max: number): void {
    assert(max > 0 && max <= TEXT_OBJECTS_MAX, 'as many objects are asked for as the table holds');
    this.#job[4] = start;
    this.#job[5] = end;
    this.#job[6] = this.#tableOffset;
    this.#job[7] = this.#tableOffset + 8 * max;
    this.#job[8] = base;
  }
}

const EMPTY = new Uint8Array(0);

/** What objects are made of: texts, and what goes between them. */
interface Template {
  readonly parts: readonly string[];
  readonly gaps: readonly number[];
  readonly delimiter: number;
}

/** The message between two texts. */
const NO_GAPS: readonly number[] = [];

function delimited(text: string, delimiter: number): Buffer {
  const bytes = Buffer.from(`${text} `);
  bytes[bytes.length - 1] = delimiter;
  return bytes;
}

function areSame(some: readonly string[], others: readonly string[]): boolean {
  return some === others || (some.length === others.length && some.every((text, index) => text === others[index]));
}
