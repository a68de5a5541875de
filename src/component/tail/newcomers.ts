// Files that were not followed before: opened and identified, put in order, and each given its place. A file is new, or
// the copy or the rest of one that is followed.
//
// One fingerprint has one position in the checkpoints, so of files with the same fingerprint one is followed, as in Vector.

import type { SourceContext } from '../context.ts';
import {
  type Arrival,
  type Beginning,
  beginningOf,
  contentAt,
  holdsMore,
  holdsSame,
  rememberBefore,
} from './arrival.ts';
import type { Checkpoints } from './checkpoints.ts';
import { type Content, closeFile, type FileFacts, Inflaters } from './content.ts';
import { type FileFailure, fileFailed } from './file_failure.ts';
import type { FileSetOptions } from './file_set.ts';
import { type Fingerprint, type FingerprintKey, keyOf } from './fingerprint.ts';
import type { FollowedFiles } from './followed_files.ts';
import { Identifier, isUnchanged, type OpenFile } from './identify.ts';
import type { Sighting } from './listing.ts';
import type { FileMetrics } from './metrics.ts';
import { Progress } from './progress.ts';
import { succeed } from './succession.ts';
import { type InodeKey, inodeKey, Probe, seenBytes, type Tail } from './tail.ts';
import { type PositionKeeping, TailPositions } from './tail_positions.ts';

export class Newcomers {
  readonly #context: SourceContext;
  readonly #options: FileSetOptions;
  readonly #metrics: FileMetrics;
  readonly #checkpoints: Checkpoints;
  readonly #followed: FollowedFiles;
  readonly #keeping: PositionKeeping;
  readonly #identifier: Identifier;
  readonly #inflaters = new Inflaters();

  constructor(
    context: SourceContext,
    options: FileSetOptions,
    metrics: FileMetrics,
    checkpoints: Checkpoints,
    followed: FollowedFiles,
  ) {
    this.#context = context;
    this.#options = options;
    this.#metrics = metrics;
    this.#checkpoints = checkpoints;
    this.#followed = followed;
    this.#keeping = { context, checkpoints, followed };
    this.#identifier = new Identifier(options.strategy, options.maxLineBytes);
  }

  /** Takes the files of these sightings in. At the start of the source, `read_from` holds for them. */
  async take(unknown: readonly Sighting[], isStart: boolean, stop: AbortSignal): Promise<void> {
    const arrivals = await this.#identify(unknown, stop);
    for (const { file, isSame } of await this.#ordered(arrivals)) {
      if (stop.aborted) closeFile(file.fd);
      else await this.#place(file, isSame, isStart);
    }
  }

  async #identify(unknown: readonly Sighting[], stop: AbortSignal): Promise<Arrival[]> {
    const files: Arrival[] = [];
    const inodes = new Set<InodeKey>();
    let refused = 0;
    for (const { path, facts } of unknown) {
      if (stop.aborted || !facts || this.#isStillSmall(path, facts)) continue;
      if (this.#followed.tails.size + files.length >= this.#options.filesMax) {
        refused += 1;
        continue;
      }
      const file = await this.#open(path);
      if (!file) continue;
      const inode = inodeKey(file.facts);
      if (inodes.has(inode) || this.#followed.byInode.has(inode)) closeFile(file.fd);
      else files.push(file);
      inodes.add(inode);
    }
    if (refused > 0) {
      const error = `${this.#followed.tails.size + files.length} files are open, which is the limit; ${refused} more are not read`;
      this.#failed('watching', unknown.at(-1)!.path, new Error(error));
    }
    return files;
  }

  #isStillSmall(path: string, facts: FileFacts): boolean {
    const known = this.#followed.known.get(path);
    return (
      known?.verdict === 'small' &&
      inodeKey(known.facts) === inodeKey(facts) &&
      known.facts.sizeBytes === facts.sizeBytes &&
      known.facts.modifiedMs === facts.modifiedMs
    );
  }

  async #open(path: string): Promise<Arrival | undefined> {
    let file: OpenFile;
    try {
      file = await this.#identifier.open(path);
    } catch (error) {
      const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
      if (!isMissing || !this.#options.ignoresNotFound) this.#failed('reading_fingerprint', path, error as Error);
      return undefined;
    }
    const { facts } = file;
    const isApart = this.#followed.apart.has(inodeKey(facts));
    const fingerprint: Fingerprint | undefined = isApart
      ? { kind: 'dev_inode', device: facts.device, inode: facts.inode }
      : file.fingerprint;
    if (fingerprint) return { ...file, fingerprint };
    closeFile(file.fd);
    const known = this.#followed.known.get(path);
    const wasSmall = known?.verdict === 'small' && inodeKey(known.facts) === inodeKey(facts);
    if (!wasSmall) {
      this.#metrics.tooSmall(path);
      this.#context.log.warn('Currently ignoring file too small to fingerprint.', { file: path });
    }
    const sinceMs = wasSmall ? known.sinceMs : this.#context.clock.monotonic();
    this.#followed.knows(path, { facts, tail: undefined, verdict: 'small', sinceMs });
    return undefined;
  }

