// The workers of a process: each runs segments on batches that the main thread gives it, a few at a time. One that ends
// by itself gives its batches back and is started again, up to a limit; the process goes on without it from then on.

import type { RawBatch, RawLayout } from '../../event/batch.ts';
import type { Clock, Timer } from '../../std/clock.ts';
import { isPlain } from '../../std/plain.ts';
import type { Logger } from '../../telemetry/log.ts';
import type { Registry } from '../../telemetry/registry.ts';
import { type Arena, Slot } from '../arena/arena.ts';
import type { LeafForm } from '../segment/leaf.ts';
import type { Outcome, SharedSegment } from './shared_segment.ts';
import { type NumberedLayout, type WorkerLimits, WorkerThread } from './worker_thread.ts';

/** Jobs of one worker at a time: it must not run dry while the main thread runs a segment itself. */
export const JOBS_PER_WORKER = 3;

/** A worker that has died so often within the time is not started again. */
const DEATHS_MAX = 5;
const DEATHS_WITHIN_MS = 60_000;
/** How long the first new start waits; each further one waits twice as long. */
const RESTART_MS = 100;

/**
 * Workers are started when the main thread did so much within a second that they could have done: an isolate that has
 * nothing to do takes 15 MiB all the same.
 */
const START_MS = 100;
const START_WITHIN_MS = 1_000;

/** Who runs one batch for so long is told of; it is not ended, since nobody knows whether it would be better elsewhere. */
const SLOW_MS = 30_000;
const LOOK_MS = 10_000;

export interface PoolOptions {
  /** Its threads but the main one are the workers. */
  readonly arena: Arena;
  /** The module that a worker runs; it calls `serve`. */
  readonly entry: URL;
  readonly limits?: WorkerLimits | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  /** Takes what workers measure of themselves. */
  readonly registry?: Registry | undefined;
}

interface Place {
  readonly number: number;
  thread: WorkerThread | undefined;
  /** When the worker of this place died lately. */
  deathsMs: number[];
  restart: Timer | undefined;
  toldSlow: boolean;
}

