// Finds the log files of the pods that are to be read. Folders are read again only when they changed, and all of them
// now and then: a thousand files cost a thousand `stat` a second and no more.

import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { PathFinder } from '../../component/tail/listing.ts';
import type { Glob } from '../../std/glob.ts';
import type { PodDirectory } from './pod_directory.ts';
import { parseFolder } from './pod_path.ts';

/** Names that one folder may hold; further ones are not seen. */
const NAMES_MAX = 20_000;

/** A folder that changed just before it was read may have changed after that in the same tick of the clock. */
const SETTLED_MS = 100;

/** Folders looked at at a time. */
const AT_ONCE = 8;

export interface PodPathsOptions {
  readonly root: string;
  readonly include: readonly Glob[];
  readonly exclude: readonly Glob[];
  readonly directory: PodDirectory;
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
  round: number;
}

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
    const read = (path: string): Promise<readonly string[]> => this.#names(path, isFull, onError);
    const pods = await read(root);
    const found: string[][] = pods.map(() => []);
    const ids = new Set(pods.flatMap((name) => parseFolder(name)?.id ?? []));
    let next = 0;
    const work = async (): Promise<void> => {
      while (next < pods.length && !stop.aborted) {
        const index = next++;
        found[index] = await this.#ofPod(pods[index]!, read);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    directory.forgetFolders((id) => ids.has(id));
    if (!stop.aborted)
      for (const [path, { round }] of this.#folders) if (round !== this.#round) this.#folders.delete(path);
    return found.flat();
  };

  async #ofPod(name: string, read: (path: string) => Promise<readonly string[]>): Promise<string[]> {
    const { root, include, exclude, directory } = this.#options;
    const folder = parseFolder(name);
    if (!folder || !directory.admits(folder)) return [];
    const excluded = excludedContainers(directory.facts(folder).pod?.annotations[EXCLUDE_CONTAINERS]);
    const paths: string[] = [];
    for (const container of await read(join(root, name))) {
      if (excluded.has(container)) continue;
      for (const file of await read(join(root, name, container))) {
        if (!file.includes('.log')) continue;
        const path = join(root, name, container, file);
        if (include.some((glob) => glob.matches(path)) && !exclude.some((glob) => glob.matches(path))) paths.push(path);
      }
    }
    return paths;
  }

  async #names(
    path: string,
    isFull: boolean,
    onError: (path: string, error: Error) => void,
  ): Promise<readonly string[]> {
    const known = this.#folders.get(path);
    try {
      const { mtimeMs, size } = await stat(path).then((stats) =>
        stats.isDirectory() ? stats : { mtimeMs: -1, size: 0 },
      );
      if (mtimeMs === -1 || size < 0) return [];
      if (known?.isSettled && !isFull && known.modifiedMs === mtimeMs) {
        known.round = this.#round;
        return known.names;
      }
      const isSettled = this.#options.wall() - mtimeMs > SETTLED_MS;
      const names = (await readdir(path)).slice(0, NAMES_MAX).sort();
      if (known) await this.#compressed(path, known.names, names);
      this.#folders.set(path, { modifiedMs: mtimeMs, isSettled, names, round: this.#round });
      return names;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') onError(path, error as Error);
      return [];
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

function excludedContainers(annotation: string | undefined): ReadonlySet<string> {
  return annotation === undefined ? NONE : new Set(annotation.split(',').map((name) => name.trim()));
}
