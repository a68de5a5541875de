// `--watch-config`: notices that the configuration changed on disk, by the system's events or by looking now and then.

import { type FSWatcher, readdirSync, realpathSync, statSync, watch } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type Clock, systemClock, type Timer } from '../std/clock.ts';
import type { Logger } from '../telemetry/log.ts';

/** Editors write a file in several steps: wait until they are through. */
const SETTLE_MS = 1_000;

/** Changes that do not end are acted on after this long all the same. */
const SETTLE_MAX_MS = 10_000;

/** Mounted ConfigMaps of Kubernetes change by this link. */
const CONFIG_MAP_LINK = '..data';

const CONFIG_NAME = /^[^.].*\.(ya?ml|toml|json)$/i;

export interface ConfigWatcher {
  /** Watches these files from now on, and in folders every configuration file. What changed before is not forgotten. */
  watch(paths: readonly string[]): void;
  close(): void;
}

interface Flags {
  readonly watchConfigMethod: 'recommended' | 'poll';
  readonly watchConfigPollIntervalSeconds: number;
}

/** Calls `onChange` when something changed and then stayed the same for a second. */
export function watchConfig(
  paths: readonly string[],
  flags: Flags,
  log: Logger,
  onChange: () => void,
  clock: Clock = systemClock,
): ConfigWatcher {
  let settling: { readonly timer: Timer; readonly sinceMs: number } | undefined;
  const settled = (): void => {
    settling = undefined;
    onChange();
  };
  const changed = (): void => {
    const now = clock.monotonic();
    const sinceMs = settling?.sinceMs ?? now;
    settling?.timer.cancel();
    const waitMs = Math.min(SETTLE_MS, Math.max(sinceMs + SETTLE_MAX_MS - now, 0));
    settling = { timer: clock.after(waitMs, settled), sinceMs };
  };
  const method =
    flags.watchConfigMethod === 'poll'
      ? new Polling(flags.watchConfigPollIntervalSeconds * 1000, clock, changed)
      : new Events(log, changed);
  method.watch(paths);
  return {
    watch: (next) => method.watch(next),
    close() {
      settling?.timer.cancel();
      method.close();
    },
  };
}

/** What matters in a watched folder: some files, or whatever configuration files it has. */
interface Interest {
  readonly names: Set<string>;
  whole: boolean;
}

/** Folders are watched, not files: a file that is replaced by renaming is another file. */
class Events implements ConfigWatcher {
  readonly #log: Logger;
  readonly #changed: () => void;
  readonly #watchers = new Map<string, FSWatcher>();
  #interests = new Map<string, Interest>();

  constructor(log: Logger, changed: () => void) {
    this.#log = log;
    this.#changed = changed;
  }

  watch(paths: readonly string[]): void {
    this.#interests = interestsOf(paths);
    for (const folder of this.#watchers.keys()) if (!this.#interests.has(folder)) this.#forget(folder);
    // A watcher that goes on misses nothing that changed since.
    for (const folder of this.#interests.keys()) if (!this.#watchers.has(folder)) this.#open(folder);
  }

  close(): void {
    for (const folder of this.#watchers.keys()) this.#forget(folder);
  }

  #open(folder: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, (_, name) => this.#noticed(folder, name));
      watcher.on('error', (error) => {
        this.#log.warn('A configuration folder is no longer watched.', { folder, error: error.message });
        this.#forget(folder);
      });
      this.#watchers.set(folder, watcher);
    } catch (error) {
      this.#log.warn('A configuration folder cannot be watched; try `--watch-config-method poll`.', {
        folder,
        error: (error as Error).message,
      });
    }
  }

  #forget(folder: string): void {
    this.#watchers.get(folder)?.close();
    this.#watchers.delete(folder);
  }

  #noticed(folder: string, name: string | null): void {
    const interest = this.#interests.get(folder);
    if (!interest) return;
    // In a whole folder, a name without a dot may be a new folder of components.
    const matters =
      name === null ||
      name === CONFIG_MAP_LINK ||
      interest.names.has(name) ||
      (interest.whole && (CONFIG_NAME.test(name) || !name.includes('.')));
    if (matters) this.#changed();
  }
}

function interestsOf(paths: readonly string[]): Map<string, Interest> {
  const interests = new Map<string, Interest>();
  const interestIn = (folder: string): Interest => {
    let interest = interests.get(folder);
    if (!interest) interests.set(folder, (interest = { names: new Set(), whole: false }));
    return interest;
  };
  for (const path of paths) {
    if (isFolder(path)) {
      interestIn(path).whole = true;
      continue;
    }
    // Where the path is a link, what it leads to may be written as well.
    for (const file of new Set([path, realPath(path)])) interestIn(dirname(file)).names.add(basename(file));
  }
  return interests;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

class Polling implements ConfigWatcher {
  readonly #intervalMs: number;
  readonly #clock: Clock;
  readonly #changed: () => void;
  #stamps = new Map<string, string>();
  #timer: Timer;

  constructor(intervalMs: number, clock: Clock, changed: () => void) {
    this.#intervalMs = intervalMs;
    this.#clock = clock;
    this.#changed = changed;
    this.#timer = clock.after(intervalMs, () => this.#look());
  }

  watch(paths: readonly string[]): void {
    // What is known already keeps its stamp: it may have changed since it was looked at.
    this.#stamps = new Map(paths.map((path) => [path, this.#stamps.get(path) ?? stampOf(path)]));
  }

  close(): void {
    this.#timer.cancel();
  }

  #look(): void {
    let differs = false;
    for (const [path, before] of this.#stamps) {
      const now = stampOf(path);
      if (now === before) continue;
      this.#stamps.set(path, now);
      differs = true;
    }
    if (differs) this.#changed();
    this.#timer = this.#clock.after(this.#intervalMs, () => this.#look());
  }
}

/** Text that differs when a file's content does; of a folder, when there are others in it. */
function stampOf(path: string): string {
  try {
    const stats = statSync(path, { bigint: true });
    if (!stats.isDirectory()) return `${stats.ino} ${stats.size} ${stats.mtimeNs}`;
    const names = readdirSync(path).filter((name) => CONFIG_NAME.test(name) || isFolder(join(path, name)));
    return names.sort().join('\0');
  } catch (error) {
    return `unreadable: ${(error as NodeJS.ErrnoException).code}`;
  }
}
