// A worker whose segments do what a test wants: the frames of a batch are commands. For tests only.

import { parentPort, workerData } from 'node:worker_threads';
import { layoutOfRecipe } from '../component/source_fields.ts';
import { Arena } from '../engine/arena/arena.ts';
import type { LeafForm } from '../engine/segment/leaf.ts';
import type { Branch } from '../engine/segment/segment.ts';
import type { SegmentEvent } from '../engine/segment/step.ts';
import type { WorkerData } from '../engine/workers/messages.ts';
import { Notebook } from '../engine/workers/notes.ts';
import { serve } from '../engine/workers/serve.ts';
import { isObject } from '../event/value.ts';
import { systemClock } from '../std/clock.ts';
import { discardedByReason } from '../telemetry/component_metrics.ts';

/** What a segment of such a worker is made of. */
export interface TestRecipe {
  /** Rejected with this when it is built. */
  readonly refuse?: string;
  /** The thread ends while this one is built. */
  readonly dies?: boolean;
  readonly form: LeafForm;
}

/**
 * What a message makes the worker do: `throw`, `exit`, `memory` (run out of it), `sleep` (for some 200 ms), `drop` (one
 * counter and one line). Others pass.
 */
export function stepOf(notebook: Notebook): Branch & { kind: 'step' } {
  const message = { target: 'event', segments: ['message'] } as const;
  return {
    kind: 'step',
    index: 0,
    ports: [],
    step: {
      needs: { reads: [message], writes: [] },
      run: (event) => act(event, notebook),
    },
  };
}

function act({ value }: SegmentEvent, notebook: Notebook): number {
  switch (isObject(value) ? value['message'] : undefined) {
    case 'throw':
      throw new Error('thrown on purpose');
    case 'exit':
      process.exit(3);
      break;
    case 'memory':
      for (const hoard: unknown[] = []; ; ) hoard.push(new Array(1_000).fill(hoard.length));
    case 'sleep':
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
      return 1;
    case 'drop':
      notebook.counter(0, discardedByReason, { intentional: 'true', reason: 'dropped' }).add(1);
      notebook.line(0, 'error', 'dropped', undefined, 'place');
      return 0;
  }
  return 1;
}

function build(recipe: unknown): { root: Branch; notebook: Notebook } {
  const { refuse, dies, form } = recipe as TestRecipe;
  if (refuse !== undefined) throw new Error(refuse);
  if (dies) process.exit(4);
  const notebook = new Notebook(['error'], systemClock);
  return { root: { ...stepOf(notebook), ports: [[{ kind: 'leaf', form, index: 0 }]] }, notebook };
}

if (parentPort) {
  const { arena, thread, telemetry } = workerData as WorkerData;
  const workshop = { segment: async (recipe: unknown) => build(recipe), layout: layoutOfRecipe };
  serve(parentPort, Arena.attach(arena, thread), workshop, telemetry);
}
