// The memory of the whole process, divided before anything is allocated.
//
//   memory = runtime + workers × worker + arena + heap
//
//   runtime   Node itself and our code, the same for everybody
//   worker    an isolate of V8 with the code of the segments
//   arena     bytes in flight; the slots are a bound, and untouched ones cost nothing
//   heap      events, requests, state, tables: what is left
//
// The arena cannot outgrow its part, and workers have limits of V8. The heap of the main thread can only be watched:
// its limit is fixed before our code runs. So when the process comes near its budget, sources read less.

import { SLOT_BYTES } from './arena/memory_map.ts';
import { THREADS_MAX } from './arena/slot_protocol.ts';

const MEBIBYTE = 1_048_576;

/** The budget where none is given, for one thread. */
const DEFAULT_BYTES = 128 * MEBIBYTE;
const RUNTIME_BYTES = 72 * MEBIBYTE;
const WORKER_BYTES = 24 * MEBIBYTE;
const HEAP_BYTES_MIN = 16 * MEBIBYTE;
/** State has a part of the heap: the rest is what comes and goes, and the room that a collector needs. */
const STATE_PART = 0.4;
const STATE_BYTES_MIN = 8 * MEBIBYTE;
/** Old space of a worker. Segments keep nothing, so more is needed only for tables and for very large events. */
const WORKER_HEAP_BYTES_MIN = 32 * MEBIBYTE;

/** What there must be beside the memory at rest, for reading less and collecting earlier to help at all. */
const ROOM_BYTES = 32 * MEBIBYTE;

/** The main thread takes part in the arena as well. */
export const WORKERS_MAX = THREADS_MAX - 1;

const SLOTS_MIN = 16;
const SLOTS_MAX = 1_024;
/** Slots that a source may need to keep reading while others hold theirs. */
const SLOTS_PER_SOURCE = 8;
const SLOTS_PER_SOURCE_MIN = 2;
/** Very many sources share: hardly all of them are busy at a time. */
const SLOTS_LEAST_MAX = 256;

export interface BudgetRequest {
  /** The whole process; undefined for the default. */
  readonly memoryBytes: number | undefined;
  /** As many as asked for; undefined for as many as there are cores and the budget allows. */
  readonly threads: number | undefined;
  readonly cores: number;
  readonly sources: number;
}

export interface Budget {
  readonly memoryBytes: number;
  /** Whether somebody asked for it. */
  readonly isGiven: boolean;
  /** Threads that run segments; with one it is the main thread. */
  readonly threads: number;
  /** Threads beside the main one. */
  readonly workers: number;
  readonly slots: number;
  /** Of these, the slots that sources may not take. */
  readonly reservedSlots: number;
  /** Most bytes of all that components remember between batches. */
  readonly stateBytes: number;
  /** The part of all workers: theirs alone, though they start when there is work for them. */
  readonly workerBytes: number;
  /** Limits of V8 for a worker, as `new Worker` takes them. */
  readonly workerLimits: { readonly maxOldGenerationSizeMb: number; readonly maxYoungGenerationSizeMb: number };
}

/** The main thread is one of them. */
function workersOf(threads: number): number {
  return Math.min(WORKERS_MAX, threads - 1);
}

/** The least that a process with so many sources and threads needs. */
export function leastMemoryBytes({ sources, threads = 1 }: Pick<BudgetRequest, 'sources' | 'threads'>): number {
  return fixedBytes(threads) + HEAP_BYTES_MIN + slotsMin(sources) * SLOT_BYTES;
}

/** What is not divided: it is there whatever the budget. */
function fixedBytes(threads: number): number {
  return RUNTIME_BYTES + workersOf(threads) * WORKER_BYTES;
}

function slotsMin(sources: number): number {
  return Math.min(SLOTS_LEAST_MAX, Math.max(SLOTS_MIN, sources * SLOTS_PER_SOURCE_MIN));
}

/** Divides the budget. When it is less than `leastMemoryBytes`, the parts are the least that work. */
export function divideMemory({ memoryBytes, threads: wanted, cores, sources }: BudgetRequest): Budget {
  const threads = Math.min(wanted ?? threadsWithin(memoryBytes, cores, sources), THREADS_MAX);
  const workers = workersOf(threads);
  const budget = memoryBytes ?? defaultMemoryBytes({ sources, threads });
  const spare = Math.max(0, budget - fixedBytes(threads));
  // A quarter is plenty for sources and sinks of usual speed; many sources need more, and get up to a half.
  const most = Math.floor(spare / 2 / SLOT_BYTES);
  const slots = Math.max(Math.floor(spare / 4 / SLOT_BYTES), Math.min(most, sources * SLOTS_PER_SOURCE));
  const bounded = Math.min(SLOTS_MAX, Math.max(slotsMin(sources), slots));
  const heapBytes = spare - bounded * SLOT_BYTES;
  const workerHeap = Math.max(WORKER_HEAP_BYTES_MIN, heapBytes / (workers + 1));
  return {
    memoryBytes: budget,
    isGiven: memoryBytes !== undefined,
    threads,
    workers,
    slots: bounded,
    reservedSlots: Math.floor(bounded / 4),
    stateBytes: Math.max(STATE_BYTES_MIN, Math.floor(heapBytes * STATE_PART)),
    workerBytes: workers * WORKER_BYTES,
    workerLimits: { maxOldGenerationSizeMb: Math.floor(workerHeap / MEBIBYTE), maxYoungGenerationSizeMb: 4 },
  };
}

/** More for more threads, and for more sources than the usual arena is enough for. */
export function defaultMemoryBytes({ sources, threads = 1 }: Pick<BudgetRequest, 'sources' | 'threads'>): number {
  const wanted =
    fixedBytes(threads) + HEAP_BYTES_MIN + 2 * Math.min(SLOTS_MAX, sources * SLOTS_PER_SOURCE) * SLOT_BYTES;
  return Math.max(DEFAULT_BYTES + workersOf(threads) * WORKER_BYTES, wanted);
}

/** The budget, or what can be kept where less than that is taken already before anything was read. */
export function reachableBytes({ memoryBytes }: Pick<Budget, 'memoryBytes'>, restBytes: number): number {
  return Math.max(memoryBytes, restBytes + ROOM_BYTES);
}

/** As many threads as cores, or as many as a given budget allows. */
function threadsWithin(memoryBytes: number | undefined, cores: number, sources: number): number {
  if (memoryBytes === undefined) return cores;
  let threads = cores;
  while (threads > 1 && leastMemoryBytes({ sources, threads }) > memoryBytes) threads -= 1;
  return threads;
}
