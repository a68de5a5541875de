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

/** Timers that one `advance` fires at most: one that always sets the next for now would go on for ever. */
const FIRES_MAX = 100_000;

interface FakeTimer {
  readonly due: number;
  readonly order: number;
  readonly callback: () => void;
}

/** A clock for tests: time moves only by `advance`, which fires what is due, in order. */
export class FakeClock implements Clock {
  #now: number;
  /** Where the calls of `advance` so far lead to; two at a time add up. */
  #until: number;
  #timers: FakeTimer[] = [];
  #order = 0;

  constructor(startMs = 1_700_000_000_000) {
    this.#now = startMs;
    this.#until = startMs;
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

  /**
   * Moves time on by `ms` and fires every timer due on the way, those that callbacks set included; lets promises settle
   * between timers. Rejects with what a callback throws: that timer is gone, later ones still wait.
   */
  async advance(ms: number): Promise<void> {
    this.#until += Math.max(ms, 0);
    const until = this.#until;
    for (let fires = 0; ; fires++) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      const next = this.#next(until);
      if (!next) break;
      if (fires === FIRES_MAX) throw new Error(`${FIRES_MAX} timers fired while the clock moved by ${ms} ms`);
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#now = Math.max(this.#now, next.due);
      next.callback();
    }
    this.#now = Math.max(this.#now, until);
  }

  /** The timer that is due first, the one set first among equals. */
  #next(until: number): FakeTimer | undefined {
    let next: FakeTimer | undefined;
    for (const timer of this.#timers) {
      if (timer.due > until) continue;
      if (!next || timer.due < next.due || (timer.due === next.due && timer.order < next.order)) next = timer;
    }
    return next;
  }
}
