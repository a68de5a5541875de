// The files of one source: which are followed, where each one begins, and what becomes of those that are renamed,
// truncated, copied, replaced or removed.
//
//   look: listing ──► known ones: named, woken, gone or found again    followed_files
//                 └─► unknown ones: identified, ordered, placed        newcomers

import type { LineMerger } from '../../codecs/multiline/multiline.ts';
import type { SourceContext } from '../context.ts';
import type { Assembler } from './assembler.ts';
import type { Checkpoints } from './checkpoints.ts';
import { closeFile, type FileFacts, openFile, PlainContent } from './content.ts';
import { fileFailed } from './file_failure.ts';
import { FollowedFiles } from './followed_files.ts';
import type { FingerprintStrategy } from './identify.ts';
import { Listing, type PathFinder, type Sighting } from './listing.ts';
import type { LocalDisk } from './local_disk.ts';
import type { FileMetrics } from './metrics.ts';
import { Newcomers } from './newcomers.ts';
import type { InFlight } from './progress.ts';
import { SilenceCheck } from './silence.ts';
import { inodeKey, seenBytes, type Tail } from './tail.ts';

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
  /** Where all files lie on a disk of this machine: how it is asked. */
  readonly disk?: LocalDisk;
  /** Makes what merges the lines of one file and puts messages into `pending`. */
  readonly merger?: (pending: Tail['pending']) => LineMerger | undefined;
  /** Whether files that grow and are not read are noticed and read. */
  readonly minds?: boolean;
  /** Whether a file that is not listed any more is left out on purpose, and not removed. */
  readonly isLeftOut?: (path: string) => boolean;
  /** A name of the log that a file belongs to, the same for rotated files and the one that is written to. */
  readonly logOf?: (path: string) => string;
  /** Makes what makes messages of the lines of one file. */
  readonly assembler?: (path: string) => Assembler;
}

