// One worker as the main thread sees it: what it knows, and the jobs that it has not answered yet.

import type { Worker } from 'node:worker_threads';
import type { RawBatch, RawLayout } from '../../event/batch.ts';
import { startOwnWorker } from '../../std/own_files.ts';
import { Queue } from '../../std/queue.ts';
import type { Registry } from '../../telemetry/registry.ts';
import type { Arena, Slot } from '../arena/arena.ts';
import { HeapHold } from '../arena/heap_hold.ts';
import type { Written } from '../segment/frame_writer.ts';
import { JSON_LAYOUT, type LeafForm, type LeafFrames, MESSAGE_LAYOUT } from '../segment/leaf.ts';
import type { LeafResult } from '../segment/segment.ts';
import {
  type Answer,
  type Done,
  LAYOUTS_MAX,
  type LeafAnswer,
  type Order,
  type WorkerData,
  type WrittenAnswer,
} from './messages.ts';
import type { Outcome, SharedSegment } from './shared_segment.ts';
import { admitWorker, type WorkerTelemetry } from './worker_telemetry.ts';

export interface WorkerLimits {
  readonly maxOldGenerationSizeMb?: number;
  readonly maxYoungGenerationSizeMb?: number;
}

export interface ThreadOptions {
  readonly arena: Arena;
  /** The module that a worker runs. */
  readonly entry: URL;
  readonly limits: WorkerLimits;
  /** Takes what the worker measures of itself. */
  readonly registry?: Registry | undefined;
  /** Called when it has ended, after its slots were reclaimed and before its jobs are given back. */
  readonly onExit: (reason: string) => void;
  /** It cannot build a segment. */
  readonly onRefused: (segment: SharedSegment, reason: string) => void;
  readonly now: () => number;
}

/** A layout with the number under which workers know it. */
export interface NumberedLayout {
  readonly id: number;
  readonly recipe: unknown;
}

interface Pending {
  readonly segment: SharedSegment;
  readonly layout: RawLayout;
  readonly onOutcome: (outcome: Outcome) => void;
}

/** How old what a worker said of its heap may be. */
const ASK_MS = 1_000;

const OUT_OF_MEMORY = 'ERR_WORKER_OUT_OF_MEMORY';

export class WorkerThread {
  readonly number: number;
  readonly #options: ThreadOptions;
  readonly #worker: Worker;
  readonly #telemetry: WorkerTelemetry | undefined;
  readonly #ended = Promise.withResolvers<void>();
  readonly #ready = new Set<SharedSegment>();
  readonly #layouts = new Set<number>();
  readonly #defining = new Map<number, SharedSegment>();
  readonly #jobs = new Queue<Pending>();
  #headSinceMs = 0;
  #heapBytes = 0;
  #askedMs = Number.NEGATIVE_INFINITY;
  #failure: unknown;
  #isOver = false;

