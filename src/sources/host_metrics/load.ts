// The load averages, since when the system runs, and for how long.

import { numbersByName, readText } from './read_file.ts';
import type { Collect, Roots } from './round.ts';

/** `load1`, `load5`, `load15`. */
export function loadCollector({ proc }: Roots): Collect {
  return async (round) => {
    const [load1, load5, load15] = (await readText(`${proc}/loadavg`)).split(' ').map(Number);
    round.gauge('load1', load1 ?? Number.NaN);
    round.gauge('load5', load5 ?? Number.NaN);
    round.gauge('load15', load15 ?? Number.NaN);
  };
}

/** `uptime` and `boot_time`, in seconds. */
export function hostCollector({ proc }: Roots): Collect {
  return async (round) => {
    round.gauge('uptime', await uptimeOf(proc));
    round.gauge('boot_time', numbersByName(await readText(`${proc}/stat`)).get('btime') ?? Number.NaN);
  };
}

/** Seconds since the system was started. */
export async function uptimeOf(proc: string): Promise<number> {
  return Number((await readText(`${proc}/uptime`)).split(' ')[0]);
}
