// Events that are held back, in the order in which they came and are due.
//
//   add ─► room? ─┬─ yes ─► queue ─► due ─► emit
//                 └─ no ──► block: waits in front of the queue │ drop_newest │ forward
//
// Events in it are copies whose texts stand alone, and hold their batch.

import type { TransformContext } from '../../component/context.ts';
import type { Emit } from '../../component/define.ts';
import type { Keeps, StateKeeper } from '../../component/state/state_keeper.ts';
import { decodedBatch, heapBytesOfEvents } from '../../event/batch.ts';
import type { Event, EventType, LogEvent } from '../../event/event.ts';
import { sizeOfMetrics, sizeOfValue } from '../../event/event_size.ts';
import { Finalizer } from '../../event/finalizer.ts';
import { mergedFinalizer } from '../../event/merged_finalizer.ts';
import type { MetricEvent } from '../../event/metric.ts';
import { ownEvent } from '../../event/own_event.ts';
import type { Timer } from '../../std/clock.ts';
import { Queue } from '../../std/queue.ts';

export interface DelayOptions {
  readonly delay_ms: number;
  readonly queue_capacity: number;
  readonly overflow_strategy: 'block' | 'drop_newest' | 'forward';
}

/** The queue is full with this, however few events it is. Estimated. */
const QUEUE_BYTES_MAX = 64 * 1024 * 1024;

const FULL = 'The queue is full.';

interface Delayed {
  readonly type: EventType;
  readonly event: Event;
  readonly hold: Finalizer;
  readonly sizeBytes: number;
  readonly dueMs: number;
  /** Whether it is safe in a file, so that its batch is not held any more. */
  readonly isSaved: boolean;
}

/** An event as it is saved. */
interface SavedEvent {
  readonly type: EventType;
  readonly event: Event;
  readonly waitMs: number;
}

/** Events of a batch for which there was no room yet. */
interface Blocked {
  readonly type: EventType;
  readonly events: readonly Event[];
  /** A hold of its own. */
  readonly hold: Finalizer;
  /** How many of them have found room. */
  taken: number;
  readonly done: () => void;
}

export class DelayQueue implements Keeps {
  keeper: StateKeeper | undefined;
  readonly #options: DelayOptions;
  readonly #context: TransformContext;
  #queue = new Queue<Delayed>();
  readonly #bytesMax: number;
  #sizeBytes = 0;
  #blocked: Blocked | undefined;
  #timer: Timer | undefined;
  #emit: Emit | undefined;
  /** What was emitted has not been taken yet. */
  #isWaiting = false;

