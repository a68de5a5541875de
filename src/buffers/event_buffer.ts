// The buffer in front of a sink: a chain of stages, and behind it the line of senders that wait for room.
//
//   send ─► stage 0 ─full, overflow─► stage 1 … ─► last stage ─full─► block: the sender stands in line
//              │                        │              │              drop_newest: dropped and counted
//              └────────────────────────┴──────────────┴──► take: oldest first
//
// The line is as long as there are senders that wait for their promise: one batch for each.

import { type Batch, estimatedBytes, finish, heapBytesOf } from '../event/batch.ts';
import type { Status } from '../event/finalizer.ts';
import { assert } from '../std/assert.ts';
import type { Clock } from '../std/clock.ts';
import { Queue } from '../std/queue.ts';
import type { Faults } from '../telemetry/component_metrics.ts';
import type { Entry, MemoryStage } from './memory.ts';

interface InLine {
  readonly entry: Entry;
  readonly sinceMs: number;
  /** Absent when the sender was told not to wait. */
  resolve: (() => void) | undefined;
}

export class EventBuffer {
  readonly #stages: readonly MemoryStage[];
  readonly #last: MemoryStage;
  readonly #faults: Faults;
  readonly #clock: Clock;
  readonly #line = new Queue<InLine>();
  #order = 0;
  #unblocked = false;

  constructor(stages: readonly MemoryStage[], faults: Faults, clock: Clock) {
    assert(stages.length > 0, 'a buffer has a stage');
    this.#stages = stages;
    this.#last = stages.at(-1)!;
    this.#faults = faults;
    this.#clock = clock;
  }

  /** Takes the hold of `batch`. A promise when there is no room and the policy is to wait: resolves when there was. */
  send(batch: Batch): Promise<void> | undefined {
    const entry = { batch, bytes: estimatedBytes(batch), order: this.#order++ };
    if (this.#line.length === 0 && this.#place(entry, 0)) return undefined;
    if (this.#last.whenFull === 'drop_newest') {
      this.#drop(entry);
      return undefined;
    }
    const sinceMs = this.#clock.monotonic();
    if (this.#unblocked) {
      this.#line.push({ entry, sinceMs, resolve: undefined });
      return undefined;
    }
    return new Promise((resolve) => this.#line.push({ entry, sinceMs, resolve }));
  }

  /** The oldest batch, with the hold on it; undefined when the buffer is empty. Lets senders move up. */
  take(): Batch | undefined {
    const stage = this.#oldest();
    const entry = stage?.take();
    if (!stage || !entry) return undefined;
    stage.metrics.sent(entry.batch, entry.bytes);
    this.#moveUp();
    return entry.batch;
  }

  /**
   * From now on nobody waits: what finds no room stands in line without a sender. For a sink that is on its way out, so
   * that what is above it goes on; what still comes is bounded by what its retired inputs hold.
   */
  unblock(): void {
    this.#unblocked = true;
    for (const waiting of this.#line) {
      waiting.resolve?.();
      waiting.resolve = undefined;
    }
  }

  /** Finishes everything, counted as lost. Returns the number of events. */
  clear(status: Status, reason: string): number {
    let events = 0;
    this.unblock();
    for (let stage = this.#oldest(); stage; stage = this.#oldest()) {
      const { batch, bytes } = stage.take()!;
      stage.metrics.discarded(batch, bytes, false);
      events += batch.count;
      finish(batch, status);
      this.#moveUp();
    }
    if (events > 0) this.#faults.discarded(events, reason, false);
    return events;
  }

  /** Nothing comes any more, and nothing is left: tells what has not been told of it. */
  close(): void {
    for (const stage of this.#stages) stage.metrics.close();
  }

  /** Senders, or batches without one, that wait for room. */
  get waiting(): number {
    return this.#line.length;
  }

  get isEmpty(): boolean {
    return this.#oldest() === undefined;
  }

  /** Estimated bytes of the heap that batches take, in it and before it. */
  get heapBytes(): number {
    let bytes = 0;
    for (const stage of this.#stages) bytes += stage.heapBytes;
    for (const { entry } of this.#line) bytes += heapBytesOf(entry.batch);
    return bytes;
  }

  /** How full it is, for log lines. */
  describe(): string {
    return this.#stages.map((stage) => stage.describe()).join(', then ');
  }

  #place(entry: Entry, waitedMs: number): boolean {
    for (const stage of this.#stages) if (stage.offer(entry, waitedMs)) return true;
    return false;
  }

  /** Dropped on purpose: the configuration prefers it to waiting. So the source learns nothing but success. */
  #drop({ batch, bytes }: Entry): void {
    this.#last.metrics.received(batch, bytes, 0);
    this.#last.metrics.discarded(batch, bytes, true);
    this.#faults.discarded(batch.count, 'The buffer is full.', true);
    finish(batch, 'delivered');
  }

  #oldest(): MemoryStage | undefined {
    if (this.#stages.length === 1) return this.#last.peek() ? this.#last : undefined;
    let oldest: MemoryStage | undefined;
    for (const stage of this.#stages) {
      const order = stage.peek()?.order;
      if (order !== undefined && (!oldest || order < oldest.peek()!.order)) oldest = stage;
    }
    return oldest;
  }

  #moveUp(): void {
    for (let first = this.#line.peek(); first; first = this.#line.peek()) {
      if (!this.#place(first.entry, this.#clock.monotonic() - first.sinceMs)) return;
      this.#line.shift();
      first.resolve?.();
    }
  }
}
