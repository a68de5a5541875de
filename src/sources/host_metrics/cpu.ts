// Time that each processor spent in each mode, and how many there are.

import { readText, readTextIfThere } from './read_file.ts';
import type { Collect, Roots } from './round.ts';

/** Parts of a second that the kernel counts time in, for programs: 100 on every Linux that Node runs on. */
export const TICKS_PER_SECOND = 100;

/** `cpu_seconds_total`, `logical_cpus`, `physical_cpus`. */
export function cpuCollector({ proc }: Roots): Collect {
  return async (round) => {
    let logical = 0;
    for (const line of (await readText(`${proc}/stat`)).split('\n')) {
      const match = /^cpu\d+ +(.*)$/.exec(line);
      if (!match) continue;
      const [user, nice, system, idle, ioWait] = match[1]!.split(/ +/).map((ticks) => Number(ticks) / TICKS_PER_SECOND);
      const cpu = String(logical);
      const modes = { idle, io_wait: ioWait, nice, system, user };
      for (const [mode, seconds = Number.NaN] of Object.entries(modes))
        round.counter('cpu_seconds_total', seconds, { cpu, mode });
      logical += 1;
    }
    round.gauge('logical_cpus', logical);
    round.gauge('physical_cpus', physicalCpus(await readTextIfThere(`${proc}/cpuinfo`)) ?? logical);
  };
}

/** Cores are told apart by their number and that of their socket; where neither is told, each processor is one. */
function physicalCpus(info = ''): number | undefined {
  const cores = new Set<string>();
  for (const processor of info.split('\n\n')) {
    const socket = /^physical id\s*: (\d+)$/m.exec(processor)?.[1];
    const core = /^core id\s*: (\d+)$/m.exec(processor)?.[1];
    if (socket !== undefined && core !== undefined) cores.add(`${socket} ${core}`);
  }
  return cores.size === 0 ? undefined : cores.size;
}
