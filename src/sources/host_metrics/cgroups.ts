// What each control group uses, in version 2 of their hierarchy or in version 1 (also where both are mounted).
//
//   version 2   <base>/<group>/{cpu.stat, memory.current, memory.stat}
//   version 1   <base>/{cpu or cpuacct}/<group>/cpuacct.usage*, <base>/memory/<group>/{memory.usage_in_bytes, memory.stat}
//
// Bound: at most GROUPS_MAX groups a round.

import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { type Filter, isExcluded, isReported } from './filter.ts';
import { isMissing, numbersByName, readTextIfThere } from './read_file.ts';
import type { Collect, Roots, Round } from './round.ts';

const GROUPS_MAX = 10_000;

export interface CgroupOptions {
  /** The group to begin with; the root unless given. */
  readonly base: string | undefined;
  /** Where groups are mounted. */
  readonly base_dir: string | undefined;
  readonly groups: Filter;
  /** How deep to look; 1 is the first group alone. */
  readonly levels: number;
}

/** Where a hierarchy is mounted, and how to read a group of it. */
interface Hierarchy {
  readonly folder: string;
  readonly report: (round: Round, folder: string, cgroup: string) => Promise<void>;
}

/** `cgroup_cpu_{usage,user,system}_seconds_total` and `cgroup_memory_*_bytes`. */
export function cgroupsCollector({ sys }: Roots, options: CgroupOptions): Collect {
  const mounted = options.base_dir ?? `${sys}/fs/cgroup`;
  return async (round) => {
    for (const hierarchy of hierarchiesOf(mounted)) await new Walk(round, hierarchy, options).from(options.base);
  };
}

function hierarchiesOf(mounted: string): Hierarchy[] {
  if (existsSync(`${mounted}/cgroup.procs`)) return [{ folder: mounted, report: reportUnified }];
  // Most systems mount both controllers of processors at one place; some only at their own.
  const isApart = existsSync(`${mounted}/cpuacct/cpuacct.usage`) && !existsSync(`${mounted}/cpu/cpuacct.usage`);
  return [
    { folder: `${mounted}/${isApart ? 'cpuacct' : 'cpu'}`, report: reportCpuacct },
    { folder: `${mounted}/memory`, report: reportLegacyMemory },
  ];
}

class Walk {
  readonly #round: Round;
  readonly #hierarchy: Hierarchy;
  readonly #options: CgroupOptions;
  #left = GROUPS_MAX;

  constructor(round: Round, hierarchy: Hierarchy, options: CgroupOptions) {
    this.#round = round;
    this.#hierarchy = hierarchy;
    this.#options = options;
  }

  async from(base: string | undefined): Promise<void> {
    const name = base?.replace(/^\/+|\/+$/g, '') || '/';
    await this.#visit(name, 1);
    if (this.#left < 0)
      this.#round.failed(`Only ${GROUPS_MAX} control groups are reported.`, new Error('there are more'));
  }

  async #visit(name: string, level: number): Promise<void> {
    this.#left -= 1;
    if (this.#left < 0) return;
    const { folder, report } = this.#hierarchy;
    const { groups, levels } = this.#options;
    const path = name === '/' ? folder : `${folder}/${name}`;
    if (isReported(name, groups)) {
      try {
        await report(this.#round, path, name);
      } catch (error) {
        this.#round.failed(`Failed to read the control group ${name}.`, error);
      }
    }
    if (level >= levels) return;
    for (const child of await childrenOf(path)) {
      const childName = name === '/' ? child : `${name}/${child}`;
      if (!isExcluded(childName, groups)) await this.#visit(childName, level + 1);
    }
  }
}

/** Groups come and go: one that is gone has none. */
async function childrenOf(path: string): Promise<string[]> {
  try {
    const entries = await readdir(path, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

async function reportUnified(round: Round, folder: string, cgroup: string): Promise<void> {
  const cpu = await numbersIn(`${folder}/cpu.stat`);
  reportCpu(round, cgroup, 1e-6, cpu.get('usage_usec'), cpu.get('user_usec'), cpu.get('system_usec'));
  const current = await numberIn(`${folder}/memory.current`);
  const memory = await numbersIn(`${folder}/memory.stat`);
  reportMemory(round, cgroup, current, memory, 'anon', 'file');
}

async function reportCpuacct(round: Round, folder: string, cgroup: string): Promise<void> {
  const [usage, user, system] = [
    await numberIn(`${folder}/cpuacct.usage`),
    await numberIn(`${folder}/cpuacct.usage_user`),
    await numberIn(`${folder}/cpuacct.usage_sys`),
  ];
  reportCpu(round, cgroup, 1e-9, usage, user, system);
}

async function reportLegacyMemory(round: Round, folder: string, cgroup: string): Promise<void> {
  const current = await numberIn(`${folder}/memory.usage_in_bytes`);
  reportMemory(round, cgroup, current, await numbersIn(`${folder}/memory.stat`), 'rss', 'cache');
}

function reportCpu(
  round: Round,
  cgroup: string,
  unit: number,
  usage = Number.NaN,
  user = Number.NaN,
  system = Number.NaN,
): void {
  round.counter('cgroup_cpu_usage_seconds_total', usage * unit, { cgroup });
  round.counter('cgroup_cpu_user_seconds_total', user * unit, { cgroup });
  round.counter('cgroup_cpu_system_seconds_total', system * unit, { cgroup });
}

function reportMemory(
  round: Round,
  cgroup: string,
  current: number | undefined,
  stat: ReadonlyMap<string, number>,
  anon: string,
  file: string,
): void {
  const gauge = (name: string, bytes: number | undefined): void =>
    round.gauge(`cgroup_memory_${name}_bytes`, bytes ?? Number.NaN, { cgroup });
  gauge('current', current);
  gauge('anon', stat.get(anon));
  gauge('file', stat.get(file));
  gauge('anon_active', stat.get('active_anon'));
  gauge('anon_inactive', stat.get('inactive_anon'));
  gauge('file_active', stat.get('active_file'));
  gauge('file_inactive', stat.get('inactive_file'));
}

async function numberIn(path: string): Promise<number | undefined> {
  const text = await readTextIfThere(path);
  return text === undefined ? undefined : Number(text);
}

async function numbersIn(path: string): Promise<Map<string, number>> {
  return numbersByName((await readTextIfThere(path)) ?? '');
}