export class FileSet {
  /** Called when there is reason to look for files before the next round is due. */
  onLookWanted: (() => void) | undefined;
  readonly #context: SourceContext;
  readonly #options: FileSetOptions;
  readonly #metrics: FileMetrics;
  readonly #followed: FollowedFiles;
  readonly #newcomers: Newcomers;
  readonly #listing: Listing;
  readonly #silence: SilenceCheck | undefined;
  readonly #before = {
    facts: (path: string) => this.#followed.known.get(path)?.facts,
    isQuiet: (path: string) => this.#followed.isQuiet(path),
  };

  constructor(context: SourceContext, options: FileSetOptions, metrics: FileMetrics, checkpoints: Checkpoints) {
    this.#context = context;
    this.#options = options;
    this.#metrics = metrics;
    this.#silence = options.minds ? new SilenceCheck(context) : undefined;
    this.#followed = new FollowedFiles(context, metrics, checkpoints);
    this.#newcomers = new Newcomers(context, options, metrics, checkpoints, this.#followed);
    const onError = (path: string, error: Error): void => fileFailed(context, 'globbing', path, error);
    this.#listing = new Listing({ ...options, onError });
  }

  get tails(): ReadonlySet<Tail> {
    return this.#followed.tails;
  }

  /** Those that are read when they are due; the others are quiet. */
  get active(): Set<Tail> {
    return this.#followed.active;
  }

  get inFlight(): InFlight {
    return this.#followed.inFlight;
  }

  /** Whether to look for files before the next round is due. */
  get isLookWanted(): boolean {
    return this.#followed.isLookWanted;
  }

  /** Looks for files once. At the start of the source, `read_from` holds for the files that are there. */
  async look(isStart: boolean, stop: AbortSignal): Promise<void> {
    this.#followed.isLookWanted = false;
    const sightings = await this.#listing.round(this.#before, stop);
    if (stop.aborted) return;
    await this.#mind(sightings);
    const unknown: Sighting[] = [];
    this.#followed.round += 1;
    for (const sighting of sightings) {
      const tail = this.#sighted(sighting);
      if (tail) this.#named(tail, sighting.path);
      else unknown.push(sighting);
      const known = this.#followed.known.get(sighting.path);
      if (known) known.round = this.#followed.round;
    }
    for (const [path, { round }] of this.#followed.known)
      if (round !== this.#followed.round) this.#followed.known.delete(path);
    for (const tail of this.#followed.tails) this.#found(tail);
    await this.#newcomers.take(unknown, isStart, stop);
    this.#metrics.open.set(this.#followed.tails.size);
  }

  /** Looks for files that grow and are not read. */
  async #mind(sightings: readonly Sighting[]): Promise<void> {
    const silence = this.#silence;
    if (!silence) return;
    silence.begin();
    for (const { path, facts } of sightings) {
      if (!facts) continue;
      const tail = this.#followed.tailOf(path, facts);
      if (tail?.state === 'following') {
        // Who waits for another file is read when that one is.
        if (tail.previous) continue;
        const isBehind = !tail.content.isCompressed && facts.sizeBytes > seenBytes(tail);
        if (isBehind && silence.suspect(path, seenBytes(tail), facts.sizeBytes)) await this.#reopen(tail, path, facts);
      } else if (!tail) this.#mindUnread(silence, path, facts);
    }
    silence.end();
  }

  /** A file that is not followed: one that is a copy of another when it is found does not grow. */
  #mindUnread(silence: SilenceCheck, path: string, facts: FileFacts): void {
    const known = this.#followed.known.get(path);
    if (!known || known.tail || inodeKey(known.facts) !== inodeKey(facts)) return;
    if (facts.sizeBytes <= known.facts.sizeBytes || !silence.suspect(path, 0, facts.sizeBytes)) return;
    if (this.#followed.apart.size < this.#options.filesMax) this.#followed.apart.add(inodeKey(facts));
    this.#followed.known.delete(path);
  }

  /** Goes on with a file at the same position through another descriptor, as soon as possible. */
  async #reopen(tail: Tail, path: string, facts: FileFacts): Promise<void> {
    tail.isOverdue = true;
    try {
      const { fd, facts: now } = await openFile(path);
      if (inodeKey(now) === inodeKey(facts)) {
        tail.content.close();
        tail.content = new PlainContent(fd, this.#options.disk);
      } else closeFile(fd);
    } catch (error) {
      fileFailed(this.#context, 'watching', path, error as Error);
    }
    this.#followed.wake(tail);
  }

  /** The file has other content than before under the same inode: that is a new file. */
  displace(tail: Tail): void {
    this.#followed.displace(tail);
  }

  /** Looks for files as soon as possible, as there is reason to. */
  lookSoon(): void {
    this.#followed.isLookWanted = true;
    this.onLookWanted?.();
  }

  /** What is known about the files that `concerns` has changed: their lines go out in another form from now on. */
  renew(concerns: (path: string) => boolean): void {
    for (const tail of this.#followed.tails) if (concerns(tail.path)) tail.outlet = undefined;
  }

  /** Reads the file as soon as possible. */
  wake(tail: Tail): void {
    this.#followed.wake(tail);
  }

  /** The file cannot be read now: the next one of its log does not wait for it. */
  partFrom(tail: Tail): void {
    this.#followed.partFrom(tail);
  }

  /** Follows the file no more. */
  drop(tail: Tail): void {
    this.#followed.drop(tail);
  }

  /** Paths of files that have been too small to be identified since before `sinceMs`. */
  smallSince(sinceMs: number): string[] {
    return [...this.#followed.known]
      .filter(([, { verdict, sinceMs: since }]) => verdict === 'small' && since <= sinceMs)
      .map(([path]) => path);
  }

  /** Closes all files. */
  close(): void {
    this.#followed.close();
  }

  /** The file that a sighting belongs to; it is woken when it changed. */
  #sighted({ path, facts }: Sighting): Tail | undefined {
    if (!facts) return this.#followed.known.get(path)?.tail;
    const tail = this.#followed.tailOf(path, facts);
    if (!tail || tail.state === 'ending') return undefined;
    if (facts.sizeBytes < (tail.content.isCompressed ? tail.facts.sizeBytes : seenBytes(tail))) {
      this.#followed.displace(tail);
      return undefined;
    }
    const isChanged = facts.sizeBytes !== tail.facts.sizeBytes || facts.modifiedMs !== tail.facts.modifiedMs;
    tail.facts = facts;
    if (isChanged && tail.content.revive) tail.content = tail.content.revive();
    if (isChanged || (!tail.content.isCompressed && facts.sizeBytes > seenBytes(tail))) this.#followed.wake(tail);
    const known = this.#followed.known.get(path);
    if (known?.facts !== facts || known.tail !== tail)
      this.#followed.knows(path, { facts, tail, verdict: 'followed', sinceMs: 0 });
    return tail;
  }

  /** A followed file was found by the name `path`, one of several perhaps. */
  #named({ sighted, path: name }: Tail, path: string): void {
    if (sighted.round !== this.#followed.round) {
      sighted.round = this.#followed.round;
      sighted.path = path;
    } else if (path === name) sighted.path = path;
  }

  #found(tail: Tail): void {
    if (tail.state !== 'following' && tail.state !== 'gone') return;
    if (tail.sighted.round === this.#followed.round) {
      tail.state = 'following';
      tail.times.goneMs = undefined;
      if (tail.sighted.path !== tail.path) this.#followed.rename(tail, tail.sighted.path);
    } else if (this.#options.isLeftOut?.(tail.path)) {
      this.#followed.leave(tail);
    } else if (tail.state === 'following') {
      tail.state = 'gone';
      tail.times.goneMs = this.#context.clock.monotonic();
      this.#followed.wake(tail);
    }
  }
}