  constructor(options: DelayOptions, context: TransformContext) {
    this.#options = options;
    this.#context = context;
    this.#bytesMax = Math.min(QUEUE_BYTES_MAX, context.stateBytesMax);
    context.owns('state', { bytes: () => heapBytesOfEvents('log', this.#queue.length, this.#sizeBytes) });
  }

  start(emit: Emit): void {
    this.#emit = emit;
    this.keeper?.start(emit);
    this.#setTimer();
  }

  save(nowMs: number): unknown {
    const queued = [...this.#queue].map(
      ({ type, event, dueMs }): SavedEvent => ({ type, event, waitMs: dueMs - nowMs }),
    );
    return { queued };
  }

  restore(saved: unknown, nowMs: number, awayMs: number): void {
    const { queued } = saved as { readonly queued: readonly SavedEvent[] };
    const own = this.#queue;
    this.#queue = new Queue();
    for (const { type, event, waitMs } of queued) {
      const sizeBytes = sizeOf(type, event);
      this.#queue.push({
        type,
        event,
        hold: new Finalizer(),
        sizeBytes,
        dueMs: nowMs + waitMs - awayMs,
        isSaved: true,
      });
      this.#sizeBytes += sizeBytes;
    }
    for (const delayed of own) this.#queue.push(delayed);
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#setTimer();
  }

  onSaved(): void {
    const queue = this.#queue;
    this.#queue = new Queue();
    for (const delayed of queue) {
      delayed.hold.release();
      this.#queue.push({ ...delayed, hold: new Finalizer(), isSaved: true });
    }
  }

  /** Takes events of a batch, not its hold. A promise is backpressure: no more is to be added before. */
  add(type: EventType, events: readonly Event[], finalizer: Finalizer): Promise<void> | undefined {
    const added = this.#blocked ? 0 : this.#admit(type, events, 0, finalizer);
    this.#setTimer();
    if (added === events.length) return undefined;
    const rest = added === 0 ? events : events.slice(added);
    if (this.#options.overflow_strategy === 'forward') this.#emit?.(decodedBatch(type, rest, finalizer.retain()));
    else if (this.#options.overflow_strategy === 'drop_newest') this.#context.faults.discarded(rest.length, FULL, true);
    else if (this.#blocked) this.#refuse(rest.length, finalizer);
    else return this.#block(type, rest, finalizer);
    return undefined;
  }

  /** The input is over: all goes on at once, unless it is kept for the next start. */
  end(emit: Emit): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const blocked = this.#blocked;
    if (!this.keeper?.end()) this.#send(emit, Number.POSITIVE_INFINITY);
    if (!blocked) return;
    this.#blocked = undefined;
    emit(decodedBatch(blocked.type, blocked.events.slice(blocked.taken), blocked.hold));
    blocked.done();
  }

  /** Adds events from one on, as far as there is room. Returns up to which. */
  #admit(type: EventType, events: readonly Event[], from: number, finalizer: Finalizer): number {
    const dueMs = this.#context.clock.monotonic() + this.#options.delay_ms;
    let next = from;
    for (; next < events.length && this.#hasRoom; next++) {
      const event = ownEvent(type, events[next]!);
      const sizeBytes = sizeOf(type, event);
      this.#queue.push({ type, event, hold: finalizer.retain(), sizeBytes, dueMs, isSaved: false });
      this.#sizeBytes += sizeBytes;
    }
    return next;
  }

  get #hasRoom(): boolean {
    return this.#queue.length < this.#options.queue_capacity && this.#sizeBytes < this.#bytesMax;
  }

  #block(type: EventType, events: readonly Event[], finalizer: Finalizer): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#blocked = { type, events, hold: finalizer.retain(), taken: 0, done: resolve };
    return promise;
  }

  /** Somebody did not wait: nothing is without bound for that. */
  #refuse(events: number, finalizer: Finalizer): void {
    this.#context.faults.discarded(events, FULL, false);
    finalizer.update('errored');
  }

  /** Lets in what is blocked, as far as there is room. */
  #unblock(): void {
    const blocked = this.#blocked;
    if (!blocked) return;
    blocked.taken = this.#admit(blocked.type, blocked.events, blocked.taken, blocked.hold);
    if (blocked.taken < blocked.events.length) return;
    this.#blocked = undefined;
    blocked.hold.release();
    blocked.done();
  }

  #holdOf({ type, event, hold, isSaved }: Delayed): Finalizer {
    return isSaved && this.keeper ? this.keeper.depart(type, [event], hold) : hold;
  }

  #setTimer(): void {
    const next = this.#queue.peek();
    if (!next || this.#timer || this.#isWaiting) return;
    const waitMs = Math.max(next.dueMs - this.#context.clock.monotonic(), 0);
    this.#timer = this.#context.clock.after(waitMs, () => {
      this.#timer = undefined;
      this.#flush();
    });
  }

  #flush(): void {
    const waits = this.#send(this.#emit!, this.#context.clock.monotonic());
    this.#unblock();
    if (waits.length === 0) {
      this.#setTimer();
      return;
    }
    this.#isWaiting = true;
    void Promise.all(waits).then(() => {
      this.#isWaiting = false;
      this.#setTimer();
    });
  }

  /** Emits what is due, in one batch for each type. Returns what to wait for before more is emitted. */
  #send(emit: Emit, nowMs: number): Promise<void>[] {
    const due = new Map<EventType, Delayed[]>();
    for (let next = this.#queue.peek(); next && next.dueMs <= nowMs; next = this.#queue.peek()) {
      this.#queue.shift();
      this.#sizeBytes -= next.sizeBytes;
      const list = due.get(next.type);
      if (list) list.push(next);
      else due.set(next.type, [next]);
    }
    const waits: unknown[] = [...due].map(([type, list]) =>
      emit(
        decodedBatch(
          type,
          list.map(({ event }) => event),
          mergedFinalizer(list.map((delayed) => this.#holdOf(delayed))),
        ),
      ),
    );
    return waits.filter((wait): wait is Promise<void> => wait instanceof Promise);
  }
}

function sizeOf(type: EventType, event: Event): number {
  return type === 'metric' ? sizeOfMetrics([event as MetricEvent]) : sizeOfValue((event as LogEvent).value);
}
