// A DDSketch that is added to, as the Datadog Agent keeps it: values fall into bins whose limits grow by a constant
// factor, so that a quantile is off by a fortieth at most, whatever was seen. The number of bins has a limit.

import type { Sample, Sketch } from '../../event/metric.ts';
import { sketchKey } from '../encoding/sketch.ts';

/** Bins of one sketch; beyond that the lowest ones become one. */
export const SKETCH_BINS_MAX = 4_096;

export class SketchBuilder {
  readonly #bins = new Map<number, number>();
  #count = 0;
  #sum = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;
  #avg = 0;

  get bins(): number {
    return this.#bins.size;
  }

  /** Adds samples; those that are no number are left out, having no place among the others. */
  add(samples: readonly Sample[]): void {
    for (const { value, rate } of samples) {
      if (Number.isNaN(value) || rate <= 0) continue;
      this.#addBin(sketchKey(value), rate);
      this.#min = Math.min(this.#min, value);
      this.#max = Math.max(this.#max, value);
      this.#count += rate;
      this.#sum += value * rate;
      this.#avg += ((value - this.#avg) * rate) / this.#count;
    }
    this.#trim();
  }

  merge({ keys, counts, count, sum, min, max, avg }: Sketch): void {
    if (count <= 0) return;
    for (const [i, key] of keys.entries()) this.#addBin(key, counts[i] ?? 0);
    this.#min = Math.min(this.#min, min);
    this.#max = Math.max(this.#max, max);
    this.#count += count;
    this.#sum += sum;
    this.#avg += ((avg - this.#avg) * count) / this.#count;
    this.#trim();
  }

  sketch(): Sketch {
    const sorted = [...this.#bins].sort(([a], [b]) => a - b);
    return {
      keys: sorted.map(([key]) => key),
      counts: sorted.map(([, count]) => count),
      count: this.#count,
      min: this.#count === 0 ? 0 : this.#min,
      max: this.#count === 0 ? 0 : this.#max,
      sum: this.#sum,
      avg: this.#avg,
    };
  }

  #addBin(key: number, count: number): void {
    this.#bins.set(key, (this.#bins.get(key) ?? 0) + count);
  }

  #trim(): void {
    const excess = this.#bins.size - SKETCH_BINS_MAX;
    if (excess <= 0) return;
    const lowest = [...this.#bins.keys()].sort((a, b) => a - b).slice(0, excess + 1);
    const kept = lowest.pop()!;
    for (const key of lowest) {
      this.#addBin(kept, this.#bins.get(key)!);
      this.#bins.delete(key);
    }
  }
}
