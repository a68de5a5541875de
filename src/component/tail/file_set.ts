// The files of one source: which are followed, where each one begins, and what becomes of those that are renamed,
// truncated, copied, replaced or removed.
//
// A file is known by device and inode while it is open, and by its fingerprint beyond that. One fingerprint has one
// position in the checkpoints, so of files with the same fingerprint one is followed, as in Vector.

import type { LineMerger } from '../../codecs/multiline/multiline.ts';
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
import type { Assembler } from './assembler.ts';
import type { Checkpoints } from './checkpoints.ts';
import { type Content, closeFile, type FileFacts, Inflaters, openFile, PlainContent } from './content.ts';
import { type Fingerprint, type FingerprintKey, keyOf } from './fingerprint.ts';
import { type FingerprintStrategy, Identifier, isUnchanged, type OpenFile } from './identify.ts';
import { Listing, type PathFinder, type Sighting } from './listing.ts';
import type { FileMetrics } from './metrics.ts';
import { type InFlight, Progress } from './progress.ts';
import { SilenceCheck } from './silence.ts';
import { type InodeKey, inodeKey, Probe, seenBytes, type Tail } from './tail.ts';

export interface FileSetOptions {
  readonly paths: PathFinder;
  readonly strategy: FingerprintStrategy;
  readonly maxLineBytes: number;
  readonly cooldownMs: number;
  readonly readFrom: 'beginning' | 'end';
  readonly ignoresCheckpoints: boolean;
  readonly ignoresNotFound: boolean;
  /** Files changed before this are not read, but for what is added to them. */
  readonly ignoreBeforeMs: number | undefined;
  /** Files followed at most; further ones are an error until others go. */
  readonly filesMax: number;
  /** Makes what merges the lines of one file and puts messages into `pending`. */
  readonly merger?: (pending: Tail['pending']) => LineMerger | undefined;
  /** Whether files that grow and are not read are noticed and read. */
  readonly minds?: boolean;
  /** Makes what makes messages of the lines of one file. */
  readonly assembler?: (path: string) => Assembler;
}

/** After this long without a change a file is quiet: it is read only when its size or time changed. */
export const QUIET_MS = 10_000;

/** What is known of a path that was looked at. */
interface Known {
  readonly facts: FileFacts;
  /** The file followed under this name; none for one that is too small, or has the fingerprint of another. */
  readonly tail: Tail | undefined;
  readonly verdict: 'followed' | 'small' | 'copy';
  readonly sinceMs: number;
  /** The look in which the path was there last. */
  round: number;
}

