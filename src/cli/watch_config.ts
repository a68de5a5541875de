// `--watch-config`: notices that a configuration file changed, by the system's events or by looking.

import { type FSWatcher, statSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Logger } from '../telemetry/log.ts';

/** Editors write a file in several steps: wait until they are through. */
const SETTLE_MS = 1_000;

export interface ConfigWatcher {
  /** Watches these files from now on. */
  watch(files: readonly string[]): void;
  close(): void;
}

interface Flags {
  readonly watchConfigMethod: 'recommended' | 'poll';
  readonly watchConfigPollIntervalSeconds: number;
}

export function watchConfig(files: readonly string[], flags: Flags, log: Logger, onChange: () => void): ConfigWatcher {
  let settling: NodeJS.Timeout | undefined;
  const changed = (): void => {
    clearTimeout(settling);
    settling = setTimeout(onChange, SETTLE_MS);
    settling.unref();
  };
  const method =
    flags.watchConfigMethod === 'poll' ? polling(flags.watchConfigPollIntervalSeconds, changed) : events(log, changed);
  method.watch(files);
  return {
    watch: (next) => method.watch(next),
    close() {
      clearTimeout(settling);
      method.close();
    },
  };
}

/** Folders are watched, not files: a file that is replaced by renaming is another file. */
function events(log: Logger, changed: () => void): ConfigWatcher {
  let watchers: FSWatcher[] = [];
  const close = (): void => {
    for (const watcher of watchers) watcher.close();
    watchers = [];
  };
  return {
    close,
    watch(files) {
      close();
      const folders = Map.groupBy(files, dirname);
      for (const [folder, inside] of folders) {
        const names = new Set(inside.map((file) => basename(file)));
        try {
          const watcher = watch(folder, (_, name) => {
            // A mounted Kubernetes ConfigMap changes by its `..data` link.
            if (name === null || names.has(name) || name === '..data') changed();
          });
          watchers.push(
            watcher.on('error', (error) =>
              log.warn('A configuration folder is no longer watched.', { folder, error: error.message }),
            ),
          );
        } catch (error) {
          log.warn('A configuration folder cannot be watched; try `--watch-config-method poll`.', {
            folder,
            error: (error as Error).message,
          });
        }
      }
    },
  };
}

function polling(seconds: number, changed: () => void): ConfigWatcher {
  let before = new Map<string, string>();
  let watched: readonly string[] = [];
  const look = (): Map<string, string> => new Map(watched.map((file) => [file, stamp(file)]));
  const timer = setInterval(() => {
    const now = look();
    if ([...now].some(([file, value]) => before.get(file) !== value)) changed();
    before = now;
  }, seconds * 1000);
  timer.unref();
  return {
    close: () => clearInterval(timer),
    watch(files) {
      watched = files;
      before = look();
    },
  };
}

function stamp(file: string): string {
  try {
    const { mtimeMs, size, ino } = statSync(file);
    return `${mtimeMs} ${size} ${ino}`;
  } catch {
    return 'gone';
  }
}
