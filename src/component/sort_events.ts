// Sorts the events of a batch into batches of their own, which share its finalizer: whoever writes them copies first.

import { type DecodedBatch, decodedBatch } from '../event/batch.ts';
import type { Event } from '../event/event.ts';

/** The events that `test` is true of, under the hold of `batch`; itself where that is all, undefined where it is none. */
export function kept(batch: DecodedBatch, test: (event: Event) => boolean): DecodedBatch | undefined {
  const events: readonly Event[] = batch.events;
  const passed = events.filter(test);
  if (passed.length === events.length) return batch;
  return passed.length === 0 ? undefined : decodedBatch(batch.type, passed, batch.finalizer);
}

/**
 * Batches of events that go to several ports, each under a hold of its own of the finalizer of `batch`, whose own hold
 * goes to the first. None: the hold is still the caller's.
 */
export function portBatches<P>(
  batch: DecodedBatch,
  sorted: ReadonlyMap<P, readonly Event[]>,
): readonly (readonly [port: P, batch: DecodedBatch])[] {
  const filled = [...sorted].filter(([, events]) => events.length > 0);
  for (let more = 1; more < filled.length; more++) batch.finalizer.retain();
  return filled.map(([port, events]) => [
    port,
    events.length === batch.count ? batch : decodedBatch(batch.type, events, batch.finalizer),
  ]);
}
