// What each process uses.
//
// Bound: at most PROCESSES_MAX processes a round; from one round to the next only their times are remembered.

import { readdir } from 'node:fs/promises';
import { TICKS_PER_SECOND } from './cpu.ts';
import { type Filter, isReported } from './filter.ts';
import { uptimeOf } from './load.ts';
import { readShort } from './read_file.ts';
import type { Collect, Roots, Round } from './round.ts';

const PROCESSES_MAX = 32_768;

/** Processes read before others get their turn. */
const BURST = 64;

interface Times {
  /** Tells a process from a later one with the same id. */
  readonly startTicks: number;
  readonly cpuTicks: number;
}

/** `process_runtime`, `process_cpu_usage`, `process_memory_usage`, `process_memory_virtual_usage`. */
export function processCollector({ proc }: Roots, processes: Filter, pageBytes = pageSize()): Collect {
  let before = new Map<string, Times>();
  let beforeMs = 0;
  return async (round) => {
    const uptimeSecs = await uptimeOf(proc);
    const pids = (await readdir(proc)).filter((name) => /^\d+$/.test(name));
    if (pids.length > PROCESSES_MAX)
      round.failed(`Only ${PROCESSES_MAX} processes are reported.`, new Error(`there are ${pids.length}`));
    const elapsedSecs = (round.monotonicMs - beforeMs) / 1000;
    const now = new Map<string, Times>();
    for (const [index, pid] of pids.slice(0, PROCESSES_MAX).entries()) {
      if (index % BURST === BURST - 1) await new Promise((resolve) => setImmediate(resolve));
      const stat = parseStat(readShort(`${proc}/${pid}/stat`));
      if (!stat || !isReported(stat.name, processes)) continue;
      now.set(pid, stat);
      const last = before.get(pid);
      const isKnown = last?.startTicks === stat.startTicks && elapsedSecs > 0;
      const cpuSecs = isKnown ? (stat.cpuTicks - last.cpuTicks) / TICKS_PER_SECOND : 0;
      report(
        round,
        { pid, name: stat.name, command: commandOf(readShort(`${proc}/${pid}/cmdline`)) },
        {
          runtime: Math.max(Math.floor(uptimeSecs - stat.startTicks / TICKS_PER_SECOND), 0),
          cpu: isKnown ? (cpuSecs / elapsedSecs) * 100 : 0,
          memory: stat.residentPages * pageBytes,
          virtual: stat.virtualBytes,
        },
      );
    }
    before = now;
    beforeMs = round.monotonicMs;
  };
}

function report(
  round: Round,
  tags: Readonly<Record<string, string>>,
  usage: { readonly runtime: number; readonly cpu: number; readonly memory: number; readonly virtual: number },
): void {
  round.gauge('process_cpu_usage', usage.cpu, tags);
  round.gauge('process_memory_usage', usage.memory, tags);
  round.gauge('process_memory_virtual_usage', usage.virtual, tags);
  round.counter('process_runtime', usage.runtime, tags);
}

interface Stat extends Times {
  readonly name: string;
  readonly virtualBytes: number;
  readonly residentPages: number;
}

/** `pid (name) state ppid …`; the name may hold anything, a `)` too. */
export function parseStat(text: string | undefined): Stat | undefined {
  const close = text?.lastIndexOf(')') ?? -1;
  if (text === undefined || close === -1) return undefined;
  // The first field behind the name is the third in the manual.
  const fields = text.slice(close + 2).split(' ');
  const field = (number: number): number => Number(fields[number - 3]);
  return {
    name: text.slice(text.indexOf('(') + 1, close),
    cpuTicks: field(14) + field(15),
    startTicks: field(22),
    virtualBytes: field(23),
    residentPages: field(24),
  };
}

/** Arguments end in a zero byte each; those of kernel threads are empty. */
function commandOf(text = ''): string {
  return text.replace(/\0+$/, '').replaceAll('\0', ' ');
}

/** Bytes of a page of memory on this system. */
function pageSize(): number {
  const kibibytes = /^KernelPageSize:\s+(\d+) kB$/m.exec(readShort('/proc/self/smaps') ?? '')?.[1];
  return kibibytes === undefined ? 4096 : Number(kibibytes) * 1024;
}
