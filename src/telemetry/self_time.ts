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
// begins at the same moment share one: who hands on a batch looks, unless it has just been given it, and whoever takes the
// batch goes by that. This is so within a turn, which a function begins and ends; elsewhere everybody looks.

import type { Clock } from '../std/clock.ts';

/** The clock of the turn; undefined between turns. */
let turnClock: Clock | undefined;

/** When somebody last looked, and the milliseconds that calls within the present one took: V8 makes objects of numbers in variables. */
const times = new Float64Array(2);
const LOOKED = 0;
const INNER = 1;

/** Begins a turn with a look at the clock: from here to `endTurn` nothing waits. */
export function beginTurn(clock: Clock): number {
  const nowMs = clock.monotonic();
  turnClock = clock;
  times[LOOKED] = nowMs;
  return nowMs;
}

export function endTurn(): void {
  turnClock = undefined;
}

/** Looks at the clock, after something that took time. */
export function look(clock: Clock): number {
  const nowMs = clock.monotonic();
  if (turnClock === clock) times[LOOKED] = nowMs;
  return nowMs;
}

/** What the clock said at the last look of this turn, where nothing has happened since that takes time. */
export function lastLook(clock: Clock): number {
  return turnClock === clock ? times[LOOKED]! : clock.monotonic();
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
