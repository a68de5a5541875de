// Keeps the process within its budget as far as that can be done from within, by its resident memory:
//
//   near the budget    sources get fewer slots to read into, so that fewer events are in flight: at once, or after some
//                      looks in a row where it is V8 that has memory to spare, which it may give back in a moment
//   beyond it          state goes, the largest first, unless it is V8 that has memory to spare (`heap_watch.ts`), or
//                      state is so little that it is not what takes the memory
//   well below again   sources get their slots back

import type { Arena } from '../engine/arena/arena.ts';
import { type Budget, reachableBytes } from '../engine/budget.ts';
import type { Clock } from '../std/clock.ts';
import type { Ledger } from '../telemetry/ledger.ts';
import type { Logger } from '../telemetry/log.ts';

const INTERVAL_MS = 2_000;
/** Parts of the budget. */
const NEAR = 0.95;
const FAR = 0.85;
/**
 * Of the part of the budget that is for state, what is not taken away: less of it gets back little, and the components
 * would forget all that they are there to remember.
 */
const STATE_KEPT = 0.25;
/** Looks in a row beyond the budget until state goes, and near it until spare memory counts like any other. */
const LOOKS_TO_SHRINK = 3;
const LOOKS_TO_REDUCE = 3;
/** Slots that sources keep in any case: with fewer they would wait for each other more than they read. */
const INTAKE_MIN = 4;

export interface Watched {
  readonly arena: Arena;
  readonly budget: Pick<Budget, 'memoryBytes' | 'isGiven' | 'slots' | 'reservedSlots' | 'stateBytes'>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Bytes that the process and V8's heap take at present. */
  readonly usage: () => { readonly rss: number; readonly heapUsed: number; readonly external: number };
  readonly ledger: Ledger;
}

/** Watches a process that has started and does not work yet, until the result is called. */
export function watchMemory({ arena, budget, clock, log, usage, ledger }: Watched): () => void {
  const full = budget.slots - budget.reservedSlots;
  const limitBytes = reachable(usage().rss, budget, log);
  let limit = full;
  /** Looks in a row that found more than the budget, and more than what is near it. */
  let beyond = 0;
  let near = 0;
  let timer = clock.after(INTERVAL_MS, look);
  return () => timer.cancel();

  function look(): void {
    timer = clock.after(INTERVAL_MS, look);
    const { rss } = usage();
    beyond = rss > limitBytes ? beyond + 1 : 0;
    if (beyond > 0) relieve(rss - limitBytes);
    near = rss > limitBytes * NEAR ? near + 1 : 0;
    if (near >= LOOKS_TO_REDUCE || (near > 0 && rss - spareBytes() > limitBytes * NEAR)) reduce(rss);
    else if (rss < limitBytes * FAR && limit < full) restore(rss);
  }

  function relieve(excessBytes: number): void {
    if (beyond < LOOKS_TO_SHRINK) return;
    // State goes for what state takes: pages that V8 has to spare are not got back by it.
    const stateBytes = Math.min(excessBytes - spareBytes(), dispensableBytes());
    if (stateBytes <= 0) return;
    const owners = ledger.describe();
    const freed = ledger.shrink(stateBytes);
    if (freed > 0)
      log.warn('There is more memory in use than `memory` allows: state was let go of.', {
        freed_mib: inMebibytes(freed),
        memory_mib: inMebibytes(limitBytes),
        owners,
      });
  }

  /** State beyond what is kept in any case. */
  function dispensableBytes(): number {
    return (ledger.shrinkableBytes() ?? 0) - budget.stateBytes * STATE_KEPT;
  }

  /** What V8 has without need. */
  function spareBytes(): number {
    return ledger.bytesOf('heap.free') + ledger.bytesOf('heap.garbage');
  }

  function reduce(rss: number): void {
    if (limit === full) {
      const { heapUsed, external } = usage();
      log.warn('Memory is near its limit: sources read less until there is more.', {
        resident_mib: inMebibytes(rss),
        memory_mib: inMebibytes(limitBytes),
        heap_mib: inMebibytes(heapUsed),
        external_mib: inMebibytes(external),
        slots: slotsByHolder(arena),
        owners: ledger.describe(),
      });
    }
    limit = Math.min(limit, Math.max(INTAKE_MIN, Math.floor(limit / 2)));
    arena.limitIntake(limit);
  }

  function restore(rss: number): void {
    limit = Math.min(full, limit * 2);
    arena.limitIntake(limit);
    if (limit === full)
      log.info('There is enough memory again: sources read as before.', { resident_mib: inMebibytes(rss) });
  }
}

function reachable(restBytes: number, budget: Watched['budget'], log: Logger): number {
  const leastBytes = reachableBytes(budget, restBytes);
  if (leastBytes > budget.memoryBytes && budget.isGiven)
    log.warn('`memory` is less than this configuration needs; give it more.', {
      memory_mib: inMebibytes(budget.memoryBytes),
      resident_mib: inMebibytes(restBytes),
      least_mib: inMebibytes(leastBytes),
    });
  return leastBytes;
}

function inMebibytes(bytes: number): number {
  return Math.round(bytes / 2 ** 20);
}

/** Those with the most first, as `tcp_in 12, segment 3`. */
function slotsByHolder(arena: Arena): string {
  const counts = [...arena.holders()].sort(([, a], [, b]) => b - a);
  const shown = counts.slice(0, 8).map(([who, count]) => `${who} ${count}`);
  return [...shown, `free ${arena.freeSlots}`].join(', ');
}
