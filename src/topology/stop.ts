// Ends a graph in order: sources stop, what is below them drains and ends, sinks last, then sources close. After the
// deadline what remains is named and cut off.

import type { Clock } from '../std/clock.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Live } from './live.ts';
import type { Node } from './node.ts';
import { SourceNode } from './source_node.ts';
import type { Deadline } from './waits.ts';

export interface StopResult {
  /** Ids of the components that did not end in time and were cut off. */
  readonly forced: readonly string[];
  /** Batches whose sources were told `errored` because nobody had finished them. */
  readonly abandonedBatches: number;
}

/** How often a stop says what it waits for. */
const PROGRESS_MS = 5_000;

export async function stopGraph(live: Live, deadline: Deadline): Promise<StopResult> {
  const { clock, log } = live.runtime;
  const nodes = live.nodes();
  const sources = nodes.filter((node) => node instanceof SourceNode);
  for (const source of sources) source.stop();
  // A source that is still to be closed has done its part: it closes when nothing of it is in flight.
  const isDone = (node: Node): boolean => (node instanceof SourceNode ? node.hasRun : node.hasEnded);
  const remaining = (): string[] => nodes.filter((node) => !isDone(node)).map(({ context }) => context.id);
  const all = Promise.all(nodes.map((node) => (node instanceof SourceNode ? node.ran : node.ended)));
  const stopReporting = reportProgress(clock, log, deadline, remaining);
  let forced: readonly string[] = [];
  if (!(await inTime(all, deadline))) {
    forced = remaining();
    log.error('The time to stop is over: what remains is cut off', { remaining_components: forced.join(', ') });
    for (const node of nodes) node.force();
    await all;
  }
  stopReporting();
  // Nobody is left who could deliver anything.
  const abandonedBatches = sources.reduce((sum, source) => sum + source.abandon(), 0);
  if (abandonedBatches > 0) log.error('Batches were given up', { batches: abandonedBatches });
  const closed = Promise.all(sources.map(({ ended }) => ended));
  if (!(await inTime(closed, deadline))) {
    for (const source of sources) source.force();
    await closed;
  }
  return { forced, abandonedBatches };
}

function inTime(promise: Promise<unknown>, deadline: Deadline): Promise<boolean> {
  return Promise.race([promise.then(() => true), deadline.passed.then(() => false)]);
}

function reportProgress(clock: Clock, log: Logger, deadline: Deadline, remaining: () => string[]): () => void {
  let timer = clock.after(PROGRESS_MS, report);
  function report(): void {
    log.info('Waiting for components to end', {
      remaining_components: remaining().join(', '),
      left_secs: Number.isFinite(deadline.leftMs) ? Math.round(deadline.leftMs / 1000) : undefined,
    });
    timer = clock.after(PROGRESS_MS, report);
  }
  return () => timer.cancel();
}
