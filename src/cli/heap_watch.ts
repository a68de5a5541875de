// Keeps V8's heap within what the budget leaves for it: the less room, the earlier garbage is collected. And keeps the
// state of all components together within its part, whatever each may have.
//
// V8 collects when old objects have grown by a factor, which it chooses by a limit that does not follow the budget, and
// keeps the pages that it freed for the next round. Measured: an attack of ever-new series with 20 MiB of live objects
// took 236 MiB of resident memory of a budget of 128, half of it garbage and the other half such pages. So near the
// budget, all of it is collected and given back at once, as often as a sixth of the time allows and as long as it helps.

import { type Budget, reachableBytes } from '../engine/budget.ts';
import type { Clock } from '../std/clock.ts';
import type { Ledger } from '../telemetry/ledger.ts';

/** State may grow by hundreds of megabytes a second. */
const INTERVAL_MS = 100;
/** While nothing changes, looks come less often: ten a second take 3 ms, and this is most of what an idle process does. */
const QUIET_INTERVAL_MS_MAX = 400;
const QUIET_BYTES = 262_144;

/** The part of the budget that is aimed at: what comes between two looks, and while V8 collects, goes beyond it. */
const AIM = 0.85;

/** Collections beyond that: this many times as long as they take nothing is collected again, at least a while. */
const PAUSE_FACTOR = 5;
const PAUSE_MS_MIN = 250;
const PAUSE_MS_MAX = 60_000;
/** What one must have got back, in parts of the budget, to be worth another. */
const WORTH = 0.03;

/**
 * Growth in percent. Below the least, most of the time goes into collecting. V8 itself would go up to 300; a pipeline
 * keeps little, and what it once took stays with it, so twice what is live is enough.
 */
const GROWTH_MIN = 15;
const GROWTH_MAX = 100;
/** Changes that are not worth it. */
const GROWTH_STEP = 5;

/** So much is marked at one stroke, which takes 60 ms; more in steps. */
const AT_ONCE_BYTES_MAX = 100 * 1_048_576;

/** Garbage counts for more: as objects, as the pages that they leave, and as what comes while it is collected. */
const PAGES_PER_GARBAGE = 3;

interface Usage {
  readonly rss: number;
  readonly heapTotal: number;
  readonly heapUsed: number;
  readonly external: number;
}

export interface HeapWatched {
  readonly budget: Pick<Budget, 'memoryBytes' | 'stateBytes' | 'workerBytes'>;
  readonly ledger: Pick<Ledger, 'shrink' | 'shrinkableBytes' | 'bytesOf'>;
  readonly clock: Clock;
  readonly usage: () => Usage;
  readonly limitGrowth: (percent: number) => void;
  readonly markInSteps: (isWanted: boolean) => void;
  /** Collects all garbage and gives its pages back. */
  readonly collect: () => void;
}

/** Watches a process that does not work yet, until the result is called. */
export function watchHeap({
  budget,
  ledger,
  clock,
  usage,
  limitGrowth,
  markInSteps,
  collect,
}: HeapWatched): () => void {
  const start = usage();
  // Where nothing can keep the budget, collecting all the time would not either.
  const fullAimBytes = reachableBytes(budget, start.rss) * AIM;
  const ownAimBytes = reachableBytes({ memoryBytes: budget.memoryBytes - budget.workerBytes }, start.rss) * AIM;
  let aimBytes = ownAimBytes;
  let liveBytes = start.heapUsed;
  let usedBytes = start.heapUsed;
  let growth = 0;
  let inSteps: boolean | undefined;
  let pauseMs = PAUSE_MS_MIN;
  let collectAtMs = clock.monotonic();
  adjust(start);
  let lastBytes = bytesOf(start);
  let intervalMs = INTERVAL_MS;
  let timer = clock.after(intervalMs, look);
  return () => timer.cancel();

  function look(): void {
    const now = usage();
    const bytes = bytesOf(now);
    const isQuiet = now.rss <= aimBytes && Math.abs(bytes - lastBytes) < QUIET_BYTES;
    lastBytes = bytes;
    intervalMs = isQuiet ? Math.min(2 * intervalMs, QUIET_INTERVAL_MS_MAX) : INTERVAL_MS;
    timer = clock.after(intervalMs, look);
    const excess = (ledger.shrinkableBytes() ?? 0) - budget.stateBytes;
    if (excess > 0) ledger.shrink(excess);
    // What workers may have is not for this heap while there are none: it could not be got back when they start.
    aimBytes = ledger.bytesOf('workers') > 0 ? fullAimBytes : ownAimBytes;
    if (now.rss > aimBytes && clock.monotonic() >= collectAtMs) relieve(now.rss);
    else adjust(now);
  }

  function relieve(rss: number): void {
    const startedMs = clock.monotonic();
    collect();
    const endedMs = clock.monotonic();
    const after = usage();
    const isWorth = rss - after.rss > budget.memoryBytes * WORTH;
    pauseMs = isWorth
      ? Math.max(PAUSE_MS_MIN, PAUSE_FACTOR * (endedMs - startedMs))
      : Math.min(PAUSE_MS_MAX, pauseMs * 2);
    collectAtMs = endedMs + pauseMs;
    adjust(after);
  }

  function adjust(now: Usage): void {
    liveBytes = liveOf(now.heapUsed);
    // State may have grown to all that it is given before the next look.
    const state = ledger.shrinkableBytes();
    const comingBytes = state === undefined ? 0 : Math.max(0, budget.stateBytes - state);
    if (liveBytes > AT_ONCE_BYTES_MAX !== inSteps) {
      inSteps = liveBytes > AT_ONCE_BYTES_MAX;
      markInSteps(inSteps);
    }
    const besideBytes = start.rss - start.heapTotal + Math.max(0, now.external - start.external);
    const beyondBytes = Math.max(0, now.rss - aimBytes);
    const wanted = growthFor(aimBytes - besideBytes - beyondBytes, liveBytes + comingBytes);
    if (Math.abs(wanted - growth) < GROWTH_STEP) return;
    growth = wanted;
    limitGrowth(growth);
  }

  /** What the last collection left, as far as looks tell: the heap was larger before it and grows from there. */
  function liveOf(heapUsed: number): number {
    const live = heapUsed < usedBytes ? heapUsed : Math.min(liveBytes * 1.02, heapUsed);
    usedBytes = heapUsed;
    return live;
  }
}

/** What changes when anything is done. */
function bytesOf({ rss, heapUsed, external }: Usage): number {
  return rss + heapUsed + external;
}

/** The growth whose garbage, and the pages that it leaves, fill the room beside what is live. */
function growthFor(roomBytes: number, liveBytes: number): number {
  const percent = (100 / PAGES_PER_GARBAGE) * (roomBytes / Math.max(1, liveBytes) - 1);
  return Math.min(GROWTH_MAX, Math.max(GROWTH_MIN, percent));
}
