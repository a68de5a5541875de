// Holds a feed of files back while the source is behind: files take everything, and what nobody reads in time would be
// removed unread. What is written is compared with what the source says it has sent, once for each of its samples.

/** Events that may be written and not sent. */
const BEHIND_MAX = 20_000;
/** When nothing more comes for so long, what is missing was dropped by the source, as it may be told to. */
const PATIENCE_MS = 5_000;

export class Backlog {
  readonly #sent: () => number;
  readonly #now: () => number;
  #written = 0;
  /** Written, and never to be sent. */
  #dropped = 0;
  #lastSent = 0;
  #changedMs: number;

  /** `now` only ever grows. */
  constructor(sent: () => number, now: () => number) {
    this.#sent = sent;
    this.#now = now;
    this.#changedMs = now();
  }

  wrote(count: number): void {
    this.#written += count;
  }

  get isFull(): boolean {
    const sent = this.#sent();
    if (sent !== this.#lastSent) {
      this.#lastSent = sent;
      this.#changedMs = this.#now();
    }
    if (this.#written - sent - this.#dropped <= BEHIND_MAX) return false;
    // A source that has sent nothing yet is only slow to begin.
    if (sent === 0 || this.#now() - this.#changedMs < PATIENCE_MS) return true;
    this.#dropped = this.#written - sent;
    this.#changedMs = this.#now();
    return false;
  }
}
