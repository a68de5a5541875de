// Finds the log files of the pods that are to be read. Folders are read again only when they changed, and all of them
// now and then: a thousand files cost a thousand `stat` a second and no more.

import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { PathFinder } from '../../component/tail/listing.ts';
import type { LocalDisk } from '../../component/tail/local_disk.ts';
import type { Glob } from '../../std/glob.ts';
import type { Facts, PodDirectory } from './pod_directory.ts';
import { parseFolder, parseLogPath } from './pod_path.ts';

/** Names that one folder may hold; further ones are not seen. */
const NAMES_MAX = 20_000;

/** A folder that changed just before it was read may have changed after that in the same tick of the clock. */
const SETTLED_MS = 100;

/** The folder of a pod that has not changed for so long is looked at in one of so many rounds. */
const RESTING_MS = 60_000;
const RESTING_TURNS = 5;

/** Folders looked at at a time. */
const AT_ONCE = 8;

export interface PodPathsOptions {
  readonly root: string;
  readonly include: readonly Glob[];
  readonly exclude: readonly Glob[];
  readonly directory: PodDirectory;
  readonly disk: LocalDisk;
  /** Every so often all folders are read, changed or not. */
  readonly rereadMs: number;
  readonly monotonic: () => number;
  readonly wall: () => number;
  /** A compressed file came whose original was not seen. */
  readonly onCompressed: (path: string) => Promise<void>;
}

interface Folder {
  readonly modifiedMs: number;
  readonly isSettled: boolean;
  readonly names: readonly string[];
  /** The paths of what is looked into or read, kept as making them anew every second would be most of the garbage. */
  readonly paths: readonly string[];
  round: number;
}

type Reader = (path: string, holdsLogs: boolean) => Promise<readonly string[]>;

const NO_PATHS: readonly string[] = [];

export class PodPaths {
  readonly #options: PodPathsOptions;
  #folders = new Map<string, Folder>();
  #round = 0;
  #nextReread = 0;

  constructor(options: PodPathsOptions) {
    this.#options = options;
  }

  readonly find: PathFinder = async (stop, onError) => {
    const { root, directory, rereadMs, monotonic } = this.#options;
    this.#round += 1;
    const isFull = monotonic() >= this.#nextReread;
    if (isFull) this.#nextReread = monotonic() + rereadMs;
    const read: Reader = (path, holdsLogs) => this.#paths(path, holdsLogs, isFull, onError);
    const pods = await read(root, false);
    const found = new Array<readonly string[]>(pods.length).fill(NO_PATHS);
    const ids = new Set(pods.flatMap((path) => parseFolder(basename(path))?.id ?? []));
    let next = 0;
    const work = async (): Promise<void> => {
      while (next < pods.length && !stop.aborted) {
        const index = next++;
        const path = pods[index]!;
        const resting = isFull ? undefined : this.#restingPaths(path, index);
        found[index] = await this.#ofPod(path, resting, read);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    directory.forgetFolders((id) => ids.has(id));
    if (!stop.aborted)
      for (const [path, { round }] of this.#folders) if (round !== this.#round) this.#folders.delete(path);
    return found.flat();
  };

  /** Whether the file is of a pod or a container that is to be left out. */
  readonly leavesOut = (path: string): boolean => {
    const { directory } = this.#options;
    const log = parseLogPath(path);
    if (!log) return false;
    return directory.excludes(log) || excludedContainers(directory.facts(log)).has(log.container);
  };

  /** The containers of a pod that has been there for a while: new ones come seldom, so folders are looked at in turns. */
  #restingPaths(path: string, index: number): readonly string[] | undefined {
    const known = this.#folders.get(path);
    if (!known?.isSettled || (index + this.#round) % RESTING_TURNS === 0) return undefined;
    if (this.#options.wall() - known.modifiedMs < RESTING_MS) return undefined;
    known.round = this.#round;
    return known.paths;
  }

  async #ofPod(path: string, resting: readonly string[] | undefined, read: Reader): Promise<readonly string[]> {
    const { directory } = this.#options;
    const folder = parseFolder(basename(path));
    if (!folder || !directory.admits(folder)) return NO_PATHS;
    const excluded = excludedContainers(directory.facts(folder));
    let paths = NO_PATHS;
    for (const container of resting ?? (await read(path, false))) {
      if (excluded.has(basename(container))) continue;
      const logs = await read(container, true);
      paths = paths.length === 0 ? logs : [...paths, ...logs];
    }
    return paths;
  }

  #isRead(path: string): boolean {
    const { include, exclude } = this.#options;
    return include.some((glob) => glob.matches(path)) && !exclude.some((glob) => glob.matches(path));
  }

  async #paths(
    path: string,
    holdsLogs: boolean,
    isFull: boolean,
    onError: (path: string, error: Error) => void,
  ): Promise<readonly string[]> {
    const known = this.#folders.get(path);
    try {
      let stats = this.#options.disk.look(path);
      if (stats instanceof Promise) stats = await stats;
      if (!stats?.isDirectory()) return NO_PATHS;
      const { mtimeMs } = stats;
      if (known?.isSettled && !isFull && known.modifiedMs === mtimeMs) {
        known.round = this.#round;
        return known.paths;
      }
      const isSettled = this.#options.wall() - mtimeMs > SETTLED_MS;
      const names = (await readdir(path)).slice(0, NAMES_MAX).sort();
      if (known) await this.#compressed(path, known.names, names);
      const paths = names
        .filter((name) => !holdsLogs || name.includes('.log'))
        .map((name) => join(path, name))
        .filter((file) => !holdsLogs || this.#isRead(file));
      this.#folders.set(path, { modifiedMs: mtimeMs, isSettled, names, paths, round: this.#round });
      return paths;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') onError(path, error as Error);
      return NO_PATHS;
    }
  }

  async #compressed(path: string, before: readonly string[], now: readonly string[]): Promise<void> {
    const known = new Set(before);
    for (const name of now) {
      if (name.endsWith('.gz') && !known.has(name) && !known.has(name.slice(0, -3)))
        await this.#options.onCompressed(join(path, name));
    }
  }
}

const EXCLUDE_CONTAINERS = 'vector.dev/exclude-containers';

const NONE: ReadonlySet<string> = new Set();

function excludedContainers({ pod }: Facts): ReadonlySet<string> {
  const annotation = pod?.annotations[EXCLUDE_CONTAINERS];
  return annotation === undefined ? NONE : new Set(annotation.split(',').map((name) => name.trim()));
}
