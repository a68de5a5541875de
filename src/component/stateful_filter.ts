// Transforms that pass events on or drop them by what came before: what a segment and a component of its own have in
// common. The state is in `passes`, one for all segments, and only the main thread has it.

import { joined, type Needs, type Step } from '../engine/segment/step.ts';
import { type Batch, decode, decodedBatch, finish } from '../event/batch.ts';
import type { LogEvent } from '../event/event.ts';
import { Finalizer, type Status } from '../event/finalizer.ts';
import type { TransformContext } from './context.ts';
import type { Emit, Transform } from './define.ts';
import { kept } from './sort_events.ts';
import { type Keeps, stateKeeper } from './state/state_keeper.ts';
import type { KeptStateConfig } from './state/state_option.ts';

export interface StatefulFilter {
  readonly needs: readonly Needs[];
  /** Whether an event goes on; what it does not keep of it, it must not refer to. */
  passes(event: LogEvent): boolean;
  /** Why events are dropped, as `component_discarded_events_total` has it. */
  readonly reason: string;
  /** After each batch. */
  settle?(): void;
  /** What is kept over restarts. */
  readonly keeps?: Keeps;
  /**
   * What is to be done when those that passed since the last call have their status: for filters whose state must not
   * be saved ahead of delivery.
   */
  takeDelivery?(): ((status: Status) => void) | undefined;
}

/** The transform of a filter of logs whose state is kept where `state` asks for it. */
export function keptFilter(filter: StatefulFilter, state: KeptStateConfig, context: TransformContext): Transform {
  const keeper = filter.keeps && stateKeeper(state, context, filter.keeps);
  if (!keeper) return statefulFilter(filter, context);
  return {
    start: (emit) => keeper.start(emit),
    step: () => 'it keeps its state over restarts',
    process: (given, emit) => filterBatch(filter, context, given, emit),
    end: () => void keeper.end(),
  };
}

/** The transform of a filter of logs. */
export function statefulFilter(filter: StatefulFilter, context: TransformContext): Transform {
  return {
    // No plain data, so that no worker counts on its own.
    recipe: filter.passes,
    step: () => stepOf(filter, context),
    process: (given, emit) => filterBatch(filter, context, given, emit),
  };
}

function filterBatch(filter: StatefulFilter, context: TransformContext, given: Batch, emit: Emit): void {
  const batch = decode(given);
  const passed = kept(batch, (event) => filter.passes(event as LogEvent));
  context.faults.discarded(batch.count - (passed?.count ?? 0), filter.reason, true);
  filter.settle?.();
  const delivered = filter.takeDelivery?.();
  if (!passed) finish(batch);
  else if (!delivered) emit(passed);
  else {
    const finalizer = new Finalizer((status) => {
      delivered(status);
      passed.finalizer.release(status);
    });
    emit(decodedBatch(passed.type, passed.events, finalizer));
  }
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
