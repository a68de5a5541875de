// What the main thread and a worker say to each other. Bytes of batches are in slots that both see, and so are tables of
// frames that workers made; tables of sources are copied, which costs microseconds. Orders are carried out, and jobs answered, in the order in which they were sent.
//
//   main                                        worker
//     │  define: a segment, by its recipe          │
//     ├───────────────────────────────────────────►│  builds it
//     │                        defined, or refused │
//     │◄───────────────────────────────────────────┤
//     │  layout: how frames become events          │
//     ├───────────────────────────────────────────►│
//     │  job: slot and frames, held by main        │
//     ├───────────────────────────────────────────►│  runs it, writes to slots of its own
//     │         done: slots handed over, counts    │
//     │◄───────────────────────────────────────────┤
//     │  drop: the segment                         │
//     ├───────────────────────────────────────────►│

import type { ArenaHandle } from '../arena/arena.ts';
import type { Notes } from './notes.ts';
import type { WorkerTelemetry } from './worker_telemetry.ts';

/** What a worker is started with. */
export interface WorkerData {
  readonly arena: ArenaHandle;
  readonly thread: number;
  readonly telemetry?: WorkerTelemetry | undefined;
}

export interface Job {
  readonly kind: 'job';
  readonly segment: number;
  readonly layout: number;
  readonly slot: number;
  readonly frames: Int32Array;
  readonly count: number;
  readonly sizeBytes: number;
  readonly delimiter: number;
  readonly ingestedMs: number;
  readonly streamOffset: number;
}

export type Order =
  | { readonly kind: 'define'; readonly segment: number; readonly recipe: unknown }
  | { readonly kind: 'drop'; readonly segment: number }
  | { readonly kind: 'layout'; readonly layout: number; readonly recipe: unknown }
  | Job;

/** Layouts that a worker keeps; the one that came first makes room for the next, on both sides. */
export const LAYOUTS_MAX = 256;

/** Frames in a slot that was handed over, or in bytes that found no slot. */
export interface WrittenAnswer {
  readonly slot: number;
  readonly bytes: Uint8Array | undefined;
  /** The table, or where in the slot it is. */
  readonly frames: Int32Array | number;
  readonly count: number;
  readonly sizeBytes: number;
}

export interface LeafAnswer {
  readonly written: readonly WrittenAnswer[];
  readonly discarded: number;
  readonly errors: readonly string[];
}

export interface Done {
  readonly kind: 'done';
  /** Why the segment failed on the batch; then the rest is empty. */
  readonly failed: string | undefined;
  readonly leaves: readonly LeafAnswer[];
  readonly received: readonly number[];
  readonly sent: readonly (readonly number[])[];
  readonly notes: Notes | undefined;
  /** How long it took. */
  readonly ms: number;
}

export type Answer =
  /** It listens. */
  | { readonly kind: 'started' }
  /** It has built a segment, or says why not. */
  | { readonly kind: 'defined'; readonly segment: number; readonly refused: string | undefined }
  | Done;