  /**
   * Files in the order in which they take places: those that hold the rest of a file that is gone, then all others, the
   * oldest first, and of several with one fingerprint the one that was changed last.
   */
  async #ordered(files: readonly Arrival[]): Promise<{ file: Arrival; isSame: boolean }[]> {
    const newest = new Map<FingerprintKey, Arrival>();
    for (const file of files) {
      const key = keyOf(file.fingerprint);
      if (file.facts.modifiedMs > (newest.get(key)?.facts.modifiedMs ?? -1)) newest.set(key, file);
    }
    const ranked: { file: Arrival; isSame: boolean; rank: number }[] = [];
    for (const file of files) {
      const key = keyOf(file.fingerprint);
      const holder = this.#followed.byKey.get(key);
      const isSame = holder !== undefined && holder.state !== 'following' && (await this.#holdsSame(holder, file));
      const rank = isSame && holdsMore(holder, file) ? 0 : isSame || newest.get(key) !== file ? 2 : 1;
      ranked.push({ file, isSame, rank });
    }
    return ranked.sort((a, b) => a.rank - b.rank || a.file.facts.createdMs - b.file.facts.createdMs);
  }

  async #holdsSame(tail: Tail, file: Arrival): Promise<boolean> {
    try {
      return await holdsSame(tail, file);
    } catch {
      return false;
    }
  }

  async #isUnchanged(file: Arrival): Promise<boolean> {
    try {
      return await isUnchanged(file);
    } catch {
      return false;
    }
  }

  async #place(file: Arrival, isSame: boolean, isStart: boolean): Promise<void> {
    const holder = this.#followed.byKey.get(keyOf(file.fingerprint));
    if (!holder)
      await this.#start(file, isStart ? this.#options.readFrom : 'beginning', this.#options.ignoresCheckpoints);
    else if (holder.state === 'following') await this.#placeCopy(holder, file);
    else if (holder.state === 'ending' || (holder.state === 'gone' && !holder.isAtEnd)) closeFile(file.fd);
    else if (isSame) await this.#adopt(holder, file);
    else if (!(await this.#isUnchanged(file))) closeFile(file.fd);
    else {
      this.#supersede(holder);
      await this.#start(file, 'beginning', true);
    }
  }

  /** A file with the fingerprint of one that is followed and still there. */
  async #placeCopy(holder: Tail, file: Arrival): Promise<void> {
    const { log, clock } = this.#context;
    if (holder.isAtEnd && !file.isCompressed && (await this.#takesOver(holder, file))) return;
    closeFile(file.fd);
    if (this.#followed.known.get(file.path)?.verdict !== 'copy')
      log.warn('More than one file has the same fingerprint; only one of them is read.', {
        file: file.path,
        read_file: holder.path,
      });
    const known = this.#followed.known.get(file.path);
    // The size it had when it was first found to be one: a copy that grows is none.
    const isSame = known?.verdict === 'copy' && inodeKey(known.facts) === inodeKey(file.facts);
    const facts = isSame ? known.facts : file.facts;
    this.#followed.knows(file.path, { facts, tail: undefined, verdict: 'copy', sinceMs: clock.monotonic() });
  }

  /** A copy that is written to is followed in place of its original, a new file in place of the rest of an old one. */
  async #takesOver(holder: Tail, file: Arrival): Promise<boolean> {
    const isSame = await this.#holdsSame(holder, file);
    if (isSame && file.facts.modifiedMs > holder.facts.modifiedMs) {
      this.#context.log.info('Switching to watch most recently modified file.', {
        file: file.path,
        old_file: holder.path,
      });
      await this.#adopt(holder, file);
      return true;
    }
    if (isSame || !holder.isRemainder || !(await this.#isUnchanged(file))) return false;
    this.#supersede(holder);
    await this.#start(file, 'beginning', true);
    return true;
  }

  /** Goes on with `tail` in a file that holds the same content. */
  async #adopt(tail: Tail, file: Arrival): Promise<void> {
    let content: Content;
    try {
      content = await contentAt(file, seenBytes(tail), this.#inflaters, this.#options.disk);
    } catch (error) {
      closeFile(file.fd);
      this.#failed('watching', file.path, error as Error);
      return;
    }
    tail.content.close();
    tail.content = content;
    if (file.isCompressed) tail.probe.forget();
    tail.head.remember(file.head, 0, file.isCompressed ? 0 : file.head.length);
    if (this.#followed.byInode.get(tail.inode) === tail) this.#followed.byInode.delete(tail.inode);
    tail.isRemainder = tail.state === 'displaced';
    tail.state = 'following';
    tail.times.goneMs = undefined;
    tail.isAtEnd = false;
    tail.facts = file.facts;
    tail.inode = inodeKey(file.facts);
    if (tail.path !== file.path) this.#followed.rename(tail, file.path);
    this.#followed.enter(tail);
  }

  /** Another file has come in the place of `tail`: what is left of it is read, but its position is not kept. */
  #supersede(tail: Tail): void {
    tail.ownsCheckpoint = false;
    this.#followed.byKey.delete(tail.key);
    if (tail.state === 'displaced') this.#followed.drop(tail);
    else if (tail.state === 'following') {
      tail.state = 'ending';
      this.#followed.wake(tail);
    }
  }

  async #start(file: Arrival, readFrom: 'beginning' | 'end', ignoresStored: boolean): Promise<void> {
    const { fingerprint, path } = file;
    const key = keyOf(fingerprint);
    const stored = this.#checkpoints.get(key);
    const options = { readFrom, ignoreBeforeMs: this.#options.ignoreBeforeMs };
    try {
      const beginning = await beginningOf(
        file,
        ignoresStored ? undefined : stored,
        options,
        this.#inflaters,
        this.#options.disk,
      );
      const tail = this.#newTail(file, beginning);
      await rememberBefore(file, tail.position, tail.probe);
      if (tail.position !== (stored ?? 0))
        this.#checkpoints.set(fingerprint, tail.position, this.#context.clock.now(), key);
      this.#checkpoints.keep(key);
      this.#announce(path, beginning);
      if (tail.log !== undefined) this.#succeed(tail);
      this.#followed.tails.add(tail);
      this.#followed.enter(tail);
    } catch (error) {
      closeFile(file.fd);
      this.#failed('watching', path, error as Error);
    }
  }

  /** A file that is read from its beginning goes on with what the one before ends with. */
  #succeed(tail: Tail): void {
    const { lastOf } = this.#followed;
    const before = lastOf.get(tail.log);
    lastOf.set(tail.log, tail);
    if (!before || before.content.isCompressed || tail.content.isCompressed || tail.position > 0) return;
    if (before.facts.createdMs > tail.facts.createdMs) return;
    succeed(before, tail);
    this.#followed.wake(before);
  }

  #newTail({ path, fingerprint, facts, head, isCompressed }: Arrival, { content, position }: Beginning): Tail {
    const { clock } = this.#context;
    const key = keyOf(fingerprint);
    const pending: Tail['pending'] = [];
    const now = clock.monotonic();
    const positions = new TailPositions(this.#keeping);
    const tail: Tail = {
      path,
      fingerprint,
      key,
      inode: inodeKey(facts),
      log: this.#options.logOf?.(path),
      facts,
      content,
      position,
      scanned: 0,
      probe: new Probe(this.#followed.cells),
      head: new Probe(this.#followed.cells),
      wantBytes: 0,
      isAtEnd: false,
      countedBytes: position,
      progress: new Progress(position, this.#followed.inFlight, positions),
      merger: this.#options.merger?.(pending),
      assembler: this.#options.assembler?.(path),
      pending,
      outlet: undefined,
      sighted: { round: this.#followed.round, path },
      times: {
        nextPollMs: now,
        backoffMs: 1,
        lastActiveMs: now,
        lastReadMs: facts.modifiedMs,
        goneMs: undefined,
        failingMs: undefined,
      },
      state: 'following',
      isRemainder: false,
      next: undefined,
      isPassed: false,
      previous: undefined,
      isOverdue: false,
      ownsCheckpoint: true,
    };
    positions.tail = tail;
    if (!isCompressed) tail.head.remember(head, 0, head.length);
    return tail;
  }

  #announce(path: string, { position, isResumed }: Beginning): void {
    if (isResumed) {
      this.#metrics.resumed(path);
      this.#context.log.info('Resuming to watch file.', { file: path, file_position: position });
    } else {
      this.#metrics.added(path);
      this.#context.log.info('Found new file to watch.', { file: path });
    }
  }

  #failed(failure: FileFailure, path: string, error: Error): void {
    fileFailed(this.#context, failure, path, error);
  }
}
