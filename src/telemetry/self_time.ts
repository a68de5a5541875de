// Components process batches inside of each other's calls. What a call took of its own is what it took less what the
// calls within it took, so each millisecond of this thread is counted once.
//
//   t.process ──────────────┐            enter   enter         leave       leave
//      emit ─► f.process ───┤              t ──────┤ f ──────────┤ ──────────┤
//                           │                      self of f = all of it;  self of t = all - f
//
// Calls are synchronous, so they end in the order in which they began, the last one first.

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