  constructor(number: number, options: ThreadOptions) {
    this.number = number;
    this.#options = options;
    this.#telemetry = options.registry && admitWorker(options.registry, number);
    const workerData: WorkerData = { arena: options.arena.handle, thread: number, telemetry: this.#telemetry };
    this.#worker = startOwnWorker(options.entry, {
      name: `segments ${number}`,
      workerData,
      resourceLimits: options.limits,
      trackUnmanagedFds: false,
    });
    this.#worker.unref();
    this.#worker.on('message', (answer: Answer) => this.#take(answer));
    this.#worker.on('error', (error) => {
      this.#failure = error;
    });
    this.#worker.on('exit', (code) => this.#exited(code));
  }

  /** Jobs that it has not answered. */
  get waiting(): number {
    return this.#jobs.length;
  }

  /** For how long it has had the job that it runs. */
  get busyMs(): number {
    return this.#jobs.length === 0 ? 0 : this.#options.now() - this.#headSinceMs;
  }

  /** Bytes of its heap, all pages of it, as it said when it was last asked; asks again. */
  get heapBytes(): number {
    const nowMs = this.#options.now();
    if (!this.#isOver && nowMs - this.#askedMs >= ASK_MS) {
      this.#askedMs = nowMs;
      void this.#worker.getHeapStatistics().then(
        ({ total_physical_size: bytes }) => void (this.#heapBytes = bytes),
        // It ended meanwhile.
        () => {},
      );
    }
    return this.#isOver ? 0 : this.#heapBytes;
  }

  canRun(segment: SharedSegment): boolean {
    return !this.#isOver && this.#ready.has(segment);
  }

  define(segment: SharedSegment): void {
    this.#defining.set(segment.id, segment);
    this.#send({ kind: 'define', segment: segment.id, recipe: segment.recipe });
  }

  drop(segment: SharedSegment): void {
    const isThere = this.#ready.delete(segment) || this.#defining.delete(segment.id);
    if (isThere) this.#send({ kind: 'drop', segment: segment.id });
  }

  /** Gives it a batch, of which the caller keeps its hold until it hears what came of it. */
  run(
    segment: SharedSegment,
    batch: RawBatch,
    slot: Slot,
    layout: NumberedLayout,
    onOutcome: (outcome: Outcome) => void,
  ): void {
    if (!this.#layouts.has(layout.id)) this.#teach(layout);
    const { count, sizeBytes, delimiter, ingestedMs, streamOffset } = batch;
    this.#send({
      kind: 'job',
      segment: segment.id,
      layout: layout.id,
      slot: slot.index,
      frames: exactly(batch.frames, 2 * count),
      count,
      sizeBytes,
      delimiter,
      ingestedMs,
      streamOffset,
    });
    if (this.#jobs.length === 0) this.#headSinceMs = this.#options.now();
    this.#jobs.push({ segment, layout: batch.layout, onOutcome });
  }

  /** Ends it; what it was doing is lost. */
  async close(): Promise<void> {
    await this.#worker.terminate();
    await this.#ended.promise;
  }

  #teach({ id, recipe }: NumberedLayout): void {
    this.#layouts.add(id);
    if (this.#layouts.size > LAYOUTS_MAX) this.#layouts.delete(this.#layouts.values().next().value!);
    this.#send({ kind: 'layout', layout: id, recipe });
  }

  #send(order: Order): void {
    if (!this.#isOver) this.#worker.postMessage(order);
  }

  #take(answer: Answer): void {
    if (answer.kind === 'done') this.#done(answer);
    else if (answer.kind === 'defined') this.#defined(answer.segment, answer.refused);
  }

  #defined(id: number, refused: string | undefined): void {
    const segment = this.#defining.get(id);
    this.#defining.delete(id);
    if (!segment) return;
    if (refused === undefined) this.#ready.add(segment);
    else this.#options.onRefused(segment, refused);
  }

  #done({ failed, leaves, received, sent, notes, ms }: Done): void {
    const { segment, onOutcome } = this.#jobs.shift()!;
    this.#headSinceMs = this.#options.now();
    if (failed !== undefined) {
      onOutcome({ kind: 'failed', reason: failed, notes, ms });
      return;
    }
    const results = leaves.map((leaf, index) => this.#leafOf(leaf, segment.forms[index]!));
    onOutcome({ kind: 'run', result: { leaves: results, received, sent, holds: [] }, notes, ms });
  }

  #leafOf({ written, discarded, errors }: LeafAnswer, form: LeafForm): LeafResult {
    return {
      written: written.map((one) => this.#writtenOf(one, form)),
      events: [],
      discarded,
      made: undefined,
      errors: errors.map((message) => ({ message })),
    };
  }

  #writtenOf({ slot, bytes, frames: told, count, sizeBytes }: WrittenAnswer, form: LeafForm): Written {
    const hold = bytes
      ? new HeapHold(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
      : this.#options.arena.accept(slot, this.number, 'segments');
    const { buffer, byteOffset } = hold.bytes;
    const frames = typeof told === 'number' ? new Int32Array(buffer, byteOffset + told, 2 * count) : told;
    const { delimiter, form: name } = form as LeafFrames;
    return { hold, frames, count, sizeBytes, delimiter, layout: name === 'json' ? JSON_LAYOUT : MESSAGE_LAYOUT };
  }

  /** All of its messages have been read by now. */
  #exited(code: number): void {
    this.#isOver = true;
    this.#options.arena.reclaim(this.number);
    if (this.#telemetry) this.#options.registry?.dismiss(this.#telemetry.storage);
    const reason = this.#failure instanceof Error ? this.#failure.message : `it ended with code ${code}`;
    const isFatal = (this.#failure as { readonly code?: string } | undefined)?.code === OUT_OF_MEMORY;
    this.#options.onExit(reason);
    for (let isFirst = true, next = this.#jobs.shift(); next; next = this.#jobs.shift(), isFirst = false)
      next.onOutcome(isFirst && isFatal ? { kind: 'fatal', reason } : { kind: 'lost' });
    this.#ended.resolve();
  }
}

/** A table as it may be cloned: with nothing around it, and not in memory that threads share. */
function exactly(frames: Int32Array, length: number): Int32Array {
  const isAlone = frames.buffer instanceof ArrayBuffer && frames.byteLength === frames.buffer.byteLength;
  return isAlone && frames.length === length ? frames : new Int32Array(frames.subarray(0, length));
}
