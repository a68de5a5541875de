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

/** How often it is looked whether garbage was collected, and how many such looks count. */
const SAMPLE_MS = 250;
const SEEN_MAX = 8;

export interface ProcessLedgerOptions {
  readonly ledger: Ledger;
  readonly clock: Clock;
  /** Size of the memory of the arena, which has a mapping to itself. */
  readonly arenaBytes: number;
  /** Has V8 collect all garbage, so that the baseline has none. */
  readonly collect: () => void;
}

interface Heap {
  readonly youngBytes: number;
  /** Of old objects, garbage included, without code. */
  readonly usedBytes: number;
  /** Of compiled code, machine code and bytecode. */
  readonly codeBytes: number;
  readonly pagesBytes: number;
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
  const live = new LiveBytes(unclaimedBytes(start, ledger));
  let latest = start;
  let latestMs = clock.monotonic();
  let timer = clock.after(SAMPLE_MS, sample);

  function sample(): void {
    timer = clock.after(SAMPLE_MS, sample);
    const heap = measureHeap();
    live.sample(heap.usedBytes, unclaimedBytes(heap, ledger));
  }
  function now(): Measures {
    if (clock.monotonic() - latestMs > FRESH_MS) {
      latest = measure(arenaBytes);
      latestMs = clock.monotonic();
    }
    return latest;
  }
  const owners: Readonly<Record<string, () => number>> = {
    runtime: () => runtimeBytes,
    arena: () => now().resident.sharedBytes,
    'heap.young': () => now().youngBytes,
    'heap.free': () => freeBytes(now(), ledger),
    'heap.garbage': () => unclaimedBytes(now(), ledger) - live.bytes,
    code: () => now().codeBytes - start.codeBytes,
    native: () => now().resident.nativeBytes - start.resident.nativeBytes - ledger.bytesIn('native'),
  };
  const ends = Object.entries(owners).map(([owner, bytes]) => ledger.register({ owner, bytes }));
  return () => {
    timer.cancel();
    for (const end of ends) end();
  };
}

/** Old objects, garbage included, that no owner claims. */
function unclaimedBytes({ usedBytes }: Heap, ledger: Ledger): number {
  return usedBytes - ledger.bytesIn('heap');
}

/**
 * What collections leave of what nobody claims. When one has been is seen by less being in use than before; at a time when
 * there are many a second, what comes right after one is in what is seen, so the least of the last few counts.
 */
class LiveBytes {
  readonly #seen: number[];
  #usedBytes = Number.POSITIVE_INFINITY;

  constructor(bytes: number) {
    this.#seen = [bytes];
  }

  get bytes(): number {
    return Math.min(...this.#seen);
  }

  sample(usedBytes: number, unclaimed: number): void {
    if (usedBytes < this.#usedBytes) {
      this.#seen.push(unclaimed);
      if (this.#seen.length > SEEN_MAX) this.#seen.shift();
    }
    this.#usedBytes = usedBytes;
  }
}

function freeBytes({ resident, usedBytes, youngBytes, codeBytes }: Measures, ledger: Ledger): number {
  return resident.managedBytes - youngBytes - usedBytes - codeBytes - ledger.bytesIn('pages');
}

function measure(arenaBytes: number): Measures {
  const heap = measureHeap();
  return { ...heap, resident: residentMemory(arenaBytes) ?? estimated(heap, arenaBytes) };
}

function measureHeap(): Heap {
  const heap = { youngBytes: 0, usedBytes: 0, codeBytes: 0, pagesBytes: 0 };
  for (const { space_name: name, physical_space_size: size, space_used_size: used } of v8.getHeapSpaceStatistics()) {
    heap.pagesBytes += size;
    if (name.startsWith('new_')) heap.youngBytes += size;
    else if (name.startsWith('code_') || name.startsWith('trusted_')) heap.codeBytes += used;
    else heap.usedBytes += used;
  }
  return heap;
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
