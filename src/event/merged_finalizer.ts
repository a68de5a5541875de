// One finalizer for what was made of several batches: whoever lets go of it lets go of all of them.

import { Finalizer, type Status } from './finalizer.ts';

/** Takes the holds of `holds`, of which there is at least one; the same finalizer may be there more than once. */
export function mergedFinalizer(holds: readonly Finalizer[]): Finalizer {
  const first = holds[0]!;
  if (holds.every((one) => one === first)) {
    for (let more = 1; more < holds.length; more++) first.release();
    return first;
  }
  return new Finalizer((status: Status) => {
    for (const one of holds) one.release(status);
  });
}
