// When a file is emptied before more is written to it.

export interface TruncateConfig {
  readonly after_close_time_secs: number | undefined;
  readonly after_modified_time_secs: number | undefined;
  readonly after_secs: number | undefined;
}

/** Files whose times are remembered; with more than this, the oldest is forgotten. */
const FILES_MAX = 10_000;

export interface FileTimes {
  /** Milliseconds since the epoch. */
  readonly modifiedMs: number;
  readonly createdMs: number;
}

export class Truncation {
  readonly #config: TruncateConfig;
  readonly #closed = new Map<string, number>();
  /** When files were made, or emptied last. */
  readonly #begun = new Map<string, number>();

  constructor(config: TruncateConfig) {
    this.#config = config;
  }

  /** Whether a file that is being opened is to be emptied. */
  onOpen(path: string, times: FileTimes, nowMs: number): boolean {
    const { after_close_time_secs: afterClose, after_modified_time_secs: afterModified } = this.#config;
    const closed = this.#closed.get(path);
    this.#closed.delete(path);
    if (this.#config.after_secs !== undefined && !this.#begun.has(path)) remember(this.#begun, path, times.createdMs);
    if (afterClose !== undefined && closed !== undefined && nowMs - closed >= afterClose * 1000) return true;
    if (afterModified !== undefined && nowMs - times.modifiedMs >= afterModified * 1000) return true;
    return this.onWrite(path, nowMs);
  }

  /** Whether a file that is open is to be emptied before the next write. */
  onWrite(path: string, nowMs: number): boolean {
    const { after_secs: afterSecs } = this.#config;
    if (afterSecs === undefined) return false;
    const begun = this.#begun.get(path);
    return begun !== undefined && nowMs - begun >= afterSecs * 1000;
  }

  emptied(path: string, nowMs: number): void {
    if (this.#config.after_secs !== undefined) remember(this.#begun, path, nowMs);
  }

  closed(path: string, nowMs: number): void {
    if (this.#config.after_close_time_secs !== undefined) remember(this.#closed, path, nowMs);
  }
}

function remember(times: Map<string, number>, path: string, ms: number): void {
  times.delete(path);
  times.set(path, ms);
  if (times.size > FILES_MAX) times.delete(times.keys().next().value!);
}
