// Which code allocates, from V8's sampling profiler: bytes that are alive, and bytes allocated in total.
//
// The profiler can keep the samples of collected objects, but then it keeps all of them for ever: its memory grows with
// the work done, 10 MB for each GB allocated. So it is run without, where it holds what is alive and nothing else, and
// the rest is found by reading often. Samples are numbered in the order of allocation; between two collections none is
// removed, so those with the last numbers, up to the first gap, are all that was allocated lately, alive or not. They
// stand for everything since the reading before, whose count the numbers tell:
//
//   number   1 2 . . 5 . . . 9 . . . . . 15 16 17 18 19      (. was collected)
//   before ────────────────┘             └──── last ──┘      5 samples speak for the 10 since
//
// Measured against a run that keeps everything: the shares of sites agree within the noise of either, at 1 ms a reading.
// Readings must not collect garbage, which the inspector's own start makes them do: so V8's is used to start.

import { Session } from 'node:inspector';
import v8 from 'node:v8';
import { type Frame, siteName } from './names.ts';

/** Bytes between two samples, on average. */
const SAMPLE_BYTES = 32_768;
const STACK_DEPTH = 24;
/** Sites beyond these are counted as one. */
const SITES_MAX = 2_000;
const REST = 'other sites';
/** The functions of this file, whatever file they are in by now. */
const OWN = /^(takeReading|takeLive|readHeapProfile) /;

/** A place in the code that allocates, as in `function (file:line)`. */
export interface Site {
  readonly name: string;
  /** Who called it, nearest first. */
  readonly callers: readonly string[];
  /** Alive after a collection, of what was allocated since the profile began. */
  readonly liveBytes: number;
  /** Allocated since then: an estimate. */
  readonly totalBytes: number;
}

interface ProfileNode {
  readonly id: number;
  readonly callFrame: Frame;
  readonly selfSize: number;
  readonly children: readonly ProfileNode[];
}

/** What the profiler gives; `samples` in any order. */
export interface HeapProfile {
  readonly head: ProfileNode;
  readonly samples: readonly { readonly size: number; readonly nodeId: number; readonly ordinal: number }[];
}

interface Counted {
  readonly callers: readonly string[];
  live: number;
  total: number;
}

/** Adds up what readings of the profiler say. */
export class AllocationTotals {
  readonly #sites = new Map<string, Counted>();
  #lastOrdinal = 0;

  /** Takes a reading: what was allocated since the last one. */
  takeReading(profile: HeapProfile): void {
    const samples = [...profile.samples].sort((a, b) => b.ordinal - a.ordinal);
    const newest = samples[0]?.ordinal ?? this.#lastOrdinal;
    const since = newest - this.#lastOrdinal;
    let run = 0;
    while (run < since && samples[run]?.ordinal === newest - run) run += 1;
    this.#lastOrdinal = newest;
    if (run === 0) return;
    const stacks = stacksOf(profile.head);
    for (const { nodeId, size } of samples.slice(0, run)) {
      const site = this.#site(stacks.get(nodeId) ?? []);
      if (site) site.total += (size * since) / run;
    }
  }

  /** Takes what is alive, from a reading right after a collection, in place of what was. */
  takeLive(profile: HeapProfile): void {
    for (const site of this.#sites.values()) site.live = 0;
    const stacks = stacksOf(profile.head);
    for (const { nodeId, size } of profile.samples) {
      const site = this.#site(stacks.get(nodeId) ?? []);
      if (site) site.live += size;
    }
  }

  /** Those with the most alive first. A site has allocated no less than what it has alive. */
  sites(): Site[] {
    return [...this.#sites]
      .map(([key, { callers, live, total }]) => ({
        name: key.split('\n', 1)[0]!,
        callers,
        liveBytes: live,
        totalBytes: Math.max(live, total),
      }))
      .sort((a, b) => b.liveBytes - a.liveBytes || b.totalBytes - a.totalBytes);
  }

  /** Undefined is what looking at memory takes itself. */
  #site(stack: readonly string[]): Counted | undefined {
    if (stack.some((name) => OWN.test(name))) return undefined;
    const key = stack.length === 0 ? '(outside of any function)' : stack.slice(0, 4).join('\n');
    const known = this.#sites.get(key);
    if (known) return known;
    if (this.#sites.size >= SITES_MAX && key !== REST) return this.#site([REST]);
    const site = { callers: stack.slice(1, 12), live: 0, total: 0 };
    this.#sites.set(key, site);
    return site;
  }
}

/** The names from each node to the root. */
function stacksOf(head: ProfileNode): Map<number, readonly string[]> {
  const stacks = new Map<number, readonly string[]>();
  const waiting: [ProfileNode, readonly string[]][] = [[head, []]];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const [node, stack] = next;
    stacks.set(node.id, stack);
    for (const child of node.children)
      waiting.push([child, [siteName(child.callFrame), ...stack].slice(0, STACK_DEPTH)]);
  }
  return stacks;
}

export interface AllocationProfiler {
  readonly totals: AllocationTotals;
  /** Reads what was allocated lately; a millisecond. */
  read(): void;
  /** Collects garbage and reads what is alive. */
  readLive(): void;
  stop(): void;
}

/**
 * From now on V8 builds no function into another, as it does with what runs often: the profiler would take what such a
 * function allocates for that of the other, in the end for that of the loop around everything. Before any work is done.
 */
export function keepFunctionsApart(): void {
  v8.setFlagsFromString('--no-turbo-inlining');
  v8.setFlagsFromString('--no-maglev-inlining');
}

/** Starts the profiler of this thread, or says why it cannot be started. */
export function profileAllocations(collect: () => void): AllocationProfiler | string {
  const { startHeapProfile } = v8 as Partial<Pick<typeof v8, 'startHeapProfile'>>;
  if (!startHeapProfile) return `Node ${process.versions.node} cannot profile allocations; 26.1 and later can`;
  const session = new Session();
  session.connect();
  const handle = startHeapProfile({ sampleInterval: SAMPLE_BYTES, stackDepth: STACK_DEPTH });
  const totals = new AllocationTotals();
  return {
    totals,
    read: () => totals.takeReading(readHeapProfile(session)),
    readLive: () => {
      // What the collection removes is counted first.
      totals.takeReading(readHeapProfile(session));
      collect();
      totals.takeLive(readHeapProfile(session));
    },
    stop: () => {
      handle.stop();
      session.disconnect();
    },
  };
}

function readHeapProfile(session: Session): HeapProfile {
  let profile: HeapProfile | undefined;
  // The answer comes before `post` returns.
  session.post('HeapProfiler.getSamplingProfile', (error: Error | null, result: object) => {
    if (!error) profile = (result as { profile: HeapProfile }).profile;
  });
  return profile ?? { head: EMPTY, samples: [] };
}

const EMPTY: ProfileNode = {
  id: 0,
  callFrame: { functionName: '', url: '', lineNumber: -1, columnNumber: -1 },
  selfSize: 0,
  children: [],
};
