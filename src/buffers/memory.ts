// A stage of a buffer in memory: batches in order, bounded by their events or their bytes. What is in it is lost with
// the process; the finalizers ride along, so that sources still learn what became of it.

import { type Batch, heapBytesOf } from '../event/batch.ts';
import { Queue } from '../std/queue.ts';
import type { Capacity, StageMetrics } from './buffer_metrics.ts';

export type WhenFull = 'block' | 'drop_newest' | 'overflow';

/** A batch on its way through a buffer. */
export interface Entry {
  readonly batch: Batch;
  /** Estimated bytes of its events. */
  readonly bytes: number;
  /** Grows with every batch that comes to the buffer. */
  readonly order: number;
}

export class MemoryStage {
  readonly whenFull: WhenFull;
  readonly metrics: StageMetrics;
  readonly #capacity: Capacity;
  readonly #entries = new Queue<Entry>();
  #used = 0;
  #events = 0;
  #bytes = 0;
  #heapBytes = 0;

  constructor(capacity: Capacity, whenFull: WhenFull, metrics: StageMetrics) {
    this.#capacity = capacity;
    this.whenFull = whenFull;
    this.metrics = metrics;
  }

  /**
   * Takes the entry if there is room. A batch costs its events or bytes, but never more than the whole capacity: one
   * that is larger is taken when the stage is empty.
   */
  offer(entry: Entry, waitedMs: number): boolean {
    const cost = this.#costOf(entry);
    if (this.#used + cost > this.#capacity.max) return false;
    this.#used += cost;
    this.#entries.push(entry);
    this.#heapBytes += heapBytesOf(entry.batch);
    this.metrics.received(entry.batch, entry.bytes, waitedMs);
    this.#resize(entry.batch.count, entry.bytes);
    return true;
  }

  /** The oldest entry, still in the stage. */
  peek(): Entry | undefined {
    return this.#entries.peek();
  }

  /** Takes the oldest entry out. */
  take(): Entry | undefined {
    const entry = this.#entries.shift();
    if (!entry) return undefined;
    this.#used -= this.#costOf(entry);
    this.#heapBytes -= heapBytesOf(entry.batch);
    this.#resize(-entry.batch.count, -entry.bytes);
    return entry;
  }

  /** Estimated bytes of the heap that its batches take. */
  get heapBytes(): number {
    return this.#heapBytes;
  }

  /** How full it is, for log lines: `500 of 500 events`. */
  describe(): string {
    const { unit, max } = this.#capacity;
    return `${unit === 'events' ? this.#events : this.#bytes} of ${max} ${unit}`;
  }

  #costOf({ batch, bytes }: Entry): number {
    const { unit, max } = this.#capacity;
    return Math.min(Math.max(unit === 'events' ? batch.count : bytes, 1), max);
  }

  #resize(events: number, bytes: number): void {
    this.#events += events;
    this.#bytes += bytes;
    this.metrics.resized(events, bytes);
  }
}
