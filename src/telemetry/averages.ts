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
  /** Not a number before the first value. Always a number for V8, which makes a new object of each otherwise. */
  #mean = Number.NaN;

  constructor(alpha: number) {
    this.#alpha = alpha;
  }

  /** The mean with one more value in it. */
  add(value: number): number {
    this.#mean = Number.isNaN(this.#mean) ? value : this.#alpha * value + (1 - this.#alpha) * this.#mean;
    return this.#mean;
  }
}

/** A mean over time: after one half-life without news, what was there counts half. */
export class TimedMean {
  readonly #perMs: number;
  #mean = Number.NaN;
  #atMs = 0;

  constructor(halfLifeSecs: number) {
    this.#perMs = Math.LN2 / (halfLifeSecs * 1000);
  }

  add(value: number, nowMs: number): number {
    const before = Number.isNaN(this.#mean) ? value : this.#mean;
    this.#mean = before + (value - before) * partWithin(this.#perMs * Math.max(0, nowMs - this.#atMs));
    this.#atMs = nowMs;
    return this.#mean;
  }
}

/** `1 - exp(-x)`. Batches come so closely that three terms of the series are exact to 1e-13, in a quarter of the time. */
function partWithin(x: number): number {
  return x < 1e-3 ? x * (1 - x * (0.5 - x / 6)) : 1 - Math.exp(-x);
}
