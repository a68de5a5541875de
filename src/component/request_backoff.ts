// How long to wait before a request is sent again, and how many requests may start in a stretch of time.

import type { Clock } from '../std/clock.ts';
import type { Random } from '../std/random.ts';

export interface RetryLimits {
  readonly retry_attempts: number;
  readonly retry_initial_backoff_secs: number;
  /** Longest wait between two attempts. */
  readonly retry_max_duration_secs: number;
  readonly retry_jitter_mode: 'Full' | 'None';
}

/** The waits of one request: 1, 1, 2, 3, 5, … times the initial one, each up to the longest. */
export class Backoff {
  readonly #limits: RetryLimits;
  readonly #random: Random;
  #previousMs = 0;
  #currentMs: number;
  #retries = 0;

  constructor(limits: RetryLimits, random: Random) {
    this.#limits = limits;
    this.#random = random;
    this.#currentMs = limits.retry_initial_backoff_secs * 1000;
  }

  /** Retries asked for so far. */
  get retries(): number {
    return this.#retries;
  }

  /**
   * Milliseconds to wait before the next attempt; undefined when there is to be none. With full jitter, any part of
   * the wait is as likely as any other. `askedMs` is what the other side asked for: honoured up to the longest wait.
   */
  next(askedMs = 0): number | undefined {
    if (this.#retries >= this.#limits.retry_attempts) return undefined;
    this.#retries += 1;
    const maxMs = this.#limits.retry_max_duration_secs * 1000;
    const waitMs = this.#currentMs;
    this.#currentMs = Math.min(this.#previousMs + waitMs, maxMs);
    this.#previousMs = waitMs;
    const jittered =
      this.#limits.retry_jitter_mode === 'Full' ? Math.floor(this.#random() * waitMs) + Math.min(waitMs, 1) : waitMs;
    return Math.max(jittered, Math.min(askedMs, maxMs));
  }
}

/** At most `count` starts in each window of `durationMs`; a window opens with the first start after the last one. */
export class RateLimit {
  readonly #count: number;
  readonly #durationMs: number;
  readonly #clock: Clock;
  #untilMs = Number.NEGATIVE_INFINITY;
  #left = 0;

  constructor(count: number, durationMs: number, clock: Clock) {
    this.#count = count;
    this.#durationMs = durationMs;
    this.#clock = clock;
  }

  /** Takes one start: 0 when it was taken, else the milliseconds until one may be free. */
  take(): number {
    const now = this.#clock.monotonic();
    if (now >= this.#untilMs) {
      this.#untilMs = now + this.#durationMs;
      this.#left = this.#count;
    }
    if (this.#left === 0) return this.#untilMs - now;
    this.#left -= 1;
    return 0;
  }
}
