// The owners of memory that belong to no component, measured: V8's spaces, the arena, the C library. With what components
// say of themselves they tell where the resident memory is, each by a figure of its own:
//
//   runtime       resident memory when nothing runs yet, without the parts below; measured once, stays as it is
//   components    by how many bytes live objects grew while the graph was built, without what owners claim of it;
//                 measured when it stands, stays as it is until the next graph
//   arena         pages of the arena that were touched
//   heap.young    V8's space for new objects
//   heap.free     pages that V8 has without objects in them, in use by no space or within one
//   heap.garbage  by how many bytes old objects are more than collections left, without what owners say they took of it
//   code          what V8 has compiled since
//   native        what the C library has taken since, without what owners claim of it
//   …             what components claim: state, buffers, requests, connections, programs
//
// Live objects of V8 that came later and that nobody claims are in none of these: where they grow, the sum falls behind.

import { constants, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks';
import v8 from 'node:v8';
import type { Clock } from '../std/clock.ts';
import { type Resident, residentMemory } from '../std/resident.ts';
import type { Ledger } from './ledger.ts';

/** Owners are asked one after the other: what they are told from is measured once. */
const FRESH_MS = 500;

/**
 * Collections of which the one that left least says what is alive. V8 tells of one some milliseconds after it: an owner
 * that lets go of much in between claims nothing of what was alive, so all of that would count as alive and unclaimed.
 * Seen in attacks: a sum that was 17 to 23 % short, for the time until the next collection.
 */
const COLLECTIONS_SEEN = 3;

export interface ProcessLedgerOptions {
  readonly ledger: Ledger;
  readonly clock: Clock;
  /** Size of the memory of the arena, which has a mapping to itself. */
  readonly arenaBytes: number;
  /** Has V8 collect all garbage, so that the baseline has none. */
  readonly collect: () => void;
  /** Calls back when old objects were collected, until the result is called; V8's own word unless given. */
  readonly onCollected?: (call: () => void) => () => void;
}

export interface ProcessAccount {
  /** Resident memory at the time of which the owners tell. */
  residentBytes(): number;
  /** The graph stands, or another one does: what was built for it is measured. Collects all garbage. */
  built(): void;
  /** Takes the owners out. */
  end(): void;
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

/** Measures the baseline and enters the owners. */
export function enterProcess({
  ledger,
  clock,
  arenaBytes,
  collect,
  onCollected = observeCollections,
}: ProcessLedgerOptions): ProcessAccount {
  collect();
  const start = measure(arenaBytes);
  const runtimeBytes =
    start.resident.totalBytes - start.youngBytes - freeBytes(start, ledger) - start.resident.sharedBytes;
  const startBytes = unclaimedBytes(start, ledger);
  let left = [startBytes];
  let builtBytes = 0;
  let latest = start;
  let latestMs = clock.monotonic();
  const collected = (): void => {
    left = [...left.slice(1 - COLLECTIONS_SEEN), unclaimedBytes(measureHeap(), ledger)];
  };
  const unobserve = onCollected(collected);

  function now(): Measures {
    if (clock.monotonic() - latestMs > FRESH_MS) {
      latest = measure(arenaBytes);
      latestMs = clock.monotonic();
    }
    return latest;
  }
  const owners: Readonly<Record<string, () => number>> = {
    runtime: () => runtimeBytes,
    components: () => builtBytes,
    arena: () => now().resident.sharedBytes,
    'heap.young': () => now().youngBytes,
    'heap.free': () => freeBytes(now(), ledger),
    'heap.garbage': () => unclaimedBytes(now(), ledger) - Math.min(...left),
    code: () => now().codeBytes - start.codeBytes,
    native: () => now().resident.nativeBytes - start.resident.nativeBytes - ledger.bytesIn('native'),
  };
  const ends = Object.entries(owners).map(([owner, bytes]) => ledger.register({ owner, bytes }));
  return {
    residentBytes: () => now().resident.totalBytes,
    built() {
      collect();
      left = [unclaimedBytes(measureHeap(), ledger)];
      builtBytes = left[0]! - startBytes;
    },
    end() {
      unobserve();
      for (const end of ends) end();
    },
  };
}

/** Old objects, garbage included, that no owner claims. */
function unclaimedBytes({ usedBytes }: Heap, ledger: Ledger): number {
  return usedBytes - ledger.bytesIn('heap');
}

/** V8 tells of a collection when the code that runs during it has ended: what that allocates comes with it. */
function observeCollections(call: () => void): () => void {
  const observer = new PerformanceObserver((list) => {
    if (list.getEntries().some((entry) => kindOf(entry) === constants.NODE_PERFORMANCE_GC_MAJOR)) call();
  });
  observer.observe({ entryTypes: ['gc'] });
  return () => observer.disconnect();
}

function kindOf(entry: PerformanceEntry): number | undefined {
  return (entry as { readonly detail?: { readonly kind?: number } }).detail?.kind;
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
