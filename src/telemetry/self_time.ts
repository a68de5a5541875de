// Components process batches inside of each other's calls. What a call took of its own is what it took less what the
// calls within it took, so each millisecond of this thread is counted once.
//
//   t.process ──────────────┐            enter   enter         leave       leave
//      emit ─► f.process ───┤              t ──────┤ f ──────────┤ ──────────┤
//                           │                      self of f = all of it;  self of t = all - f
//
// Calls are synchronous, so they end in the order in which they began, the last one first.
//
// A look at the clock costs 40 ns, as much as all else that is recorded of a batch at a component. So what ends and what
// begins at the same moment share one: who hands on a batch has just looked, or a component that did more than hand on
// looks again, and whoever takes the batch goes by that.

import type { Clock } from '../std/clock.ts';

let readClock: Clock | undefined;
let readMs = 0;

/** Looks at the clock, for everything that happens at this moment on this thread. */
export function look(clock: Clock): number {
  readClock = clock;
  readMs = clock.monotonic();
  return readMs;
}

/** What the clock said at the last look, where nothing has happened since that takes time. */
export function lastLook(clock: Clock): number {
  return readClock === clock ? readMs : look(clock);
}

/** Time has gone by since the last look, as after a wait: the next one who needs the time looks. */
export function timeWentBy(): void {
  readClock = undefined;
}

/** Milliseconds that calls within the present one took. */
let innerMs = 0;

/** A call begins. Give the result to `leave`. */
export function enter(): number {
  const outer = innerMs;
  innerMs = 0;
  return outer;
}

/** The call that began at `startMs` ends. Returns the milliseconds that were its own. */
export function leave(outer: number, startMs: number, nowMs: number): number {
  const tookMs = nowMs - startMs;
  const ownMs = Math.max(0, tookMs - innerMs);
  innerMs = outer + tookMs;
  return ownMs;
}
