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

/** What the clock said, and the milliseconds that calls within the present one took: V8 makes objects of numbers in variables. */
const times = new Float64Array(2);
const READ = 0;
const INNER = 1;

/** Looks at the clock, for everything that happens at this moment on this thread. */
export function look(clock: Clock): number {
  const nowMs = clock.monotonic();
  readClock = clock;
  times[READ] = nowMs;
  return nowMs;
}

/** What the clock said at the last look, where nothing has happened since that takes time. */
export function lastLook(clock: Clock): number {
  return readClock === clock ? times[READ]! : look(clock);
}

/** Time has gone by since the last look, as after a wait: the next one who needs the time looks. */
export function timeWentBy(): void {
  readClock = undefined;
}

/** A call begins. Give the result to `leave`. */
export function enter(): number {
  const outer = times[INNER]!;
  times[INNER] = 0;
  return outer;
}

/** The call that began at `startMs` ends. Returns the milliseconds that were its own. */
export function leave(outer: number, startMs: number, nowMs: number): number {
  const tookMs = nowMs - startMs;
  const ownMs = Math.max(0, tookMs - times[INNER]!);
  times[INNER] = outer + tookMs;
  return ownMs;
}
