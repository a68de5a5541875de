// Where log lines about ourselves can be followed, by sources that send them on.
//
// Lines of the start, before anyone can follow, are kept for those who do so in time: at most EARLY_MAX, the first ones.
// A follower is told of each line while it is being logged, and must not log anything itself then.

import type { LogRecord } from './log.ts';

/** Lines kept until the start is over. */
const EARLY_MAX = 1_000;

/** A line with its fields, as measured. */
const LINE_BYTES = 300;

export type Follower = (record: LogRecord) => void;

export class LogTap {
  readonly #followers = new Set<Follower>();
  #early: LogRecord[] | undefined = [];

  /** Estimated bytes of the lines of the start. */
  get heldBytes(): number {
    return (this.#early?.length ?? 0) * LINE_BYTES;
  }

  /** Whether a line is of use to anyone. */
  get isFollowed(): boolean {
    return this.#followers.size > 0 || (this.#early !== undefined && this.#early.length < EARLY_MAX);
  }

  take(record: LogRecord): void {
    if (this.#early && this.#early.length < EARLY_MAX) this.#early.push(record);
    for (const follower of this.#followers) follower(record);
  }

  /** Follows from now on, and gets the lines of the start first while it is not over. Returns how to end it. */
  follow(follower: Follower): () => void {
    for (const record of this.#early ?? []) follower(record);
    this.#followers.add(follower);
    return () => void this.#followers.delete(follower);
  }

  /** Everything that follows from the start does so by now. */
  started(): void {
    this.#early = undefined;
  }
}
