// Time as a parameter, so that a simulation or a test can hold it. Everything that waits or stamps takes a `Clock`.

/** A pending timer; `cancel` is safe to call at any time and any number of times. */
export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Milliseconds since the Unix epoch, for stamps. */
  now(): number;
  /** Milliseconds that only ever grow, for durations. */
  monotonic(): number;
  /** Calls `callback` once after `delayMs`. Does not keep the process alive by itself. */
  after(delayMs: number, callback: () => void): Timer;
}

/** Timers longer than this many milliseconds overflow in Node and fire at once; longer waits are cut to it. */
const DELAY_MAX_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, Math.min(Math.max(delayMs, 0), DELAY_MAX_MS));
    timer.unref();
    return { cancel: () => clearTimeout(timer) };
  },
};

/** Resolves after `delayMs`, or at once when `stop` aborts; never rejects. */
export function sleep(clock: Clock, delayMs: number, stop?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (stop?.aborted) return resolve();
    const timer = clock.after(delayMs, finish);
    stop?.addEventListener('abort', finish, { once: true });
    function finish(): void {
      timer.cancel();
      stop?.removeEventListener('abort', finish);
      resolve();
    }
  });
}

/** A clock for tests: time moves only by `advance`, which fires what is due, in order. */
export class FakeClock implements Clock {
  #now: number;
  #timers: { due: number; order: number; callback: () => void }[] = [];
  #order = 0;

  constructor(startMs = 1_700_000_000_000) {
    this.#now = startMs;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#now;
  }

  after(delayMs: number, callback: () => void): Timer {
    const timer = { due: this.#now + Math.max(delayMs, 0), order: this.#order++, callback };
    this.#timers.push(timer);
    return {
      cancel: () => {
        this.#timers = this.#timers.filter((other) => other !== timer);
      },
    };
  }

  /** How many timers wait. */
  get pending(): number {
    return this.#timers.length;
  }

  /** Moves time on by `ms` and fires every timer due on the way; lets promises settle between timers. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    for (;;) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      const due = this.#timers.filter((timer) => timer.due <= until);
      due.sort((a, b) => a.due - b.due || a.order - b.order);
      const next = due[0];
      if (!next) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#now = Math.max(this.#now, next.due);
      next.callback();
    }
    this.#now = until;
  }
}