export class FileSet {
  readonly tails = new Set<Tail>();
  /** Those that are read when they are due; the others are quiet. */
  readonly active = new Set<Tail>();
  readonly inFlight: InFlight = { count: 0 };
  /** Whether to look for files before the next round is due. */
  isLookWanted = false;
  /** Called when that becomes true from outside. */
  onLookWanted: (() => void) | undefined;
  readonly #context: SourceContext;
  readonly #options: FileSetOptions;
  readonly #metrics: FileMetrics;
  readonly #checkpoints: Checkpoints;
  readonly #listing: Listing;
  readonly #identifier: Identifier;
  readonly #inflaters = new Inflaters();
  readonly #byInode = new Map<InodeKey, Tail>();
  readonly #byKey = new Map<FingerprintKey, Tail>();
  readonly #silence: SilenceCheck | undefined;
  /** Files that share their fingerprint with another and are told from it by device and inode. */
  readonly #apart = new Set<InodeKey>();
  readonly #known = new Map<string, Known>();
  #round = 0;
  readonly #before = {
    facts: (path: string) => this.#known.get(path)?.facts,
    isQuiet: (path: string) => this.#isQuiet(path),
  };

  constructor(context: SourceContext, options: FileSetOptions, metrics: FileMetrics, checkpoints: Checkpoints) {
    this.#context = context;
    this.#options = options;
    this.#metrics = metrics;
    this.#checkpoints = checkpoints;
    this.#silence = options.minds ? new SilenceCheck(context) : undefined;
    this.#identifier = new Identifier(options.strategy, options.maxLineBytes);
    this.#listing = new Listing({ ...options, onError: (path, error) => this.#failed('globbing', path, error) });
  }

  /** Looks for files once. At the start of the source, `read_from` holds for the files that are there. */
  async look(isStart: boolean, stop: AbortSignal): Promise<void> {
    this.isLookWanted = false;
    const sightings = await this.#listing.round(this.#before, stop);
    if (stop.aborted) return;
    await this.#mind(sightings);
    const unknown: Sighting[] = [];
    this.#round += 1;
    for (const sighting of sightings) {
      const tail = this.#followed(sighting);
      if (tail) this.#named(tail, sighting.path);
      else unknown.push(sighting);
      const known = this.#known.get(sighting.path);
      if (known) known.round = this.#round;
    }
    for (const [path, { round }] of this.#known) if (round !== this.#round) this.#known.delete(path);
    for (const tail of this.tails) this.#found(tail);
    const arrivals = await this.#identify(unknown, stop);
    for (const { file, isSame } of await this.#ordered(arrivals)) {
      if (stop.aborted) closeFile(file.fd);
      else await this.#place(file, isSame, isStart);
    }
    this.#metrics.open.set(this.tails.size);
  }

  /** Looks for files that grow and are not read. */
  async #mind(sightings: readonly Sighting[]): Promise<void> {
    const silence = this.#silence;
    if (!silence) return;
    silence.begin();
    for (const { path, facts } of sightings) {
      if (!facts) continue;
      const tail = this.#tailOf(path, facts);
      if (tail?.state === 'following') {
        const isBehind = !tail.content.isCompressed && facts.sizeBytes > seenBytes(tail);
        if (isBehind && silence.suspect(path, seenBytes(tail), facts.sizeBytes)) await this.#reopen(tail, path, facts);
      } else if (!tail) this.#mindUnread(silence, path, facts);
    }
    silence.end();
  }

  /** A file that is not followed: one that is a copy of another when it is found does not grow. */
  #mindUnread(silence: SilenceCheck, path: string, facts: FileFacts): void {
    const known = this.#known.get(path);
    if (!known || known.tail || inodeKey(known.facts) !== inodeKey(facts)) return;
    if (facts.sizeBytes <= known.facts.sizeBytes || !silence.suspect(path, 0, facts.sizeBytes)) return;
    if (this.#apart.size < this.#options.filesMax) this.#apart.add(inodeKey(facts));
    this.#known.delete(path);
  }

  /** Goes on with a file at the same position through another descriptor, as soon as possible. */
  async #reopen(tail: Tail, path: string, facts: FileFacts): Promise<void> {
    tail.isOverdue = true;
    try {
      const { fd, facts: now } = await openFile(path);
      if (inodeKey(now) === inodeKey(facts)) {
        tail.content.close();
        tail.content = new PlainContent(fd);
      } else closeFile(fd);
    } catch (error) {
      this.#failed('watching', path, error as Error);
    }
    this.wake(tail);
  }

  /** The file has other content than before under the same inode: that is a new file. */
  displace(tail: Tail): void {
    if (tail.scanned > 0)
      this.#context.faults.discarded(1, 'File truncated within an unfinished line.', false, { file: tail.path });
    this.#context.log.info('File was truncated or replaced.', { file: tail.path, file_position: tail.position });
    tail.state = 'displaced';
    tail.times.goneMs = this.#context.clock.monotonic();
    this.#byInode.delete(tail.inode);
    this.#known.delete(tail.path);
    this.active.add(tail);
    this.isLookWanted = true;
  }

  /** Looks for files as soon as possible, as there is reason to. */
  lookSoon(): void {
    this.isLookWanted = true;
    this.onLookWanted?.();
  }

  /** What is known about the files that `concerns` has changed: their lines go out in another form from now on. */
  renew(concerns: (path: string) => boolean): void {
    for (const tail of this.tails) if (concerns(tail.path)) tail.outlet = undefined;
  }

  /** Reads the file as soon as possible. */
  wake(tail: Tail): void {
    tail.times.nextPollMs = this.#context.clock.monotonic();
    this.active.add(tail);
  }

  /** Follows the file no more. */
  drop(tail: Tail): void {
    const isBehind = !tail.content.isCompressed && tail.facts.sizeBytes > seenBytes(tail);
    if (isBehind) this.#metrics.lost(tail.path, tail.facts.sizeBytes - seenBytes(tail));
    tail.state = 'dead';
    this.#apart.delete(tail.inode);
    tail.content.close();
    this.tails.delete(tail);
    this.active.delete(tail);
    if (this.#byInode.get(tail.inode) === tail) this.#byInode.delete(tail.inode);
    if (this.#byKey.get(tail.key) === tail) this.#byKey.delete(tail.key);
    if (tail.ownsCheckpoint) this.#checkpoints.gone(tail.key, this.#context.clock.now());
    this.#context.log.info('Stopped watching file.', { file: tail.path, reached_eof: tail.isAtEnd });
    this.#metrics.unwatched(tail.path, tail.isAtEnd);
    this.#metrics.open.set(this.tails.size);
  }

  /** Paths of files that have been too small to be identified since before `sinceMs`. */
  smallSince(sinceMs: number): string[] {
    return [...this.#known]
      .filter(([, { verdict, sinceMs: since }]) => verdict === 'small' && since <= sinceMs)
      .map(([path]) => path);
  }

  /** Closes all files. */
  close(): void {
    for (const tail of this.tails) tail.content.close();
    this.tails.clear();
    this.active.clear();
    this.#metrics.open.set(0);
  }

  #isQuiet(path: string): boolean {
    const known = this.#known.get(path);
    if (!known) return false;
    if (known.tail) return known.tail.state === 'following' && !this.active.has(known.tail);
    return this.#context.clock.monotonic() - known.sinceMs > QUIET_MS;
  }

  /** The file that a sighting belongs to; it is woken when it changed. */
  #followed({ path, facts }: Sighting): Tail | undefined {
    if (!facts) return this.#known.get(path)?.tail;
    const tail = this.#tailOf(path, facts);
    if (!tail || tail.state === 'ending') return undefined;
    if (facts.sizeBytes < (tail.content.isCompressed ? tail.facts.sizeBytes : seenBytes(tail))) {
      this.displace(tail);
      return undefined;
    }
    const isChanged = facts.sizeBytes !== tail.facts.sizeBytes || facts.modifiedMs !== tail.facts.modifiedMs;
    tail.facts = facts;
    if (isChanged && tail.content.revive) tail.content = tail.content.revive();
    if (isChanged || (!tail.content.isCompressed && facts.sizeBytes > seenBytes(tail))) this.wake(tail);
    const known = this.#known.get(path);
    if (known?.facts !== facts || known.tail !== tail)
      this.#knows(path, { facts, tail, verdict: 'followed', sinceMs: 0 });
    return tail;
  }

  /** The file that is followed under this device and inode. Mostly nothing has changed, and no key has to be made. */
  #tailOf(path: string, facts: FileFacts): Tail | undefined {
    const tail = this.#known.get(path)?.tail;
    if (tail?.facts === facts && tail.state === 'following') return tail;
    return this.#byInode.get(inodeKey(facts));
  }

  #knows(path: string, known: Omit<Known, 'round'>): void {
    this.#known.set(path, { ...known, round: this.#round });
  }

  /** A followed file was found by the name `path`, one of several perhaps. */
  #named({ sighted, path: name }: Tail, path: string): void {
    if (sighted.round !== this.#round) {
      sighted.round = this.#round;
      sighted.path = path;
    } else if (path === name) sighted.path = path;
  }

  #found(tail: Tail): void {
    if (tail.state !== 'following' && tail.state !== 'gone') return;
    if (tail.sighted.round === this.#round) {
      tail.state = 'following';
      tail.times.goneMs = undefined;
      if (tail.sighted.path !== tail.path) this.#rename(tail, tail.sighted.path);
    } else if (tail.state === 'following') {
      tail.state = 'gone';
      tail.times.goneMs = this.#context.clock.monotonic();
      this.wake(tail);
    }
  }

  #rename(tail: Tail, path: string): void {
    this.#context.log.info('Watched file has been renamed.', { file: path, old_file: tail.path });
    tail.path = path;
    tail.outlet = undefined;
  }

  async #identify(unknown: readonly Sighting[], stop: AbortSignal): Promise<Arrival[]> {
    const files: Arrival[] = [];
    const inodes = new Set<InodeKey>();
    let refused = 0;
    for (const { path, facts } of unknown) {
      if (stop.aborted || !facts || this.#isStillSmall(path, facts)) continue;
      if (this.tails.size + files.length >= this.#options.filesMax) {
        refused += 1;
        continue;
      }
      const file = await this.#open(path);
      if (!file) continue;
      const inode = inodeKey(file.facts);
      if (inodes.has(inode) || this.#byInode.has(inode)) closeFile(file.fd);
      else files.push(file);
      inodes.add(inode);
    }
    if (refused > 0) {
      const error = `${this.tails.size + files.length} files are open, which is the limit; ${refused} more are not read`;
      this.#failed('watching', unknown.at(-1)!.path, new Error(error));
    }
    return files;
  }

  #isStillSmall(path: string, facts: FileFacts): boolean {
    const known = this.#known.get(path);
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
    const isApart = this.#apart.has(inodeKey(facts));
    const fingerprint: Fingerprint | undefined = isApart
      ? { kind: 'dev_inode', device: facts.device, inode: facts.inode }
      : file.fingerprint;
    if (fingerprint) return { ...file, fingerprint };
    closeFile(file.fd);
    const known = this.#known.get(path);
    const wasSmall = known?.verdict === 'small' && inodeKey(known.facts) === inodeKey(facts);
    if (!wasSmall) {
      this.#metrics.tooSmall(path);
      this.#context.log.warn('Currently ignoring file too small to fingerprint.', { file: path });
    }
    const sinceMs = wasSmall ? known.sinceMs : this.#context.clock.monotonic();
    this.#knows(path, { facts, tail: undefined, verdict: 'small', sinceMs });
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
      const holder = this.#byKey.get(key);
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
    const holder = this.#byKey.get(keyOf(file.fingerprint));
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
    if (this.#known.get(file.path)?.verdict !== 'copy')
      log.warn('More than one file has the same fingerprint; only one of them is read.', {
        file: file.path,
        read_file: holder.path,
      });
    const known = this.#known.get(file.path);
    // The size it had when it was first found to be one: a copy that grows is none.
    const isSame = known?.verdict === 'copy' && inodeKey(known.facts) === inodeKey(file.facts);
    const facts = isSame ? known.facts : file.facts;
    this.#knows(file.path, { facts, tail: undefined, verdict: 'copy', sinceMs: clock.monotonic() });
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
      content = await contentAt(file, seenBytes(tail), this.#inflaters);
    } catch (error) {
      closeFile(file.fd);
      this.#failed('watching', file.path, error as Error);
      return;
    }
    tail.content.close();
    tail.content = content;
    if (file.isCompressed) tail.probe.forget();
    tail.head = file.isCompressed ? undefined : file.head;
    if (this.#byInode.get(tail.inode) === tail) this.#byInode.delete(tail.inode);
    tail.isRemainder = tail.state === 'displaced';
    tail.state = 'following';
    tail.times.goneMs = undefined;
    tail.isAtEnd = false;
    tail.facts = file.facts;
    tail.inode = inodeKey(file.facts);
    if (tail.path !== file.path) this.#rename(tail, file.path);
    this.#enter(tail);
  }

  /** Another file has come in the place of `tail`: what is left of it is read, but its position is not kept. */
  #supersede(tail: Tail): void {
    tail.ownsCheckpoint = false;
    this.#byKey.delete(tail.key);
    if (tail.state === 'displaced') this.drop(tail);
    else if (tail.state === 'following') {
      tail.state = 'ending';
      this.wake(tail);
    }
  }

  async #start(file: Arrival, readFrom: 'beginning' | 'end', ignoresStored: boolean): Promise<void> {
    const { fingerprint, path } = file;
    const key = keyOf(fingerprint);
    const stored = this.#checkpoints.get(key);
    const options = { readFrom, ignoreBeforeMs: this.#options.ignoreBeforeMs };
    try {
      const beginning = await beginningOf(file, ignoresStored ? undefined : stored, options, this.#inflaters);
      const tail = this.#newTail(file, beginning);
      await rememberBefore(file, tail.position, tail.probe);
      if (tail.position !== (stored ?? 0))
        this.#checkpoints.set(fingerprint, tail.position, this.#context.clock.now(), key);
      this.#checkpoints.keep(key);
      this.#announce(path, beginning);
      this.tails.add(tail);
      this.#enter(tail);
    } catch (error) {
      closeFile(file.fd);
      this.#failed('watching', path, error as Error);
    }
  }

  #newTail({ path, fingerprint, facts, head, isCompressed }: Arrival, { content, position }: Beginning): Tail {
    const { clock, log } = this.#context;
    const key = keyOf(fingerprint);
    const pending: Tail['pending'] = [];
    const now = clock.monotonic();
    const tail: Tail = {
      path,
      fingerprint,
      key,
      inode: inodeKey(facts),
      facts,
      content,
      position,
      scanned: 0,
      probe: new Probe(),
      head: isCompressed ? undefined : head,
      wantBytes: 0,
      isAtEnd: false,
      countedBytes: position,
      progress: new Progress(
        position,
        this.inFlight,
        (acknowledged) => this.#advanced(tail, acknowledged),
        (held) =>
          log.warn('A batch failed. Its file is read again from there at the next start.', {
            file: tail.path,
            file_position: held,
          }),
      ),
      merger: this.#options.merger?.(pending),
      assembler: this.#options.assembler?.(path),
      pending,
      outlet: undefined,
      sighted: { round: this.#round, path },
      times: { nextPollMs: now, backoffMs: 1, lastActiveMs: now, lastReadMs: facts.modifiedMs, goneMs: undefined },
      state: 'following',
      isRemainder: false,
      isOverdue: false,
      ownsCheckpoint: true,
    };
    return tail;
  }

  #advanced(tail: Tail, position: number): void {
    if (!tail.ownsCheckpoint) return;
    const now = this.#context.clock.now();
    this.#checkpoints.set(tail.fingerprint, position, now, tail.key);
    if (tail.state === 'dead' && !this.#byKey.has(tail.key)) this.#checkpoints.gone(tail.key, now);
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

  #enter(tail: Tail): void {
    this.#byInode.set(tail.inode, tail);
    this.#byKey.set(tail.key, tail);
    this.#knows(tail.path, { facts: tail.facts, tail, verdict: 'followed', sinceMs: 0 });
    this.wake(tail);
  }

  #failed(code: keyof typeof FAILURES, path: string, error: Error): void {
    const [message, type] = FAILURES[code];
    this.#context.faults.error(message, {
      type,
      stage: 'receiving',
      code,
      fields: { file: path, error: error.message },
    });
  }
}

/** As Vector words and counts them. */
const FAILURES = {
  globbing: ['Failed to glob path.', 'reader_failed'],
  watching: ['Failed to watch file.', 'command_failed'],
  reading_fingerprint: ['Failed reading file for fingerprinting.', 'reader_failed'],
} as const;
