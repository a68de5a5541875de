// Says which sink holds up what is above it, how long, and what it waits for. A sink that is merely slower than its
// inputs does not: something must have waited for it without anything moving.

import type { Clock, Timer } from '../std/clock.ts';
import type { LogFields, Logger } from '../telemetry/log.ts';

/** How long nothing moves before it is said, and how often it is said again. */
const STALLED_AFTER_MS = 5_000;
const SAID_AGAIN_AFTER_MS = 30_000;

export interface StallSubject {
  /** Senders that wait. */
  readonly waiting: number;
  /** What it waits for and who waits for it. */
  describe(): LogFields;
}

export class StallWatch {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #subject: StallSubject;
  #movedMs = 0;
  #saidMs: number | undefined;
  #timer: Timer | undefined;

  constructor(clock: Clock, log: Logger, subject: StallSubject) {
    this.#clock = clock;
    this.#log = log;
    this.#subject = subject;
  }

  /** Somebody waits. */
  watch(): void {
    if (this.#timer) return;
    this.#movedMs = this.#clock.monotonic();
    this.#timer = this.#clock.after(STALLED_AFTER_MS, () => this.#check());
  }

  /** Something was taken. */
  moved(): void {
    if (!this.#timer) return;
    const now = this.#clock.monotonic();
    if (this.#saidMs !== undefined) {
      this.#log.info('The sink takes events again', { held_up_secs: seconds(now - this.#movedMs) });
      this.#saidMs = undefined;
    }
    this.#movedMs = now;
  }

  cancel(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #check(): void {
    this.#timer = undefined;
    if (this.#subject.waiting === 0) return;
    const now = this.#clock.monotonic();
    const stalledMs = now - this.#movedMs;
    if (stalledMs >= STALLED_AFTER_MS && now - (this.#saidMs ?? Number.NEGATIVE_INFINITY) >= SAID_AGAIN_AFTER_MS) {
      this.#saidMs = now;
      this.#log.warn('The sink holds up its inputs', { held_up_secs: seconds(stalledMs), ...this.#subject.describe() });
    }
    const next = this.#saidMs === undefined ? STALLED_AFTER_MS - stalledMs : SAID_AGAIN_AFTER_MS - (now - this.#saidMs);
    this.#timer = this.#clock.after(next, () => this.#check());
  }
}

const seconds = (ms: number): number => Math.round(ms / 100) / 10;
