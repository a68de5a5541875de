// A worker: builds the segments it is told to, and runs them on batches in slots of the main thread.

import type { MessagePort } from 'node:worker_threads';
import type { ByteHold, RawBatch, RawLayout } from '../../event/batch.ts';
import { Finalizer } from '../../event/finalizer.ts';
import { assert } from '../../std/assert.ts';
import type { Arena, Slot } from '../arena/arena.ts';
import { HeapHold } from '../arena/heap_hold.ts';
import { OutputSlots, type Written } from '../segment/frame_writer.ts';
import { type Branch, Segment, type SegmentResult } from '../segment/segment.ts';
import { type Answer, type Done, type Job, LAYOUTS_MAX, type LeafAnswer, type Order } from './messages.ts';
import type { Notebook } from './notes.ts';
import { recordBatches, type WorkerTelemetry } from './worker_telemetry.ts';

/** What a worker makes of recipes. */
export interface Workshop {
  /** Rejects with the reason when the segment is for the main thread alone. */
  segment(recipe: unknown): Promise<{ readonly root: Branch; readonly notebook: Notebook }>;
  layout(recipe: unknown): RawLayout;
}

/** Does what comes through `port` until the thread ends. */
export function serve(port: MessagePort, arena: Arena, workshop: Workshop, telemetry?: WorkerTelemetry): void {
  const server = new Server(arena, workshop, recordBatches(telemetry), (answer) => port.postMessage(answer));
  port.on('message', (order: Order) => server.take(order));
  port.postMessage({ kind: 'started' } satisfies Answer);
}

interface Served {
  readonly segment: Segment;
  readonly notebook: Notebook;
}

class Server {
  readonly #arena: Arena;
  readonly #workshop: Workshop;
  readonly #took: (ms: number) => void;
  readonly #answer: (answer: Answer) => void;
  readonly #slots: OutputSlots;
  readonly #segments = new Map<number, Served>();
  /** Those that were dropped while they were built. */
  readonly #unwanted = new Set<number>();
  readonly #layouts = new Map<number, RawLayout>();

  constructor(arena: Arena, workshop: Workshop, took: (ms: number) => void, answer: (answer: Answer) => void) {
    this.#took = took;
    this.#arena = arena;
    this.#workshop = workshop;
    this.#answer = answer;
    this.#slots = new OutputSlots(arena);
  }

  take(order: Order): void {
    switch (order.kind) {
      case 'job':
        this.#answer(this.#run(order));
        return;
      case 'layout':
        this.#learn(order.layout, order.recipe);
        return;
      case 'define':
        void this.#define(order.segment, order.recipe);
        return;
      case 'drop':
        this.#drop(order.segment);
    }
  }

  async #define(id: number, recipe: unknown): Promise<void> {
    let refused: string | undefined;
    try {
      const { root, notebook } = await this.#workshop.segment(recipe);
      if (this.#unwanted.delete(id)) return;
      const tools = { kernels: this.#arena.kernels, memory: this.#arena.bytes, slots: this.#slots };
      this.#segments.set(id, { segment: new Segment(root, tools), notebook });
    } catch (error) {
      refused = messageOf(error);
      this.#unwanted.delete(id);
    }
    this.#answer({ kind: 'defined', segment: id, refused });
  }

  #drop(id: number): void {
    const served = this.#segments.get(id);
    if (!served) {
      this.#unwanted.add(id);
      return;
    }
    served.segment.close();
    this.#segments.delete(id);
    // The slot that is kept for the next batch would wait for ever.
    if (this.#segments.size === 0) this.#slots.close();
  }

  #learn(id: number, recipe: unknown): void {
    this.#layouts.set(id, this.#workshop.layout(recipe));
    if (this.#layouts.size > LAYOUTS_MAX) this.#layouts.delete(this.#layouts.keys().next().value!);
  }

  #run(job: Job): Done {
    const { segment, notebook } = this.#segments.get(job.segment)!;
    const startMs = performance.now();
    let result: SegmentResult | undefined;
    let failed: string | undefined;
    try {
      result = segment.run(this.#batchOf(job));
    } catch (error) {
      segment.reset();
      failed = messageOf(error);
    }
    const leaves = result ? this.#handOver(result) : [];
    const ms = performance.now() - startMs;
    this.#took(ms);
    return {
      kind: 'done',
      failed,
      leaves,
      received: result?.received ?? [],
      sent: result?.sent ?? [],
      notes: notebook.take(),
      ms,
    };
  }

  #batchOf({ slot, layout, ...job }: Job): RawBatch {
    const known = this.#layouts.get(layout);
    assert(known, 'a worker is told of a layout before its first batch');
    const hold = new LentSlot(this.#arena.slot(slot).bytes);
    return { ...job, kind: 'raw', type: 'log', hold, layout: known, finalizer: new Finalizer() };
  }

  #handOver({ leaves }: SegmentResult): LeafAnswer[] {
    return leaves.map(({ written, discarded, errors }) => ({
      written: written.map((one) => this.#handOverOne(one)),
      discarded,
      errors: errors.map(({ message }) => message),
    }));
  }

  #handOverOne({ hold, frames, count, sizeBytes }: Written): LeafAnswer['written'][number] {
    // A copy: these bytes may lie in a block with others, and a clone of them would be one of the whole block.
    if (hold instanceof HeapHold) return { slot: -1, bytes: new Uint8Array(hold.bytes), frames, count, sizeBytes };
    const { index, offset } = hold as Slot;
    this.#arena.handOver(index);
    const isInSlot = frames.buffer === this.#arena.memory.buffer;
    return { slot: index, bytes: undefined, frames: isInSlot ? frames.byteOffset - offset : frames, count, sizeBytes };
  }
}

/** Bytes that the main thread holds until it has its answer. */
class LentSlot implements ByteHold {
  readonly bytes: Buffer;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  retain(): void {}

  release(): void {}
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
