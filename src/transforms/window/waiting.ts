// The last events, which may be wanted yet. Those of the batch at hand are the batch's own; what still waits when it is
// over is copied, so that its texts stand alone, and holds the batch.

import type { ComponentContext } from '../../component/context.ts';
import { stateEvictions } from '../../component/state_metrics.ts';
import { heapBytesOfEvents } from '../../event/batch.ts';
import type { LogEvent } from '../../event/event.ts';
import { sizeOfValue } from '../../event/event_size.ts';
import { Finalizer } from '../../event/finalizer.ts';
import { ownLog } from '../../event/own_event.ts';
import { Queue } from '../../std/queue.ts';
import type { Counter } from '../../telemetry/telemetry.ts';

/** Most bytes of all events that wait, as estimated. */
const WAITING_BYTES_MAX = 64 * 1024 * 1024;

export interface WaitingEvent {
  readonly event: LogEvent;
  /** The hold of its batch; undefined while that is at hand. */
  readonly hold: Finalizer | undefined;
  readonly sizeBytes: number;
  /** Whether it is safe in a file, so that its batch is not held any more. */
  readonly isSaved: boolean;
}

export class Waiting {
  readonly #eventsMax: number;
  readonly #bytesMax: number;
  readonly #evictions: Counter;
  /** Those with a hold come first. */
  #held = new Queue<WaitingEvent>();
  #fresh = new Queue<WaitingEvent>();
  #sizeBytes = 0;

  constructor(eventsMax: number, context: ComponentContext) {
    this.#eventsMax = eventsMax;
    this.#evictions = context.counter(stateEvictions);
    this.#bytesMax = Math.min(WAITING_BYTES_MAX, context.stateBytesMax);
    context.owns('state', { bytes: () => heapBytesOfEvents('log', this.#held.length, this.#sizeBytes) });
  }

  /** Adds an event of the batch at hand. Returns how many fall out for it. */
  push(event: LogEvent): number {
    if (this.#eventsMax === 0) return 1;
    this.#fresh.push({ event, hold: undefined, sizeBytes: 0, isSaved: false });
    return this.#held.length + this.#fresh.length > this.#eventsMax ? this.#dropOldest() : 0;
  }

  /** All that wait, oldest first; they wait no more, and their holds are the caller's. */
  *take(): Generator<WaitingEvent> {
    const [held, fresh] = [this.#held, this.#fresh];
    this.#held = new Queue();
    this.#fresh = new Queue();
    this.#sizeBytes = 0;
    yield* held;
    yield* fresh;
  }

  /** The batch is over. Returns how many fall out because all together are too large. */
  settle(finalizer: Finalizer): number {
    for (let next = this.#fresh.shift(); next; next = this.#fresh.shift()) {
      this.#hold(ownLog(next.event), finalizer.retain(), false);
    }
    let dropped = 0;
    while (this.#sizeBytes > this.#bytesMax) dropped += this.#dropOldest();
    if (dropped > 0) this.#evictions.add(dropped);
    return dropped;
  }

  /** The events that wait, oldest first; between batches. */
  get events(): readonly LogEvent[] {
    return [...this.#held].map(({ event }) => event);
  }

  /** All that wait are safe in a file: their batches are let go. */
  saved(): void {
    const held = this.#held;
    this.#held = new Queue();
    for (const waiting of held) {
      waiting.hold?.release();
      this.#held.push({ ...waiting, hold: new Finalizer(), isSaved: true });
    }
  }

  /** Puts events that were saved before those that wait. Returns how many fall out for want of room. */
  restore(events: readonly LogEvent[]): number {
    const held = this.#held;
    this.#held = new Queue();
    this.#sizeBytes = 0;
    for (const event of events) this.#hold(event, new Finalizer(), true);
    for (const { event, hold, isSaved } of held) this.#hold(event, hold!, isSaved);
    let dropped = 0;
    while (this.#held.length > this.#eventsMax || this.#sizeBytes > this.#bytesMax) dropped += this.#dropOldest();
    return dropped;
  }

  #hold(event: LogEvent, hold: Finalizer, isSaved: boolean): void {
    const sizeBytes = sizeOfValue(event.value) + sizeOfValue(event.metadata.value);
    this.#held.push({ event, hold, sizeBytes, isSaved });
    this.#sizeBytes += sizeBytes;
  }

  /** Nothing waits any more. Returns how many events that were. */
  clear(): number {
    let dropped = 0;
    while (this.#held.length + this.#fresh.length > 0) dropped += this.#dropOldest();
    return dropped;
  }

  #dropOldest(): number {
    const oldest = this.#held.shift() ?? this.#fresh.shift()!;
    oldest.hold?.release();
    this.#sizeBytes -= oldest.sizeBytes;
    return 1;
  }
}
