// The other end of `soak`: a process that runs a configuration tells its parent what memory it has after a collection,
// and, when it is asked, which code allocates. It ends when the parent does.

import type { Clock } from '../../std/clock.ts';
import type { Topology } from '../../topology/topology.ts';
import { collectGarbage } from '../heap.ts';
import { type AllocationProfiler, keepFunctionsApart, profileAllocations, type Site } from '../profile/allocations.ts';
import { type MemorySample, type MemorySource, sampleMemory } from '../profile/memory_sample.ts';

/** What a process says to the `soak` that started it. */
export type SoakMessage =
  | { readonly kind: 'sample'; readonly sample: MemorySample; readonly sent: EventsSent }
  /** Text says why there are none. */
  | { readonly kind: 'sites'; readonly sites: readonly Site[] | string; readonly secs: number };

/** Events that sources have sent so far, by their ids. */
export type EventsSent = Readonly<Record<string, number>>;

/** What it is asked: to begin to watch allocations, and for what was seen. Watching takes memory, so it comes last. */
export type SoakRequest = 'watch' | 'sites';

/** The sites with the most alive. */
const SITES_MAX = 300;

export function reportMemory(
  everyMs: number,
  source: MemorySource,
  topology: Pick<Topology, 'summary'>,
  clock: Clock,
): { end(): void } {
  keepFunctionsApart();
  const startedMs = clock.monotonic();
  let watch: { readonly profiler: AllocationProfiler | string; readonly sinceMs: number } | undefined;
  let timer = clock.after(everyMs, tick);
  // Nobody would end it otherwise.
  const orphaned = (): void => void process.kill(process.pid, 'SIGTERM');
  process.on('message', answer).on('disconnect', orphaned);
  return {
    end() {
      timer.cancel();
      process.off('message', answer).off('disconnect', orphaned);
      if (watch && typeof watch.profiler !== 'string') watch.profiler.stop();
      if (process.connected) process.disconnect?.();
    },
  };

  function tick(): void {
    const begunMs = clock.monotonic();
    if (watch && typeof watch.profiler !== 'string') watch.profiler.read();
    collectGarbage();
    const sources = topology.summary().filter(({ kind }) => kind === 'source');
    const sent = Object.fromEntries(sources.map(({ id, sentEvents }) => [id, sentEvents]));
    const secs = (clock.monotonic() - startedMs) / 1000;
    send({ kind: 'sample', sample: sampleMemory(source, secs), sent });
    // A collection takes 50 ms, and on a busy machine a second: with samples closer than that nothing else was done.
    timer = clock.after(Math.max(everyMs, 2 * (clock.monotonic() - begunMs)), tick);
  }

  function answer(request: unknown): void {
    if (request === 'watch') watch ??= { profiler: profileAllocations(collectGarbage), sinceMs: clock.monotonic() };
    if (request !== 'sites' || !watch) return;
    const { profiler, sinceMs } = watch;
    if (typeof profiler !== 'string') profiler.readLive();
    const sites = typeof profiler === 'string' ? profiler : profiler.totals.sites().slice(0, SITES_MAX);
    send({ kind: 'sites', sites, secs: (clock.monotonic() - sinceMs) / 1000 });
  }

  /** A parent that is gone by now says so by ending the channel. */
  function send(message: SoakMessage): void {
    if (process.connected) process.send?.(message, undefined, {}, () => {});
  }
}
