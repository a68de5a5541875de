// The running source: looks for files now and then, reads those that may have grown, lets go of those that are gone.
//
//   read: files that are due, in turns; a file that has nothing waits twice as long, up to a second
//   quiet for ten seconds: read only when its size or time changed
//
// Positions go to disk by a loop of their own, so that a sink that holds everything up does not hold them up too.

import { stat, unlink } from 'node:fs/promises';
import { sleep } from '../../std/clock.ts';
import type { SourceContext } from '../context.ts';
import type { Output, Source } from '../define.ts';
import type { Checkpoints } from './checkpoints.ts';
import { factsOf } from './content.ts';
import type { FileSet } from './file_set.ts';
import { QUIET_MS } from './followed_files.ts';
import { type LineReader, ReadError, type Turn } from './line_reader.ts';
import type { FileMetrics } from './metrics.ts';
import { IN_FLIGHT_MAX } from './progress.ts';
import { endFound } from './succession.ts';
import { inodeKey, openDeadline, seenBytes, type Tail } from './tail.ts';

export interface FollowerOptions {
  readonly cooldownMs: number;
  /** A file is left for another one after this many bytes, or one read where that is more. */
  readonly maxReadBytes: number;
  readonly oldestFirst: boolean;
  readonly removeAfterMs: number | undefined;
  readonly rotateWaitMs: number;
}

/** Longest wait between two looks into a file that is not quiet yet. */
const BACKOFF_MAX_MS = 1_000;

/** Beyond so many files that are written to, each waits up to `MANY_WAIT_MAX_MS`, and reads come in groups. */
const FEW_FILES = 100;
const GROUP_MAX_MS = 50;
const MANY_WAIT_MAX_MS = 500;

/** A file that is gone is read until it brought nothing for so long: who writes it may not know yet that it is gone. */
const GONE_QUIET_MS = 5_000;

/** A file that is gone and cannot be read to its end is let go after so long. */
const GONE_FAILING_MS = 60_000;

/** How long to wait when so much is in flight that nothing more is read. */
const IN_FLIGHT_WAIT_MS = 20;

/** How long files are read from the oldest on before it is looked for again: of thousands that takes milliseconds. */
const OLDEST_FIRST_MS = 100;

/** How long to wait after a file could not be read. */
const FAILURE_WAIT_MS = 5_000;

/** Positions are written no more often than this. */
const CHECKPOINT_MIN_MS = 100;

export class Follower implements Source {
  readonly #context: SourceContext;
  readonly #options: FollowerOptions;
  readonly #metrics: FileMetrics;
  readonly #checkpoints: Checkpoints;
  readonly #files: FileSet;
  readonly #readerOf: (output: Output) => LineReader;
  readonly #load: (stop: AbortSignal) => Promise<void>;

  constructor(parts: {
    readonly context: SourceContext;
    readonly options: FollowerOptions;
    readonly metrics: FileMetrics;
    readonly checkpoints: Checkpoints;
    readonly files: FileSet;
    readonly readerOf: (output: Output) => LineReader;
    /** Loads the stored positions. */
    readonly load: (stop: AbortSignal) => Promise<void>;
  }) {
    this.#context = parts.context;
    this.#options = parts.options;
    this.#metrics = parts.metrics;
    this.#checkpoints = parts.checkpoints;
    this.#files = parts.files;
    this.#readerOf = parts.readerOf;
    this.#load = parts.load;
  }

