// The owners of memory that belong to no component, measured: V8's spaces, the arena, the C library. With what components
// say of themselves they tell where the resident memory is, each by a figure of its own:
//
//   runtime       resident memory when nothing runs yet, without the parts below; measured once, stays as it is
//   arena         pages of the arena that were touched
//   heap.young    V8's space for new objects
//   heap.free     pages that V8 has without objects in them, in use by no space or within one
//   heap.garbage  old objects that came since the last collection and that no owner claims
//   code          what V8 has compiled since
//   native        what the C library has taken since, without what owners claim of it
//   …             what components claim: state, buffers, requests

import v8 from 'node:v8';
import type { Clock } from '../std/clock.ts';
import { type Resident, residentMemory } from '../std/resident.ts';
import type { Ledger } from './ledger.ts';

/** Owners are asked one after the other: what they are told from is measured once. */
const FRESH_MS = 500;

export interface ProcessLedgerOptions {
  readonly ledger: Ledger;
  readonly clock: Pick<Clock, 'monotonic'>;
  /** Size of the memory of the arena, which has a mapping to itself. */
  readonly arenaBytes: number;
  /** Has V8 collect all garbage, so that the baseline has none. */
  readonly collect: () => void;
}

interface Heap {
  readonly youngBytes: number;
  /** Of old objects, garbage included. */
  readonly usedBytes: number;
  readonly pagesBytes: number;
  readonly codeBytes: number;
}

interface Measures extends Heap {
  readonly resident: Resident;
}

/** Measures the baseline and enters the owners. The result takes them out. */
export function enterProcess({ ledger, clock, arenaBytes, collect }: ProcessLedgerOptions): () => void {
  collect();
  const start = measure(arenaBytes);
  const runtimeBytes =
    start.resident.totalBytes - start.youngBytes - freeBytes(start, ledger) - start.resident.sharedBytes;
  const collection = { usedBytes: start.usedBytes, explainedBytes: explained(start) };
  let latest = start;
  let latestMs = clock.monotonic();

  function now(): Measures {
    if (clock.monotonic() - latestMs > FRESH_MS) {
      latest = measure(arenaBytes);
      latestMs = clock.monotonic();
    }
    return latest;
  }
  function explained(measures: Measures): number {
    return ledger.bytesIn('heap') + measures.codeBytes;
  }
  const unwatch = onCollection(() => {
    latestMs = Number.NEGATIVE_INFINITY;
    const measures = now();
    collection.usedBytes = measures.usedBytes;
    collection.explainedBytes = explained(measures);
  });
  const owners: Readonly<Record<string, () => number>> = {
    runtime: () => runtimeBytes,
    arena: () => now().resident.sharedBytes,
    'heap.young': () => now().youngBytes,
    'heap.free': () => freeBytes(now(), ledger),
    'heap.garbage': () => {
      const grown = now().usedBytes - collection.usedBytes;
      return grown - Math.max(0, explained(now()) - collection.explainedBytes);
    },
    code: () => now().codeBytes - start.codeBytes,
    native: () => now().resident.nativeBytes - start.resident.nativeBytes - ledger.bytesIn('native'),
  };
  const ends = Object.entries(owners).map(([owner, bytes]) => ledger.register({ owner, bytes }));
  return () => {
    unwatch();
    for (const end of ends) end();
  };
}

function freeBytes({ resident, usedBytes, youngBytes }: Measures, ledger: Ledger): number {
  return resident.managedBytes - youngBytes - usedBytes - ledger.bytesIn('pages');
}

function measure(arenaBytes: number): Measures {
  const heap = measureHeap();
  return { ...heap, resident: residentMemory(arenaBytes) ?? estimated(heap, arenaBytes) };
}

const YOUNG: readonly string[] = ['new_space', 'new_large_object_space'];

function measureHeap(): Heap {
  let youngBytes = 0;
  let usedBytes = 0;
  let pagesBytes = 0;
  for (const space of v8.getHeapSpaceStatistics()) {
    pagesBytes += space.physical_space_size;
    if (YOUNG.includes(space.space_name)) youngBytes += space.physical_space_size;
    else usedBytes += space.space_used_size;
  }
  const code = v8.getHeapCodeStatistics();
  return {
    youngBytes,
    usedBytes,
    pagesBytes,
    codeBytes: code.code_and_metadata_size + code.bytecode_and_metadata_size,
  };
}

/** Where the system does not tell of mappings: what V8 and Node know of themselves. */
function estimated({ pagesBytes }: Heap, arenaBytes: number): Resident {
  const { rss, external } = process.memoryUsage();
  return {
    totalBytes: rss,
    fileBytes: 0,
    managedBytes: pagesBytes,
    nativeBytes: Math.max(0, external - arenaBytes),
    sharedBytes: 0,
  };
}

/** Calls back after collections of old objects, which alone clear weak references. */
function onCollection(callback: () => void): () => void {
  let isOver = false;
  const finalizers = new FinalizationRegistry(() => {
    if (isOver) return;
    callback();
    watch();
  });
  function watch(): void {
    finalizers.register({}, undefined);
  }
  watch();
  return () => {
    isOver = true;
  };
}
