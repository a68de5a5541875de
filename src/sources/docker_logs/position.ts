// How far the logs of one container were read, so that another request goes on there: nothing lost, nothing twice.
//
// The engine takes a whole second to begin at, and gives everything from there in the order it was written, which is not
// always that of the times: each stream has its own. So messages are counted by second, for the last few, and as many
// are left out when the same seconds come again. What is later than everything seen is new whatever the count says, so
// that a log which was rotated meanwhile loses nothing.

import type { Timestamp } from '../../event/timestamp.ts';

/** Messages may be so many seconds older than one that came before. */
const SECONDS_KEPT = 3;

export class LogPosition {
  readonly #start: number;
  readonly #counts = new Map<number, number>();
  #latest: Timestamp | undefined;
  /** Messages that come again, still to be left out, and the latest of them. */
  #again = 0;
  #until: Timestamp | undefined;

  /** Before the first message, `start` is where to begin. */
  constructor(start: number) {
    this.#start = start;
  }

  /** The logs are asked for once more: the second to begin at. */
  resume(): number {
    if (!this.#latest) return this.#start;
    const since = Math.max(this.#start, this.#latest.seconds - SECONDS_KEPT + 1);
    let again = 0;
    for (const [second, count] of this.#counts) if (second >= since) again += count;
    this.#again = again;
    this.#until = this.#latest;
    return since;
  }

  /** Whether a message is new; it is read then. */
  take(time: Timestamp): boolean {
    if (this.#again > 0 && this.#until) {
      if (compare(time, this.#until) <= 0) {
        this.#again -= 1;
        return false;
      }
      this.#again = 0;
    }
    if (!this.#latest || compare(time, this.#latest) > 0) this.#latest = time;
    this.#counts.set(time.seconds, (this.#counts.get(time.seconds) ?? 0) + 1);
    if (this.#counts.size > SECONDS_KEPT) this.#forget();
    return true;
  }

  #forget(): void {
    const oldest = this.#latest!.seconds - SECONDS_KEPT;
    for (const second of this.#counts.keys()) if (second <= oldest) this.#counts.delete(second);
  }
}

function compare(a: Timestamp, b: Timestamp): number {
  return a.seconds - b.seconds || a.nanos - b.nanos;
}
