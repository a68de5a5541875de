// Which files the patterns name now, and what is known of each. Looking at a file costs a system call, so files that
// have been quiet for a while are looked at in turns: ten thousand idle files cost little.

import { stat } from 'node:fs';
import { type Glob, walkGlob } from '../../std/glob.ts';
import { type FileFacts, factsOf, factsOfNumbers, isAsKnown, isAsKnownByNumbers } from './content.ts';
import type { LocalDisk } from './local_disk.ts';

/** Entries of directories looked at in one round; beyond it files are missed, which is said and counted. */
const ENTRIES_MAX = 1_000_000;

/** System calls under way at a time: as many as Node has threads for files, and again as many that wait for one. */
const STATS_AT_ONCE = 8;

/** A quiet file is looked at every so many milliseconds, or every round where rounds are further apart. */
const QUIET_LOOK_MS = 5_000;

export interface ListingOptions {
  /** The paths that may be files, each once. */
  readonly paths: PathFinder;
  readonly cooldownMs: number;
  readonly disk?: LocalDisk;
  readonly onError: (path: string, error: Error) => void;
}

/** Says which paths there are now; what cannot be looked into is told to `onError`. */
export type PathFinder = (
  stop: AbortSignal,
  onError: (path: string, error: Error) => void,
) => Promise<readonly string[]>;

/** The paths that match patterns, in their order. */
export function globPaths(include: readonly Glob[], exclude: readonly Glob[]): PathFinder {
  return async (stop, onError) => {
    const paths = new Set<string>();
    for (const glob of include) {
      if (stop.aborted) break;
      const found = await walkGlob(glob, {
        entriesMax: ENTRIES_MAX,
        onError,
        onLimit: () =>
          onError(glob.source, new Error(`more than ${ENTRIES_MAX} directory entries; the rest is not seen`)),
      });
      for (const path of found) {
        if (!exclude.some((pattern) => pattern.matches(path))) paths.add(path);
      }
    }
    return [...paths];
  };
}

export interface Sighting {
  readonly path: string;
  /** Undefined when the file was not looked at in this round, as it has been quiet. */
  readonly facts: FileFacts | undefined;
}

/** What was known of a path before this round. The same facts stay the same object: of most files nothing has changed. */
export interface KnownBefore {
  facts(path: string): FileFacts | undefined;
  isQuiet(path: string): boolean;
}

export class Listing {
  readonly #options: ListingOptions;
  /** A quiet file is looked at in one of so many rounds. */
  readonly #turns: number;
  #round = 0;

  constructor(options: ListingOptions) {
    this.#options = options;
    this.#turns = Math.max(1, Math.floor(QUIET_LOOK_MS / Math.max(options.cooldownMs, 1)));
  }

  /** The files that are there, each once, in the order in which their paths were found. */
  async round(before: KnownBefore, stop: AbortSignal): Promise<Sighting[]> {
    this.#round += 1;
    const paths = await this.#options.paths(stop, this.#options.onError);
    const sightings: (Sighting | undefined)[] = new Array(paths.length);
    let next = 0;
    const work = async (): Promise<void> => {
      while (next < paths.length && !stop.aborted) {
        const index = next++;
        const path = paths[index]!;
        if (before.isQuiet(path) && (index + this.#round) % this.#turns !== 0)
          sightings[index] = { path, facts: undefined };
        else sightings[index] = await this.#look(path, before);
      }
    };
    await Promise.all(Array.from({ length: STATS_AT_ONCE }, work));
    return sightings.filter((sighting) => sighting !== undefined);
  }

  #look(path: string, before: KnownBefore): Promise<Sighting | undefined> {
    return this.#options.disk ? this.#lookAtOnce(this.#options.disk, path, before) : this.#lookByThread(path, before);
  }

  async #lookAtOnce(disk: LocalDisk, path: string, before: KnownBefore): Promise<Sighting | undefined> {
    try {
      let stats = disk.look(path);
      if (stats instanceof Promise) stats = await stats;
      if (!stats) return undefined;
      const known = before.facts(path);
      const facts = known && isAsKnownByNumbers(known, stats) ? known : factsOfNumbers(stats);
      if (!facts) return this.#lookByThread(path, before);
      return facts.isFile ? { path, facts } : undefined;
    } catch (error) {
      this.#options.onError(path, error as Error);
      return undefined;
    }
  }

  #lookByThread(path: string, before: KnownBefore): Promise<Sighting | undefined> {
    return new Promise((resolve) =>
      stat(path, { bigint: true }, (error, stats) => {
        if (!error) {
          const known = before.facts(path);
          const facts = known && isAsKnown(known, stats) ? known : factsOf(stats);
          resolve(facts.isFile ? { path, facts } : undefined);
          return;
        }
        // A name that is not UTF-8 cannot be asked for; any other name that is missing was removed just now.
        if (error.code !== 'ENOENT' || path.includes('\ufffd')) this.#options.onError(path, error);
        resolve(undefined);
      }),
    );
  }
}
