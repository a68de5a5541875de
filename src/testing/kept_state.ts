// Runs a transform, stops it and starts it again, as restarts, crashes and reloads do. For tests only.

import type { Emit, TransformDefinition } from '../component/define.ts';
import { type Batch, decode, decodedBatch, finish } from '../event/batch.ts';
import type { Event, EventType } from '../event/event.ts';
import { Finalizer, type Status } from '../event/finalizer.ts';
import { type ContextOptions, parseConfig, type TestContext, testContext } from './component.ts';

export interface KeptTransform extends TestContext {
  /** Events that came out. */
  readonly out: Event[];
  /** Batches that came out, while `hold` is set: finish them with `deliver`. */
  readonly held: Batch[];
  hold: boolean;
  /** What became of each batch given; a hole where it is not known yet. */
  readonly statuses: (Status | undefined)[];
  give(events: readonly Event[], type?: EventType): void;
  deliver(status?: Status): void;
  end(): void;
}

/** A transform that runs, with `raw` as its configuration. Leave it without `end`, and it has crashed. */
export async function keptTransform<C>(
  definition: TransformDefinition<C>,
  raw: unknown,
  options: ContextOptions,
): Promise<KeptTransform> {
  const context = testContext('transform', definition.type, options);
  const transform = await definition.build(parseConfig(definition, raw), context.context);
  const run: KeptTransform = {
    ...context,
    out: [],
    held: [],
    hold: false,
    statuses: [],
    give(events, type = 'log') {
      const index = run.statuses.length;
      run.statuses.push(undefined);
      const finalizer = new Finalizer((status) => {
        run.statuses[index] = status;
      });
      transform.process(decodedBatch(type, events as Event[], finalizer), emit);
    },
    deliver(status = 'delivered') {
      for (const batch of run.held.splice(0)) finish(batch, status);
    },
    end: () => transform.end?.(emit),
  };
  const emit: Emit = (batch) => {
    const decoded = decode(batch);
    run.out.push(...decoded.events);
    if (run.hold) run.held.push(decoded);
    else finish(decoded);
  };
  transform.start?.(emit);
  // What was not delivered before comes out once all have started.
  await Promise.resolve();
  return run;
}
