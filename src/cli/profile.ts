// `--profile-memory FILE.html`: watches who takes memory and which code allocates, and writes a page about it: every so
// often while the process runs, and once more at its end. The page is replaced as a whole, so a reader never sees half.

import { renameSync, writeFileSync } from 'node:fs';
import type { Clock } from '../std/clock.ts';
import type { Logger } from '../telemetry/log.ts';
import { collectGarbage } from './heap.ts';
import { keepFunctionsApart, profileAllocations } from './profile/allocations.ts';
import { MemoryHistory } from './profile/history.ts';
import { type MemorySource, sampleMemory } from './profile/memory_sample.ts';
import { profilePage } from './profile/page.ts';
import { version } from './version.ts';

const SAMPLE_MS = 1_000;
/** A page costs a collection, some tens of milliseconds. */
const WRITE_EVERY = 30;

export interface MemoryProfile {
  /** Writes the last page. */
  end(): void;
}

export function profileMemory(file: string, source: MemorySource, clock: Clock, log: Logger): MemoryProfile {
  keepFunctionsApart();
  const history = new MemoryHistory();
  const allocations = profileAllocations(collectGarbage);
  if (typeof allocations === 'string') log.warn(`${allocations}.`);
  const startedMs = clock.now();
  const secs = (): number => (clock.now() - startedMs) / 1000;
  let samples = 0;
  let timer = clock.after(SAMPLE_MS, tick);
  history.add(sampleMemory(source, 0));
  log.info('Memory is profiled.', { file, write_every_secs: (WRITE_EVERY * SAMPLE_MS) / 1000 });
  return {
    end() {
      timer.cancel();
      history.add(sampleMemory(source, secs()));
      write();
      if (typeof allocations !== 'string') allocations.stop();
      log.info('The profile of memory is written.', { file });
    },
  };

  function tick(): void {
    timer = clock.after(SAMPLE_MS, tick);
    history.add(sampleMemory(source, secs()));
    if (typeof allocations !== 'string') allocations.read();
    samples += 1;
    if (samples % WRITE_EVERY === 0) write();
  }

  function write(): void {
    if (typeof allocations !== 'string') allocations.readLive();
    const page = profilePage({
      title: 'Memory profile',
      facts: [
        ['sluice', version()],
        ['node', process.versions.node],
        ['process', String(process.pid)],
        ['from', new Date(startedMs).toISOString()],
        ['until', new Date(clock.now()).toISOString()],
      ],
      series: history.series(),
      sites: typeof allocations === 'string' ? allocations : allocations.totals.sites(),
      profiledSecs: secs(),
    });
    try {
      writeFileSync(`${file}.part`, page);
      renameSync(`${file}.part`, file);
    } catch (error) {
      log.error('The profile of memory cannot be written.', { file, error: (error as Error).message });
    }
  }
}
