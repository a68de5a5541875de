// Waiting with a limit.

import type { Clock, Timer } from '../std/clock.ts';

/** Resolves to whether `promise` settled within `limitMs` (undefined: no limit) and before `stop` aborted. */
export function within(
  clock: Clock,
  limitMs: number | undefined,
  promise: Promise<unknown>,
  stop?: AbortSignal,
): Promise<boolean> {
  return new Promise((resolve) => {
    if (stop?.aborted) return resolve(false);
    const timer: Timer | undefined = limitMs === undefined ? undefined : clock.after(limitMs, late);
    stop?.addEventListener('abort', late, { once: true });
    function settle(inTime: boolean): void {
      timer?.cancel();
      stop?.removeEventListener('abort', late);
      resolve(inTime);
    }
    function late(): void {
      settle(false);
    }
    promise.then(
      () => settle(true),
      () => settle(true),
    );
  });
}

/** Calls `run` and waits for it; what it throws goes to `onFailure`. */
export async function attempt(run: () => unknown, onFailure: (error: unknown) => void): Promise<void> {
  try {
    await run();
  } catch (error) {
    onFailure(error);
  }
}

/** A limit that may be set again, but only to an earlier moment. */
export class Deadline {
  readonly #clock: Clock;
  readonly #passed = Promise.withResolvers<void>();
  #atMs = Number.POSITIVE_INFINITY;
  #timer: Timer | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Undefined leaves it as it is. */
  set(limitMs: number | undefined): void {
    const atMs = this.#clock.monotonic() + (limitMs ?? Number.POSITIVE_INFINITY);
    if (atMs >= this.#atMs) return;
    this.#atMs = atMs;
    this.#timer?.cancel();
    if (limitMs! <= 0) this.#passed.resolve();
    else this.#timer = this.#clock.after(limitMs!, () => this.#passed.resolve());
  }

  cancel(): void {
    this.#timer?.cancel();
  }

  /** Resolves when the moment has come. */
  get passed(): Promise<void> {
    return this.#passed.promise;
  }

  /** Milliseconds that are left, infinite without a limit. */
  get leftMs(): number {
    return Math.max(0, this.#atMs - this.#clock.monotonic());
  }
}
