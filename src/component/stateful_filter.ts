// Transforms that pass events on or drop them by what came before: what a segment and a component of its own have in
// common. The state is in `passes`, one for all segments, and only the main thread has it.

import { joined, type Needs, type Step } from '../engine/segment/step.ts';
import { decode, finish } from '../event/batch.ts';
import type { LogEvent } from '../event/event.ts';
import type { TransformContext } from './context.ts';
import type { Transform } from './define.ts';
import { kept } from './sort_events.ts';

export interface StatefulFilter {
  readonly needs: readonly Needs[];
  /** Whether an event goes on; what it does not keep of it, it must not refer to. */
  passes(event: LogEvent): boolean;
  /** Why events are dropped, as `component_discarded_events_total` has it. */
  readonly reason: string;
  /** After each batch. */
  settle?(): void;
}

/** The transform of a filter of logs. */
export function statefulFilter(filter: StatefulFilter, context: TransformContext): Transform {
  return {
    // No plain data, so that no worker counts on its own.
    recipe: filter.passes,
    step: () => stepOf(filter, context),
    process(given, emit) {
      const batch = decode(given);
      const passed = kept(batch, (event) => filter.passes(event as LogEvent));
      context.faults.discarded(batch.count - (passed?.count ?? 0), filter.reason, true);
      filter.settle?.();
      if (passed) emit(passed);
      else finish(batch);
    },
  };
}

function stepOf(filter: StatefulFilter, context: TransformContext): Step {
  let dropped = 0;
  return {
    needs: joined(filter.needs),
    run(event) {
      if (filter.passes(event)) return 1;
      dropped += 1;
      return 0;
    },
    settle() {
      context.faults.discarded(dropped, filter.reason, true);
      dropped = 0;
      filter.settle?.();
    },
  };
}
