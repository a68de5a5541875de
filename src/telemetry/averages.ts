// Means that follow what they measure: what is new counts more than what is old, and nothing is kept but one number.

/** The global options `latency_ewma_alpha` and `buffer_utilization_ewma_half_life_seconds`. */
export interface Smoothing {
  readonly latencyAlpha: number;
  readonly bufferHalfLifeSecs: number;
}

export const DEFAULT_SMOOTHING: Smoothing = { latencyAlpha: 0.9, bufferHalfLifeSecs: 5 };

/** A mean in which each value keeps the part `1 - alpha` of what was there before. */
export class MovingMean {
  readonly #alpha: number;
  #mean: number | undefined;

  constructor(alpha: number) {
    this.#alpha = alpha;
  }

  /** The mean with one more value in it. */
  add(value: number): number {
    this.#mean = this.#mean === undefined ? value : this.#alpha * value + (1 - this.#alpha) * this.#mean;
    return this.#mean;
  }
}

/** A mean over time: after one half-life without news, what was there counts half. */
export class TimedMean {
  readonly #perMs: number;
  #mean: number | undefined;
  #atMs = 0;

  constructor(halfLifeSecs: number) {
    this.#perMs = Math.LN2 / (halfLifeSecs * 1000);
  }

  add(value: number, nowMs: number): number {
    const kept = this.#mean === undefined ? 0 : Math.exp(-this.#perMs * Math.max(0, nowMs - this.#atMs));
    this.#mean = kept * (this.#mean ?? 0) + (1 - kept) * value;
    this.#atMs = nowMs;
    return this.#mean;
  }
}
