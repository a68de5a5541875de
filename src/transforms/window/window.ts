// Passes on the events around those that matter, and drops the others.
//
//   … ─► the last `num_events_before` events wait; older ones are dropped
//   an event that meets `flush_when` ─► what waits, the event itself, and the next `num_events_after`
//   an event that meets `forward_when` ─► passes by

import { buildCondition, condition, conditionProblems } from '../../component/condition.ts';
import type { TransformContext } from '../../component/context.ts';
import { defineTransform, type Emit } from '../../component/define.ts';
import { type Keeps, type StateKeeper, stateKeeper } from '../../component/state/state_keeper.ts';
import { keptState } from '../../component/state/state_option.ts';
import { staleEventsFlushed } from '../../component/state_metrics.ts';
import { type Batch, decode, finish, logBatch } from '../../event/batch.ts';
import type { LogEvent } from '../../event/event.ts';
import type { Finalizer } from '../../event/finalizer.ts';
import { mergedFinalizer } from '../../event/merged_finalizer.ts';
import { uint } from '../../schema/schema.ts';
import { Waiting } from './waiting.ts';

const DROPPED = 'The event was outside of every window.';

export const transform = defineTransform({
  type: 'window',
  status: 'beta',
  summary: 'Apply a buffered sliding window over the stream of events and flush it based on supplied criteria.',
  options: {
    flush_when: condition('An event that meets this is passed on with those before and after it.'),
    forward_when: condition('Events that meet this are passed on at once, and count neither before nor after.', {
      optional: true,
    }),
    num_events_before: uint(
      'How many events before it are passed on, and so how many wait. They take up to 64 MiB: beyond it, the oldest is dropped, counted by `sluice_state_evictions_total`.',
      { default: 100 },
    ),
    num_events_after: uint('How many events after it are passed on.', { default: 0 }),
    state: keptState(),
  },
  examples: [
    { title: 'What led to an error', config: `flush_when: .level == "error"\nnum_events_before: 20` },
    {
      title: 'Details around errors, and warnings in any case',
      config: `flush_when: .level == "error"\nforward_when: .level == "warn"\nnum_events_before: 10\nnum_events_after: 5`,
    },
  ],
  sample: { flush_when: '.level == "error"', num_events_before: 100, num_events_after: 0 },
  inputs: () => ['log'],
  outputs: () => [{ port: undefined, types: ['log'] }],
  verify: ({ flush_when, forward_when }, setting) => [
    ...conditionProblems(flush_when, setting, ['flush_when']),
    ...(forward_when ? conditionProblems(forward_when, setting, ['forward_when']) : []),
  ],
  build({ flush_when, forward_when, num_events_before, num_events_after, state }, context) {
    const flush = buildCondition(flush_when, context);
    const forward = forward_when && buildCondition(forward_when, context);
    const window = new Window(context, {
      before: num_events_before,
      after: num_events_after,
      flushes: (event) => flush.check('log', event),
      forwards: (event) => forward?.check('log', event) ?? false,
    });
    window.keeper = stateKeeper(state, context, window);
    return {
      start: (emit) => window.keeper?.start(emit),
      process: (batch, emit) => window.process(batch, emit),
      end: () => window.end(),
    };
  },
});

interface WindowOptions {
  readonly before: number;
  readonly after: number;
  flushes(event: LogEvent): boolean;
  forwards(event: LogEvent): boolean;
}

/** Events that go out one after the other: those of the batch at hand, or some that have waited, with their holds. */
interface Run {
  readonly holds: Finalizer[] | undefined;
  readonly events: LogEvent[];
}

class Window implements Keeps {
  keeper: StateKeeper | undefined;
  readonly #context: TransformContext;
  readonly #options: WindowOptions;
  readonly #waiting: Waiting;
  /** How many more events of the window behind an event are passed on. */
  #after = 0;
  #runs: Run[] = [];

  constructor(context: TransformContext, options: WindowOptions) {
    this.#context = context;
    this.#options = options;
    this.#waiting = new Waiting(options.before, context);
  }

  process(given: Batch, emit: Emit): void {
    const batch = decode(given);
    let dropped = 0;
    for (const event of batch.events as readonly LogEvent[])
      if (!this.#take(event)) dropped += this.#waiting.push(event);
    dropped += this.#waiting.settle(batch.finalizer);
    this.#context.faults.discarded(dropped, DROPPED, true);
    const runs = this.#runs;
    this.#runs = [];
    for (const { holds, events } of runs)
      emit(logBatch(events, holds ? mergedFinalizer(holds) : batch.finalizer.retain()));
    finish(batch);
  }

  save(): unknown {
    return { waiting: this.#waiting.events, after: this.#after };
  }

  restore(saved: unknown): void {
    const { waiting, after } = saved as { readonly waiting: readonly LogEvent[]; readonly after: number };
    this.#context.faults.discarded(this.#waiting.restore(waiting), DROPPED, true);
    this.#after = Math.min(Math.max(this.#after, after), this.#options.after);
  }

  onSaved(): void {
    this.#waiting.saved();
  }

  /** What still waits was not wanted, unless it is kept for the next start. */
  end(): void {
    if (this.keeper?.end()) return;
    this.#context.faults.discarded(this.#waiting.clear(), DROPPED, true);
  }

  /** Passes an event on, if that is what it is for. */
  #take(event: LogEvent): boolean {
    const { after, flushes, forwards } = this.#options;
    // Both are asked, whatever the first says: a condition that fails is counted.
    const isForwarded = forwards(event);
    const isFlush = flushes(event);
    if (!isForwarded && isFlush) {
      this.#flush();
      this.#after = after;
    } else if (!isForwarded && this.#after > 0) this.#after -= 1;
    else if (!isForwarded) return false;
    this.#run(false).events.push(event);
    return true;
  }

  #flush(): void {
    let flushed = 0;
    for (const { event, hold, isSaved } of this.#waiting.take()) {
      const run = this.#run(hold !== undefined);
      run.events.push(event);
      if (hold) run.holds!.push(isSaved && this.keeper ? this.keeper.depart('log', [event], hold) : hold);
      flushed += 1;
    }
    if (flushed > 0) this.#context.counter(staleEventsFlushed).add(flushed);
  }

  #run(isHeld: boolean): Run {
    const last = this.#runs.at(-1);
    if (last && (last.holds !== undefined) === isHeld) return last;
    const run: Run = { holds: isHeld ? [] : undefined, events: [] };
    this.#runs.push(run);
    return run;
  }
}
