// One file that is being followed: what it is, how far it was read, and what tells that it is still the same content.
//
//   0 ───── delivered ───── position ───── position + scanned ───── end of file
//                            │ start of    └ no delimiter up to here: an unfinished line. Its bytes stay in the file
//                            │ a line        and are read again when the rest of the line is there.
//
// A file that is followed costs one descriptor and about 4 KiB, and no memory for content: what was read is in arena
// slots, what was not is in the file.

import type { LineMerger, Merged } from '../../codecs/multiline/multiline.ts';
import type { RawLayout } from '../../event/batch.ts';
import type { FieldWriter } from '../source_fields.ts';
import type { Assembler } from './assembler.ts';
import { CELL_BYTES, type Cells } from './cells.ts';
import type { Content, FileFacts } from './content.ts';
import type { Fingerprint, FingerprintKey } from './fingerprint.ts';
import type { Received } from './metrics.ts';
import type { Progress } from './progress.ts';
import type { Succession } from './succession.ts';

/** Bytes before the place of the next read that are remembered and compared when it is read. */
export const PROBE_BYTES = CELL_BYTES;

const NO_CELL = -1;

/**
 * The last bytes before a position. A file that was truncated and grew beyond the position again has other bytes there,
 * and size alone would not tell.
 */
export class Probe {
  readonly #cells: Cells;
  #cell = NO_CELL;
  #length = 0;

  constructor(cells: Cells) {
    this.#cells = cells;
  }

  get length(): number {
    return this.#length;
  }

  /** Remembers the bytes of `bytes[start, end)` that are nearest to `end`. */
  remember(bytes: Buffer, start: number, end: number): void {
    this.#length = Math.min(end - start, PROBE_BYTES);
    if (this.#length === 0) {
      this.forget();
      return;
    }
    if (this.#cell === NO_CELL) this.#cell = this.#cells.take();
    this.#cells.write(this.#cell, bytes, end - this.#length, end);
  }

  forget(): void {
    if (this.#cell !== NO_CELL) this.#cells.giveBack(this.#cell);
    this.#cell = NO_CELL;
    this.#length = 0;
  }

  /** Whether `bytes` hold at `start` what was remembered; `count` bytes are there. */
  matches(bytes: Buffer, start: number, count: number): boolean {
    if (this.#length === 0) return true;
    if (count < this.#length) return false;
    return this.#cells.equals(this.#cell, bytes, start, this.#length) || isZero(bytes, start, this.#length);
  }
}

/**
 * Zeros where there was text: a writer that keeps its offset over a truncation leaves a hole before it, and what comes
 * behind the hole is new.
 */
function isZero(bytes: Buffer, start: number, length: number): boolean {
  for (let i = start; i < start + length; i++) {
    if (bytes[i] !== 0) return false;
  }
  return true;
}

/** Device and inode as a key for maps: what stays when a file is renamed. */
export type InodeKey = string;

export function inodeKey({ device, inode }: FileFacts): InodeKey {
  return `${device}:${inode}`;
}

export interface Tail {
  path: string;
  readonly fingerprint: Fingerprint;
  readonly key: FingerprintKey;
  inode: InodeKey;
  /** What files that hold one log have in common; undefined where each is a log of its own. */
  readonly log: string | undefined;
  /** As they were when the file was last looked at. */
  facts: FileFacts;
  content: Content;
  /** Where the next line begins. */
  position: number;
  /** Bytes behind `position` in which there is no delimiter. */
  scanned: number;
  readonly probe: Probe;
  /** The first bytes of the file, which every read must find unchanged; none for what is compressed. */
  readonly head: Probe;
  /** Above 0 there is more to read at once, into a region of at least this size. */
  wantBytes: number;
  /** Whether the last read found nothing new. */
  isAtEnd: boolean;
  /** The position up to which bytes were counted as received. */
  countedBytes: number;
  readonly progress: Progress;
  readonly merger: LineMerger | undefined;
  /** Makes messages of the lines, where a message is not simply a line. */
  readonly assembler: Assembler | undefined;
  /** Lines and merged messages that are to be sent next. */
  readonly pending: Merged[];
  /** How this file's lines go out; made when the first one does, and again when the file is renamed. */
  outlet: Outlet | undefined;
  readonly times: TailTimes;
  /** The look in which the file was found last, and by what name: the one it has where it has several. */
  readonly sighted: { round: number; path: string };
  state: TailState;
  /** Whether this is the copy that was made of a file before it was truncated. */
  isRemainder: boolean;
  /** Whether it is read before all others, as it was not for too long. */
  isOverdue: boolean;
  /** The file that holds the same log from where this one ends, until it is read. */
  next: Succession | undefined;
  /** Whether the next file of its log is read: hardly anything more comes in this one. */
  isPassed: boolean;
  /** The file that must be read to its end before this one is read. */
  previous: Succession | undefined;
  /** Whether the position in the checkpoints is this file's: another one may have come with the same fingerprint. */
  ownsCheckpoint: boolean;
}

/** What depends on the name of a file. */
export interface Outlet {
  readonly layout: RawLayout;
  /** Adds the same fields to lines that are decoded here; absent where none are. */
  readonly writer?: FieldWriter;
  readonly received: Received;
  /** Told how many events go out in this form. */
  readonly onSent?: ((count: number) => void) | undefined;
}

/** On the monotonic clock, but `lastReadMs`, which begins as the time of the file's last change. */
export interface TailTimes {
  /** When to look for more. */
  nextPollMs: number;
  /** How long to wait when there was nothing. */
  backoffMs: number;
  /** When there was something, or the file was found to be gone. */
  lastActiveMs: number;
  lastReadMs: number;
  goneMs: number | undefined;
  /** Since when every read of it failed. */
  failingMs: number | undefined;
}

/**
 *   following ──not found by any name──► gone ──read to its end, and quiet──► ending ──last line sent──► dead
 *       │  ▲                               │
 *       │  └──found again, or a copy is────┘
 *       └──truncated or replaced in place──► displaced ──a copy of it is found──► following
 *                                               └──none is found──► dead
 */
export type TailState = 'following' | 'gone' | 'displaced' | 'ending' | 'dead';

/** When what waits for further lines of the file is due; infinity when nothing waits. */
export function openDeadline({ merger, assembler }: Tail): number {
  return Math.min(merger?.deadlineMs ?? Number.POSITIVE_INFINITY, assembler?.deadlineMs ?? Number.POSITIVE_INFINITY);
}

/** Content offset of the next read. Short unfinished lines are read again at once, long ones only when complete. */
export function readOffset(tail: Tail): number {
  return tail.scanned > REREAD_MAX_BYTES ? tail.position + tail.scanned : tail.position;
}

/** An unfinished line up to this length is read again with what follows it: cheaper than two system calls. */
export const REREAD_MAX_BYTES = 16_384;

/** Content offset behind everything looked at: what the file must hold at least, unless it was truncated. */
export function seenBytes(tail: Tail): number {
  return tail.position + tail.scanned;
}
