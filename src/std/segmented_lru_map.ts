// A map that knows which of its entries to let go of first, and does not lose what is used again and again to a flood of
// keys that come once. Entries that were used are kept apart from those that were only set: the latter go first, the
// one set longest ago before the others, as long as they are more than a part of all. With a plain LRU a flood drives
// out whatever is used less often than the flood takes to fill the map: seconds, for what is used every ten.
//
// Like `LruMap` it has no limit of its own: who sets, bounds, by `oldest`.

import { LruMap } from './lru_map.ts';

/** What entries that were only set have for themselves, so that new ones have time to be used. */
const FRESH_PART = 1 / 5;

export class SegmentedLruMap<V> {
  readonly #fresh = new LruMap<V>();
  readonly #used = new LruMap<V>();

  get size(): number {
    return this.#fresh.size + this.#used.size;
  }

  /** The value of `key`, which is used from now on, and the newest of those. */
  use(key: string): V | undefined {
    const used = this.#used.use(key);
    if (used !== undefined) return used;
    const fresh = this.#fresh.peek(key);
    if (fresh === undefined) return undefined;
    this.#fresh.delete(key);
    this.#used.set(key, fresh);
    return fresh;
  }

  /** Adds an entry, or replaces it where it is. */
  set(key: string, value: V): void {
    if (this.#used.peek(key) !== undefined) this.#used.set(key, value);
    else this.#fresh.set(key, value);
  }

  delete(key: string): void {
    this.#fresh.delete(key);
    this.#used.delete(key);
  }

  /** The entry that is to go first. */
  oldest(): readonly [key: string, value: V] | undefined {
    if (this.#fresh.size >= this.size * FRESH_PART) return this.#fresh.oldest() ?? this.#used.oldest();
    return this.#used.oldest();
  }

  /** Calls `forget` for the entries that `isOver` tells to go: it deletes them. Each order ends with one that stays. */
  forget(isOver: (value: V) => boolean, forget: (key: string, value: V) => void): void {
    for (const entries of [this.#fresh, this.#used])
      for (let oldest = entries.oldest(); oldest && isOver(oldest[1]); oldest = entries.oldest()) forget(...oldest);
  }
}