export class WorkerPool {
  /** Workers that it has when all is well. */
  readonly size: number;
  readonly #options: PoolOptions;
  readonly #places: Place[];
  readonly #segments = new Set<SharedSegment>();
  readonly #layouts = new WeakMap<RawLayout, NumberedLayout | 'not plain'>();
  #nextId = 1;
  #hasStarted = false;
  /** What the main thread did in place of workers since a time, in milliseconds. */
  readonly #missed = { ms: 0, sinceMs: Number.NEGATIVE_INFINITY };
  #watch: Timer | undefined;
  #isClosed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.size = options.arena.threads - 1;
    this.#places = Array.from({ length: this.size }, (_, index) => ({
      number: index + 1,
      thread: undefined,
      deathsMs: [],
      restart: undefined,
      toldSlow: false,
    }));
  }

  /** Makes a segment known to the workers, which build it meanwhile, when there are any yet. */
  share(name: string, recipe: unknown, forms: readonly LeafForm[]): SharedSegment {
    const segment: SharedSegment = { id: this.#nextId++, name, recipe, forms, refused: undefined };
    this.#segments.add(segment);
    for (const { thread } of this.#places) thread?.define(segment);
    return segment;
  }

  /** The main thread ran a batch for so long that a worker could have taken. With enough of that, workers are started. */
  missed(ms: number): void {
    if (this.#hasStarted) return;
    const now = this.#options.clock.monotonic();
    if (now - this.#missed.sinceMs > START_WITHIN_MS) {
      this.#missed.sinceMs = now;
      this.#missed.ms = 0;
    }
    this.#missed.ms += ms;
    if (this.#missed.ms >= START_MS) this.start();
  }

  /** Starts the workers, if they are not. */
  start(): void {
    if (this.#hasStarted || this.#isClosed) return;
    this.#hasStarted = true;
    for (const place of this.#places) this.#start(place);
    this.#look();
  }

  get hasStarted(): boolean {
    return this.#hasStarted;
  }

  /** Whether it is a batch that workers can take. */
  takes({ hold, layout }: RawBatch): boolean {
    return hold instanceof Slot && this.#layoutOf(layout) !== undefined;
  }

  /** It is not used any more; its jobs are over. */
  forget(segment: SharedSegment): void {
    this.#segments.delete(segment);
    for (const { thread } of this.#places) thread?.drop(segment);
  }

  /**
   * Gives a batch to the worker that has least to do. False when none takes it now. `onOutcome` is called later, never
   * within this call; until then the caller keeps its hold of the batch.
   */
  offer(segment: SharedSegment, batch: RawBatch, onOutcome: (outcome: Outcome) => void): boolean {
    const { hold } = batch;
    if (!(hold instanceof Slot)) return false;
    const thread = this.#freest(segment);
    const layout = thread && this.#layoutOf(batch.layout);
    if (!layout) return false;
    thread.run(segment, batch, hold, layout, onOutcome);
    return true;
  }

  /** Bytes of the heaps of all workers, as they last said. */
  get heapBytes(): number {
    return this.#places.reduce((bytes, { thread }) => bytes + (thread?.heapBytes ?? 0), 0);
  }

  /** Whether some worker has built this segment. */
  knows(segment: SharedSegment): boolean {
    return this.#places.some(({ thread }) => thread?.canRun(segment) ?? false);
  }

  /** Whether some worker would take a batch of this segment. */
  hasRoom(segment: SharedSegment): boolean {
    return this.#freest(segment) !== undefined;
  }

  /** Ends all workers. Batches that they still had are lost. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#watch?.cancel();
    for (const { restart } of this.#places) restart?.cancel();
    await Promise.all(this.#places.map(({ thread }) => thread?.close()));
  }

  #freest(segment: SharedSegment): WorkerThread | undefined {
    let best: WorkerThread | undefined;
    for (const { thread } of this.#places) {
      if (!thread?.canRun(segment) || thread.waiting >= JOBS_PER_WORKER) continue;
      if (!best || thread.waiting < best.waiting) best = thread;
    }
    return best;
  }

  #layoutOf(layout: RawLayout): NumberedLayout | undefined {
    let known = this.#layouts.get(layout);
    if (!known) {
      const { recipe } = layout;
      known = recipe !== undefined && isPlain(recipe) ? { id: this.#nextId++, recipe } : 'not plain';
      this.#layouts.set(layout, known);
    }
    return known === 'not plain' ? undefined : known;
  }

  #start(place: Place): void {
    const { arena, entry, limits = {}, clock, registry } = this.#options;
    place.restart = undefined;
    place.thread = new WorkerThread(place.number, {
      arena,
      entry,
      limits,
      registry,
      onExit: (reason) => this.#died(place, reason),
      onRefused: (segment, reason) => this.#refused(segment, reason),
      now: () => clock.monotonic(),
    });
    for (const segment of this.#segments) place.thread.define(segment);
  }

  #refused(segment: SharedSegment, reason: string): void {
    if (segment.refused === undefined)
      this.#options.log.debug('A segment runs on the main thread alone', { segment: segment.name, reason });
    segment.refused = reason;
  }

  #died(place: Place, reason: string): void {
    place.thread = undefined;
    if (this.#isClosed) return;
    const { clock, log } = this.#options;
    const now = clock.monotonic();
    place.deathsMs = [...place.deathsMs.filter((ms) => now - ms < DEATHS_WITHIN_MS), now];
    const deaths = place.deathsMs.length;
    if (deaths > DEATHS_MAX) {
      log.error('A worker ended too often: the process goes on without it', { worker: place.number, reason });
      return;
    }
    log.error('A worker ended unexpectedly and is started again', { worker: place.number, reason });
    place.restart = clock.after(RESTART_MS * 2 ** (deaths - 1), () => this.#start(place));
  }

  /** Looks from time to time whether a worker has been at one batch for long. */
  #look(): void {
    this.#watch = this.#options.clock.after(LOOK_MS, () => this.#look());
    for (const place of this.#places) {
      const busyMs = place.thread?.busyMs ?? 0;
      const isSlow = busyMs >= SLOW_MS;
      if (isSlow && !place.toldSlow)
        this.#options.log.error('A worker has been running one batch for very long', {
          worker: place.number,
          busy_secs: Math.round(busyMs / 1000),
        });
      place.toldSlow = isSlow;
    }
  }
}
