// Keeps what was made of things that come again and again. Where they do not, keeping is worse than nothing: what lives
// until the map is full and then goes ends up among the old objects of the heap, which are collected late. So when few of
// those that were kept came again, nothing is kept for a while.

/** Look-ups without keeping anything, after keeping was in vain. */
const PAUSE = 10_000;

export class Repeats<K, V> {
  readonly #max: number;
  readonly #kept = new Map<K, V>();
  /** Look-ups that found something since the map was empty. */
  #hits = 0;
  #pausedFor = 0;

  constructor(max: number) {
    this.#max = max;
  }

  get(key: K): V | undefined {
    const value = this.#kept.get(key);
    if (value !== undefined) this.#hits += 1;
    return value;
  }

  /** Keeps a value for a key that was not found. */
  add(key: K, value: V): void {
    if (this.#pausedFor > 0) {
      this.#pausedFor -= 1;
      return;
    }
    if (this.#kept.size >= this.#max) {
      const wasInVain = this.#hits < this.#max;
      this.#kept.clear();
      this.#hits = 0;
      if (wasInVain) {
        this.#pausedFor = PAUSE;
        return;
      }
    }
    this.#kept.set(key, value);
  }

  get size(): number {
    return this.#kept.size;
  }
}
