// How much a sink may remember of series. An eighth of it is for those that are there to grow into, so that a flood of
// new ones does not keep them from it, and a sixteenth cannot be taken away. When the process had to take room away, it stays away a while and comes back
// slowly: given back at once, a flood would take it within milliseconds.

import type { Clock } from '../std/clock.ts';

const GROWTH_PART = 1 / 8;

/** What stays however short memory is: without it, memory that others take would in the end cost every series. */
export const KEPT_PART = 1 / 16;

/** What room is asked for: another series, or one that is there already. */
export type Wanted = 'a series' | 'growth';

/** After room was taken away. */
const HOLD_MS = 10_000;
/** In which all of it would come back from nothing. */
const RECOVERY_MS = 300_000;

export class SeriesRoom {
  readonly #clock: Pick<Clock, 'monotonic'>;
  /** Below it nothing is let go of. */
  readonly keptBytes: number;
  readonly #growthBytes: number;
  readonly #seriesBytes: number;
  #limitedBytes = Number.POSITIVE_INFINITY;
  #limitedMs = 0;

  constructor(bytes: number, clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
    this.keptBytes = bytes * KEPT_PART;
    this.#growthBytes = bytes * GROWTH_PART;
    this.#seriesBytes = bytes - this.#growthBytes;
  }

  /** Most that all series may take for another one to begin, or for one of them to grow. */
  bytesFor(what: Wanted): number {
    const bytes = Math.min(this.#seriesBytes, this.#limitNow());
    return what === 'growth' ? bytes + this.#growthBytes : bytes;
  }

  /** Takes away all that is more than `bytes`. */
  limit(bytes: number): void {
    this.#limitedBytes = bytes;
    this.#limitedMs = this.#clock.monotonic();
  }

  #limitNow(): number {
    if (this.#limitedBytes === Number.POSITIVE_INFINITY) return this.#limitedBytes;
    const restedMs = this.#clock.monotonic() - this.#limitedMs - HOLD_MS;
    const bytes = this.#limitedBytes + this.#seriesBytes * Math.max(0, restedMs / RECOVERY_MS);
    if (bytes >= this.#seriesBytes) this.#limitedBytes = Number.POSITIVE_INFINITY;
    return bytes;
  }
}
