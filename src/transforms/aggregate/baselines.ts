// What series stood at when the interval before ended, for telling differences.
//
// An interval that ends early replaces only what it has something of. So that this does not add up without end, what has
// not come for longest goes beyond the limits.

import type { MetricValue } from '../../event/metric.ts';

export interface Limits {
  readonly series: number;
  readonly bytes: number;
}

export interface Baseline {
  readonly value: MetricValue;
  readonly sizeBytes: number;
}

export class Baselines {
  readonly #limits: Limits;
  #values = new Map<string, Baseline>();
  #sizeBytes = 0;
  /** Whether a part of the interval was flushed early: the next flush adds to what that left. */
  #isPart = false;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  save(): unknown {
    return { values: this.#values, isPart: this.#isPart };
  }

  /** Takes what was saved, where it has nothing of its own. */
  restore(saved: unknown): void {
    const { values, isPart } = saved as { readonly values: Map<string, Baseline>; readonly isPart: boolean };
    const own = this.#values;
    this.#values = new Map();
    for (const [key, baseline] of [...own, ...values])
      if (this.#values.size < this.#limits.series && !this.#values.has(key)) this.#values.set(key, baseline);
    this.#isPart ||= isPart;
    this.#sizeBytes = 0;
    for (const { sizeBytes } of this.#values.values()) this.#sizeBytes += sizeBytes;
  }

  get(key: string): MetricValue | undefined {
    return this.#values.get(key)?.value;
  }

  /** Takes what an interval ended with; returns how many are forgotten for want of room. */
  replace(latest: Map<string, Baseline>, isEarly: boolean): number {
    const before = this.#values;
    this.#values = latest;
    const isAddition = isEarly || this.#isPart;
    this.#isPart = isEarly;
    let bytes = 0;
    for (const { sizeBytes } of latest.values()) bytes += sizeBytes;
    this.#sizeBytes = bytes;
    if (!isAddition) return 0;
    let evicted = 0;
    for (const [key, baseline] of before) {
      if (latest.has(key)) continue;
      if (latest.size >= this.#limits.series || bytes + baseline.sizeBytes > this.#limits.bytes) evicted += 1;
      else {
        latest.set(key, baseline);
        bytes += baseline.sizeBytes;
      }
    }
    this.#sizeBytes = bytes;
    return evicted;
  }
}
