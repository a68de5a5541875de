// The files that are followed now, by what each is known by: device and inode while it is open, its fingerprint beyond
// that, and the paths that were looked at.

import type { SourceContext } from '../context.ts';
import { Cells } from './cells.ts';
import type { Checkpoints } from './checkpoints.ts';
import type { FileFacts } from './content.ts';
import type { FingerprintKey } from './fingerprint.ts';
import type { FileMetrics } from './metrics.ts';
import type { InFlight } from './progress.ts';
import { part } from './succession.ts';
import { type InodeKey, inodeKey, seenBytes, type Tail } from './tail.ts';

/** After this long without a change a file is quiet: it is read only when its size or time changed. */
export const QUIET_MS = 10_000;

/** What is known of a path that was looked at. */
export interface Known {
  readonly facts: FileFacts;
  /** The file followed under this name; none for one that is too small, or has the fingerprint of another. */
  readonly tail: Tail | undefined;
  readonly verdict: 'followed' | 'small' | 'copy';
  readonly sinceMs: number;
  /** The look in which the path was there last. */
  round: number;
}

export class FollowedFiles {
  readonly tails = new Set<Tail>();
  /** Those that are read when they are due; the others are quiet. */
  readonly active = new Set<Tail>();
  /** What is remembered of their content. */
  readonly cells = new Cells();
  readonly inFlight: InFlight = { count: 0 };
  readonly byInode = new Map<InodeKey, Tail>();
  readonly byKey = new Map<FingerprintKey, Tail>();
  /** Files that share their fingerprint with another and are told from it by device and inode. */
  readonly apart = new Set<InodeKey>();
  /** The file that was begun last of each log that has several. */
  readonly lastOf = new Map<string | undefined, Tail>();
  /** By path. */
  readonly known = new Map<string, Known>();
  /** Counts the looks. */
  round = 0;
  /** Whether to look for files before the next round is due. */
  isLookWanted = false;
  readonly #context: SourceContext;
  readonly #metrics: FileMetrics;
  readonly #checkpoints: Checkpoints;

  constructor(context: SourceContext, metrics: FileMetrics, checkpoints: Checkpoints) {
    this.#context = context;
    this.#metrics = metrics;
    this.#checkpoints = checkpoints;
  }

  /** The file that is followed under this device and inode. Mostly nothing has changed, and no key has to be made. */
  tailOf(path: string, facts: FileFacts): Tail | undefined {
    const tail = this.known.get(path)?.tail;
    if (tail?.facts === facts && tail.state === 'following') return tail;
    return this.byInode.get(inodeKey(facts));
  }

  knows(path: string, known: Omit<Known, 'round'>): void {
    this.known.set(path, { ...known, round: this.round });
  }

  enter(tail: Tail): void {
    this.byInode.set(tail.inode, tail);
    this.byKey.set(tail.key, tail);
    this.knows(tail.path, { facts: tail.facts, tail, verdict: 'followed', sinceMs: 0 });
    this.wake(tail);
  }

  rename(tail: Tail, path: string): void {
    this.#context.log.info('Watched file has been renamed.', { file: path, old_file: tail.path });
    tail.path = path;
    tail.outlet = undefined;
  }

  /** Reads the file as soon as possible. */
  wake(tail: Tail): void {
    tail.times.nextPollMs = this.#context.clock.monotonic();
    this.active.add(tail);
  }

  /** The file has other content than before under the same inode: that is a new file. */
  displace(tail: Tail): void {
    if (tail.scanned > 0)
      this.#context.faults.discarded(1, 'File truncated within an unfinished line.', false, { file: tail.path });
    this.#context.log.info('File was truncated or replaced.', { file: tail.path, file_position: tail.position });
    tail.state = 'displaced';
    tail.times.goneMs = this.#context.clock.monotonic();
    this.byInode.delete(tail.inode);
    this.known.delete(tail.path);
    this.active.add(tail);
    this.isLookWanted = true;
    this.partFrom(tail);
  }

  /** What comes in files before and behind this one has nothing to do with it any more. */
  partFrom(tail: Tail): void {
    const { next, previous } = tail;
    if (previous) part(previous);
    if (!next) return;
    part(next);
    this.wake(next.after);
  }

  /** Follows the file no more, as it is gone. */
  drop(tail: Tail): void {
    const isBehind = !tail.content.isCompressed && tail.facts.sizeBytes > seenBytes(tail);
    if (isBehind) this.#metrics.lost(tail.path, tail.facts.sizeBytes - seenBytes(tail));
    if (tail.ownsCheckpoint) this.#checkpoints.gone(tail.key, this.#context.clock.now());
    this.leave(tail);
  }

  /** Follows the file no more; its position stays known. */
  leave(tail: Tail): void {
    tail.state = 'dead';
    this.apart.delete(tail.inode);
    tail.content.close();
    tail.probe.forget();
    tail.head.forget();
    this.partFrom(tail);
    if (this.lastOf.get(tail.log) === tail) this.lastOf.delete(tail.log);
    this.tails.delete(tail);
    this.active.delete(tail);
    if (this.byInode.get(tail.inode) === tail) this.byInode.delete(tail.inode);
    if (this.byKey.get(tail.key) === tail) this.byKey.delete(tail.key);
    this.#context.log.info('Stopped watching file.', { file: tail.path, reached_eof: tail.isAtEnd });
    this.#metrics.unwatched(tail.path, tail.isAtEnd);
    this.#metrics.open.set(this.tails.size);
  }

  isQuiet(path: string): boolean {
    const known = this.known.get(path);
    if (!known) return false;
    if (known.tail) return known.tail.state === 'following' && !this.active.has(known.tail);
    return this.#context.clock.monotonic() - known.sinceMs > QUIET_MS;
  }

  /** Closes all files. */
  close(): void {
    for (const tail of this.tails) tail.content.close();
    this.tails.clear();
    this.active.clear();
    this.#metrics.open.set(0);
  }
}
