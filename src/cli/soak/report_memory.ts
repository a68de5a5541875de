// The other end of `soak`: a process that runs a configuration tells its parent what memory it has after a collection,
// and what was allocated where when it is asked. It ends when the parent does.

import type { Clock } from '../../std/clock.ts';
import type { Topology } from '../../topology/topology.ts';
import { collectGarbage } from '../heap.ts';
import { profileAllocations, type Site } from '../profile/allocations.ts';
import { type MemorySample, type MemorySource, sampleMemory } from '../profile/memory_sample.ts';

/** What a process says to the `soak` that started it. */
export type SoakMessage =
  | { readonly kind: 'sample'; readonly sample: MemorySample; readonly events: number }
  | { readonly kind: 'sites'; readonly sites: readonly Site[]; readonly secs: number };

/** The sites with the most alive. */
const SITES_MAX = 300;

export function reportMemory(
  everyMs: number,
  source: MemorySource,
  topology: Pick<Topology, 'summary'>,
  clock: Clock,
): { end(): void } {
  const allocations = profileAllocations(collectGarbage);
  const startedMs = clock.monotonic();
  const secs = (): number => (clock.monotonic() - startedMs) / 1000;
  let timer = clock.after(everyMs, tick);
  const asked = (message: unknown): void => {
    if (message === 'sites') sendSites();
  };
  // Nobody would end it otherwise.
  const orphaned = (): void => void process.kill(process.pid, 'SIGTERM');
  process.on('message', asked).on('disconnect', orphaned);
  return {
    end() {
      timer.cancel();
      process.off('message', asked).off('disconnect', orphaned);
      if (typeof allocations !== 'string') allocations.stop();
      if (process.connected) process.disconnect?.();
    },
  };

  function tick(): void {
    timer = clock.after(everyMs, tick);
    if (typeof allocations !== 'string') allocations.read();
    collectGarbage();
    const events = topology
      .summary()
      .filter(({ kind }) => kind === 'source')
      .reduce((sum, { sentEvents }) => sum + sentEvents, 0);
    send({ kind: 'sample', sample: sampleMemory(source, secs()), events });
  }

  function sendSites(): void {
    if (typeof allocations !== 'string') allocations.readLive();
    const sites = typeof allocations === 'string' ? [] : allocations.totals.sites().slice(0, SITES_MAX);
    send({ kind: 'sites', sites, secs: secs() });
  }

  function send(message: SoakMessage): void {
    if (process.connected) process.send?.(message);
  }
}
