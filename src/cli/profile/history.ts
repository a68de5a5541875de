// Memory over time in a bounded number of points: when there are too many, every second one goes, and points are taken
// half as often from then on. So the whole life of the process is there, as fine as the space allows.

import type { MemorySample } from './memory_sample.ts';

/** The points of a series of samples; `values` by the names of `names`, in their order, 0 where there was none yet. */
export interface Series {
  readonly times: readonly number[];
  readonly rss: readonly number[];
  readonly heapUsed: readonly number[];
  readonly owners: readonly { readonly name: string; readonly bytes: readonly number[] }[];
}

/** Owners beyond these are shown as one. */
const OWNERS_MAX = 100;
const REST = 'other owners';

export class MemoryHistory {
  readonly #max: number;
  readonly #points: MemorySample[] = [];
  #stepSecs = 0;

  constructor(max = 600) {
    this.#max = max;
  }

  /** Takes a sample, or leaves it out where it is closer to the one before than the resolution is. */
  add(sample: MemorySample): void {
    const last = this.#points.at(-1);
    if (last && sample.t - last.t < this.#stepSecs) return;
    this.#points.push(sample);
    if (this.#points.length <= this.#max) return;
    const kept = this.#points.filter((_, index) => index % 2 === 0);
    this.#points.splice(0, this.#points.length, ...kept);
    // A little less than the distance of two points, since timers are never exact.
    this.#stepSecs = (0.9 * (kept.at(-1)!.t - kept[0]!.t)) / (kept.length - 1);
  }

  get length(): number {
    return this.#points.length;
  }

  series(): Series {
    const points = this.#points;
    const most = new Map<string, number>();
    for (const { owners } of points)
      for (const { name, bytes } of owners) most.set(name, Math.max(most.get(name) ?? 0, bytes));
    const names = [...most].sort(([, a], [, b]) => b - a).map(([name]) => name);
    const shown = names.slice(0, OWNERS_MAX);
    const rows = new Map(shown.map((name) => [name, new Array<number>(points.length).fill(0)]));
    if (names.length > OWNERS_MAX) rows.set(REST, new Array<number>(points.length).fill(0));
    for (const [index, { owners }] of points.entries()) {
      for (const { name, bytes } of owners) {
        const row = rows.get(name) ?? rows.get(REST)!;
        row[index] = row[index]! + bytes;
      }
    }
    return {
      times: points.map(({ t }) => t),
      rss: points.map(({ rss }) => rss),
      heapUsed: points.map(({ heapUsed }) => heapUsed),
      owners: [...rows].map(([name, bytes]) => ({ name, bytes })),
    };
  }
}
