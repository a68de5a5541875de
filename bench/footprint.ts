// What does Sluice need when little happens, and how does that grow: start, memory, latency, components, bytes?
//
//   npm run bench footprint -- [--only start,idle,latency,row,fan,size] [--runs 5] [--built] [--dist DIR] [--big] [--dir DIR]
//
// start: milliseconds from the command to its first event. idle: resident memory and CPU with nothing to do. latency: of
// one event through file → http at 1,000 a second. row, fan: throughput with 1 to 1,000 components. size: peak memory for
// 100 MB and 1 GB of input, and 10 GB with --big.

import { rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { temporaryFolder } from './harness/folder.ts';
import { measureComponents, type Shape } from './harness/footprint/components.ts';
import { latency } from './harness/footprint/latency.ts';
import {
  idleOfNode,
  idleOfSluice,
  startupOfNode,
  startupToConsole,
  startupToHttp,
} from './harness/footprint/startup.ts';
import { type InputFile, Template } from './harness/inputs.ts';
import { JOBS } from './harness/job_list.ts';
import { measure, type Result } from './harness/measure.ts';
import { type Installation, install, sluice, sources } from './harness/programs.ts';
import { median, table } from './harness/report.ts';

const { values: flags } = parseArgs({
  options: {
    only: { type: 'string', default: 'start,idle,latency,row,fan,size' },
    runs: { type: 'string', default: '5' },
    built: { type: 'boolean', default: false },
    dist: { type: 'string', default: join(import.meta.dirname, '../dist') },
    big: { type: 'boolean', default: false },
    dir: { type: 'string', default: tmpdir() },
  },
});
const RUNS = Number(flags.runs);
const folder = temporaryFolder(flags.dir);

const PARTS: Readonly<Record<string, (installation: Installation) => Promise<void>>> = {
  start,
  idle,
  latency: latencies,
  row: (installation) => components(installation, 'row', [0, 1, 2, 4, 8, 10, 100, 1000]),
  fan: (installation) => components(installation, 'fan', [1, 10, 100, 1000]),
  size,
};

async function start(installation: Installation): Promise<void> {
  const subjects: [string, () => Promise<number>][] = [
    ['Node alone, stdin → stdout', startupOfNode],
    ['stdin → console', () => startupToConsole(installation, folder)],
    ['file → remap → http', () => startupToHttp(installation, folder)],
  ];
  const times = subjects.map((): number[] => []);
  for (let run = 0; run < RUNS; run++) {
    for (const [index, [, measureOnce]] of subjects.entries()) times[index]!.push(await measureOnce());
  }
  const rows = subjects.map(([name], index) => [
    name,
    median(times[index]!).toFixed(0),
    Math.min(...times[index]!).toFixed(0),
    Math.max(...times[index]!).toFixed(0),
  ]);
  console.log(`\n${table(['first event through', 'median ms', 'least', 'most'], rows)}`);
}

async function idle(installation: Installation): Promise<void> {
  const subjects = [
    { name: 'Node alone', idle: await idleOfNode() },
    { name: 'Sluice, 1 thread', idle: await idleOfSluice(installation, folder, 1) },
    { name: 'Sluice, 2 threads', idle: await idleOfSluice(installation, folder, 2) },
  ];
  const rows = subjects.map(({ name, idle: { rssMib, peakMib, cpuMsPerSecond } }) => [
    name,
    rssMib.toFixed(0),
    peakMib.toFixed(0),
    cpuMsPerSecond.toFixed(1),
  ]);
  console.log(`\n${table(['idle: tcp → remap → http', 'RSS MiB', 'peak RSS MiB', 'CPU ms/s'], rows)}`);
}

const PER_SECOND = 1_000;
const LATENCY_SECS = 20;

async function latencies(installation: Installation): Promise<void> {
  const rows: string[][] = [];
  for (const batch of ['{max_events: 1}', '{timeout_secs: 0.05}']) {
    const { events, p50Ms, p99Ms, maxMs, cpuPercent } = await latency(
      installation,
      folder,
      PER_SECOND,
      LATENCY_SECS,
      batch,
    );
    rows.push([batch, String(events), ...[p50Ms, p99Ms, maxMs].map((ms) => ms.toFixed(1)), cpuPercent.toFixed(0)]);
  }
  const head = [`file → http, ${PER_SECOND}/s, batch`, 'events', 'p50 ms', 'p99 ms', 'max ms', 'CPU %'];
  console.log(`\n${table(head, rows)}`);
}

function makeInput(mib: number): InputFile {
  const template = new Template('json');
  return template.write('json', join(folder, 'input.log'), template.linesFor(mib * 2 ** 20));
}

/** A thousand components do a thousand times the work: they get less of it. */
const COMPONENTS_MIB = 128;
const MANY = 100;

async function components(installation: Installation, shape: Shape, counts: readonly number[]): Promise<void> {
  const rows: string[][] = [];
  let base: { readonly count: number; readonly cpuPerGb: number } | undefined;
  for (const count of counts) {
    const input = makeInput(count > MANY ? COMPONENTS_MIB / 8 : COMPONENTS_MIB);
    const runs: Result[] = [];
    try {
      for (let run = 0; run < RUNS; run++)
        runs.push(await measureComponents(installation, shape, count, input, folder));
    } catch (error) {
      console.error((error as Error).message);
      rows.push([String(count), 'failed', '', '', '']);
      process.exitCode = 1;
      continue;
    } finally {
      rmSync(input.path);
    }
    const cpuPerGb = median(runs.map((run) => run.cpuPerGb));
    // The first one may decode what passes raw without it.
    if (count > 0) base ??= { count, cpuPerGb };
    const each =
      !base || count === base.count ? '–' : (((cpuPerGb - base.cpuPerGb) / (count - base.count)) * 1000).toFixed(1);
    rows.push([
      String(count),
      median(runs.map((run) => run.mbPerSecond)).toFixed(0),
      cpuPerGb.toFixed(2),
      each,
      median(runs.map((run) => run.peakMib)).toFixed(0),
    ]);
  }
  const what = shape === 'row' ? 'filters in a row' : 'blackholes at one source';
  console.log(`\n${table([what, 'MB/s', 'CPU s/GB', 'CPU ms/GB for each more', 'peak RSS MiB'], rows)}`);
}

async function size(installation: Installation): Promise<void> {
  const rows: string[][] = [];
  for (const megabytes of flags.big ? [100, 1_000, 10_000] : [100, 1_000]) {
    const input = makeInput((megabytes * 1e6) / 2 ** 20);
    for (const id of ['W12', 'W2', 'W6']) {
      const job = JOBS.find((each) => each.id === id)!;
      for (const threads of [1, 2]) {
        const result = await measure({ program: sluice(installation), job, input, folder, threads });
        rows.push([id, String(threads), String(megabytes), result.peakMib.toFixed(0), result.mbPerSecond.toFixed(0)]);
      }
    }
    rmSync(input.path);
  }
  rows.sort(([a, b], [c, d]) => `${a}${b}`.localeCompare(`${c}${d}`));
  console.log(`\n${table(['job', 'threads', 'input MB', 'peak RSS MiB', 'MB/s'], rows)}`);
}

const installation = flags.built ? install(flags.dist, join(folder, 'sluice')) : sources();
console.log(`${cpus().length} × ${cpus()[0]!.model}, Node ${process.versions.node}`);
for (const name of flags.only.split(',')) {
  const part = PARTS[name];
  if (!part) throw new Error(`there is no part ${name}; there are ${Object.keys(PARTS).join(', ')}`);
  await part(installation);
}