  async run(output: Output, stop: AbortSignal): Promise<void> {
    const reader = this.#readerOf(output);
    await this.#load(stop);
    const ended = new AbortController();
    const writing = this.#keepCheckpoints(AbortSignal.any([stop, ended.signal]));
    try {
      await this.#follow(reader, stop);
      for (const tail of this.#files.tails)
        if (hasOpenGroup(tail) && !tail.assembler?.isResumable) await reader.flush(tail);
    } finally {
      ended.abort();
      reader.close();
      this.#files.close();
      await writing;
    }
  }

  async close(): Promise<void> {
    await this.#writeCheckpoints();
  }

  async #follow(reader: LineReader, stop: AbortSignal): Promise<void> {
    const { clock } = this.#context;
    await this.#files.look(true, stop);
    let nextLook = clock.monotonic() + this.#options.cooldownMs;
    while (!stop.aborted) {
      if (clock.monotonic() >= nextLook || this.#files.isLookWanted) {
        nextLook = clock.monotonic() + this.#options.cooldownMs;
        await this.#files.look(false, stop);
        await this.#removeRead(reader);
      }
      const isBusy = await this.#readDue(reader, stop);
      await this.#endGone(reader);
      if (this.#files.active.size === 0) reader.close();
      if (!isBusy && !this.#files.isLookWanted) await this.#pause(this.#nextDue(nextLook) - clock.monotonic(), stop);
    }
  }

  /** Waits, unless there is reason to look for files before. */
  #pause(ms: number, stop: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const finish = (): void => {
        timer.cancel();
        stop.removeEventListener('abort', finish);
        this.#files.onLookWanted = undefined;
        resolve();
      };
      const timer = this.#context.clock.after(ms, finish);
      stop.addEventListener('abort', finish, { once: true });
      this.#files.onLookWanted = finish;
      if (stop.aborted || this.#files.isLookWanted) finish();
    });
  }

  /** One turn for each file that is due, or all there is in the oldest ones; whether there is more to read at once. */
  async #readDue(reader: LineReader, stop: AbortSignal): Promise<boolean> {
    const { clock } = this.#context;
    const { oldestFirst } = this.#options;
    const untilMs = clock.monotonic() + OLDEST_FIRST_MS;
    let isBusy = false;
    for (const tail of this.#inOrder()) {
      if (stop.aborted) return false;
      if (this.#isFull) {
        await sleep(clock, IN_FLIGHT_WAIT_MS, stop);
        return true;
      }
      if (tail.previous) continue;
      const now = clock.monotonic();
      // What the next file of the log is about to take over does not go out before it.
      if (openDeadline(tail) <= now && !tail.next) await reader.flush(tail);
      if (tail.times.nextPollMs > now || tail.state === 'displaced' || tail.state === 'dead') continue;
      let hasMore = await this.#read(reader, tail, stop);
      while (hasMore && oldestFirst && clock.monotonic() < untilMs && !stop.aborted && !this.#isFull)
        hasMore = await this.#read(reader, tail, stop);
      isBusy ||= hasMore;
      if (oldestFirst && (hasMore || clock.monotonic() >= untilMs)) return true;
    }
    return isBusy;
  }

  /** Whether nothing more is read until some of what was read is delivered. */
  get #isFull(): boolean {
    return this.#files.inFlight.count >= IN_FLIGHT_MAX;
  }

  #inOrder(): Iterable<Tail> {
    if (!this.#options.oldestFirst) return this.#files.active;
    const now = this.#context.clock.monotonic();
    const due = [...this.#files.active].filter((tail) => tail.times.nextPollMs <= now || openDeadline(tail) <= now);
    return due.sort((a, b) => Number(b.isOverdue) - Number(a.isOverdue) || a.facts.createdMs - b.facts.createdMs);
  }

  /** Reads a file for one turn; whether there is more. */
  async #read(reader: LineReader, tail: Tail, stop: AbortSignal): Promise<boolean> {
    const before = seenBytes(tail);
    try {
      for (;;) {
        const turn = await reader.turn(tail);
        if (turn === 'full') await this.#room(reader, stop);
        if (turn === 'changed') {
          this.#files.displace(tail);
          return false;
        }
        if (turn !== 'more' || stop.aborted || seenBytes(tail) - before >= this.#options.maxReadBytes)
          return this.#schedule(tail, seenBytes(tail) !== before, turn);
      }
    } catch (error) {
      this.#readFailed(tail, error);
      return false;
    }
  }

  /** Decides when to look into the file again; whether that is at once. */
  #schedule(tail: Tail, hasRead: boolean, turn: Turn): boolean {
    const { times } = tail;
    const now = this.#context.clock.monotonic();
    const isSure = turn !== 'end' || !tail.next || this.#passOn(tail, hasRead, now);
    const hasMore = turn === 'more' || turn === 'full' || !isSure;
    tail.isAtEnd = turn === 'end' && !hasRead;
    tail.isOverdue = false;
    times.failingMs = undefined;
    if (hasRead) {
      times.lastActiveMs = now;
      times.lastReadMs = this.#context.clock.now();
      times.backoffMs = Math.max(1, times.backoffMs >> 2);
    } else times.backoffMs = Math.min(BACKOFF_MAX_MS, times.backoffMs * 2);
    // The next search for files comes as soon as the next read would, and looks at the size of this one too.
    const isLookedAt = tail.state === 'following' && times.backoffMs >= this.#options.cooldownMs;
    times.nextPollMs = hasMore ? now : this.#later(now + (isLookedAt ? QUIET_MS : times.backoffMs), now);
    if (this.#isQuiet(tail, now)) {
      this.#files.active.delete(tail);
      tail.content.rest();
      // Made again when there is a line; of thousands of quiet files it is most of what they take.
      tail.outlet = undefined;
    }
    return hasMore;
  }

  /** The end of a file was found that the next one of its log waits for. False when that is to be made sure of. */
  #passOn(tail: Tail, hasRead: boolean, now: number): boolean {
    const next = endFound(tail, hasRead, now);
    if (next) this.#files.wake(next);
    return next !== undefined;
  }

  /**
   * When a file that had nothing more is read next. Of many files each is read less often, and they are read in groups:
   * a thousand that get a line now and then cost a thousand reads a second and not five thousand.
   */
  #later(nextMs: number, now: number): number {
    const count = this.#files.active.size;
    if (count <= FEW_FILES) return nextMs;
    const stepMs = Math.min(count / 10, GROUP_MAX_MS);
    return Math.ceil(Math.max(nextMs, now + Math.min(count / 2, MANY_WAIT_MAX_MS)) / stepMs) * stepMs;
  }

  /** Whether a file is at its end and was neither read nor written for a while, or is not expected to be. */
  #isQuiet(tail: Tail, now: number): boolean {
    const { times, facts } = tail;
    if (!tail.isAtEnd || tail.state !== 'following' || hasOpenGroup(tail)) return false;
    if (tail.isPassed) return true;
    return now - times.lastActiveMs > QUIET_MS || this.#context.clock.now() - facts.modifiedMs > QUIET_MS;
  }

  /** Waits for a free slot. When the source stops first, the room it waited for is passed on. */
  #room(reader: LineReader, stop: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      let isOver = false;
      const finish = (): void => {
        isOver = true;
        stop.removeEventListener('abort', finish);
        resolve();
      };
      stop.addEventListener('abort', finish, { once: true });
      if (stop.aborted) finish();
      void reader.available().then(() => {
        if (isOver) this.#context.arena.claim()?.release();
        else finish();
      });
    });
  }

  /** Ends files that are gone and have been quiet, or gone for longer than they may be kept. */
  async #endGone(reader: LineReader): Promise<void> {
    const now = this.#context.clock.monotonic();
    for (const tail of this.#files.active) {
      const { goneMs, lastActiveMs, failingMs } = tail.times;
      if (goneMs === undefined && tail.state !== 'ending') continue;
      const quietMs = now - Math.max(goneMs ?? now, lastActiveMs);
      const isQuiet = quietMs >= GONE_QUIET_MS;
      // One that waits for its turn, as sinks take nothing, may wait for as long as it takes.
      const hasFailed = failingMs !== undefined && now - Math.max(goneMs ?? now, failingMs) >= GONE_FAILING_MS;
      const isOver = now - (goneMs ?? now) > this.#options.rotateWaitMs || hasFailed;
      if (tail.state === 'displaced') {
        if (isQuiet) this.#files.drop(tail);
      } else if ((tail.isAtEnd && (isQuiet || tail.state === 'ending')) || isOver) {
        if (tail.isAtEnd) await this.#finish(reader, tail);
        this.#files.drop(tail);
      }
    }
  }

  async #finish(reader: LineReader, tail: Tail): Promise<void> {
    try {
      await reader.finish(tail);
    } catch (error) {
      this.#readFailed(tail, error);
    }
  }

  /** `remove_after_secs`: removes files that were read and delivered to their end, and those too small to be read. */
  async #removeRead(reader: LineReader): Promise<void> {
    const { removeAfterMs } = this.#options;
    if (removeAfterMs === undefined) return;
    const { clock } = this.#context;
    for (const tail of this.#files.tails) {
      if (tail.state !== 'following' || !tail.isAtEnd || clock.now() - tail.times.lastReadMs < removeAfterMs) continue;
      if (tail.scanned > 0) await this.#finish(reader, tail);
      if (!tail.progress.isSettled || tail.progress.acknowledged < tail.position) continue;
      if (await this.#remove(tail.path, tail)) this.#files.drop(tail);
    }
    for (const path of this.#files.smallSince(clock.monotonic() - removeAfterMs)) await this.#remove(path, undefined);
  }

  /** Removes a file unless there is more in it than was read. */
  async #remove(path: string, tail: Tail | undefined): Promise<boolean> {
    try {
      const facts = factsOf(await stat(path, { bigint: true }));
      const isRead = facts.sizeBytes === tail?.facts.sizeBytes || facts.sizeBytes === (tail && seenBytes(tail));
      if (tail && (inodeKey(facts) !== tail.inode || !isRead)) return false;
      await unlink(path);
    } catch (error) {
      this.#context.faults.error('Failed in deleting file.', {
        type: 'command_failed',
        stage: 'receiving',
        code: 'deleting',
        fields: { file: path, error: (error as Error).message },
      });
      return false;
    }
    this.#metrics.deleted(path);
    this.#context.log.info('File deleted.', { file: path });
    return true;
  }

  #readFailed(tail: Tail, error: unknown): void {
    if (!(error instanceof ReadError)) throw error;
    this.#context.faults.error('Failed reading file.', {
      type: 'reader_failed',
      stage: 'receiving',
      code: 'reading_line_from_file',
      fields: { file: tail.path, error: error.message },
    });
    const now = this.#context.clock.monotonic();
    tail.times.failingMs ??= now;
    tail.times.nextPollMs = now + FAILURE_WAIT_MS;
    this.#files.partFrom(tail);
    // Damaged content is inflated again only when the file changed: it would come to the same end.
    if (tail.content.isCompressed && tail.state === 'following' && !hasOpenGroup(tail)) this.#files.active.delete(tail);
  }

  #nextDue(nextLook: number): number {
    let next = nextLook;
    for (const tail of this.#files.active) {
      if (tail.previous) continue;
      if (tail.state !== 'displaced') next = Math.min(next, tail.times.nextPollMs);
      next = Math.min(next, openDeadline(tail));
    }
    return next;
  }

  /** Writes positions while the source runs. */
  async #keepCheckpoints(stop: AbortSignal): Promise<void> {
    const { clock } = this.#context;
    while (!stop.aborted) {
      await sleep(clock, Math.max(this.#options.cooldownMs, CHECKPOINT_MIN_MS), stop);
      if (!stop.aborted) await this.#writeCheckpoints();
    }
  }

  async #writeCheckpoints(): Promise<void> {
    try {
      const count = await this.#checkpoints.write(this.#context.clock.now());
      if (count > 0) this.#metrics.checkpoints.add(count);
    } catch (error) {
      this.#context.faults.error('Failed writing checkpoints.', {
        type: 'writer_failed',
        stage: 'receiving',
        code: 'writing_checkpoints',
        fields: { error: (error as Error).message },
      });
    }
  }
}

/** Whether lines of the file wait for further ones to be merged with. */
function hasOpenGroup(tail: Tail): boolean {
  return openDeadline(tail) !== Number.POSITIVE_INFINITY;
}
