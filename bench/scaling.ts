// How much more do two cores do than one, beside two copies of the job that share nothing?
//
//   npm run bench scaling -- [--jobs W6,S3,S4] [--mib 512] [--runs 5] [--built] [--dist DIR] [--dir DIR]
//
// Three ways, taking turns: one process with one thread on one core; one process with two threads; and two independent
// copies with one thread each, pinned to a core each, with a file each. All read files and write files (W6) or /dev/null
// (S3, S4), so that senders and receivers take no part. What the copies do together is the most that two cores can do.

import { rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { temporaryFolder } from './harness/folder.ts';
import { type InputFile, Template } from './harness/inputs.ts';
import { JOBS, type Job } from './harness/job_list.ts';
import { runTogether } from './harness/measure.ts';
import { type Installation, install, pinned, sluice, sources } from './harness/programs.ts';
import { median, table } from './harness/report.ts';

const { values: flags } = parseArgs({
  options: {
    jobs: { type: 'string', default: 'W6,S3,S4' },
    mib: { type: 'string', default: '512' },
    runs: { type: 'string', default: '5' },
    built: { type: 'boolean', default: false },
    dist: { type: 'string', default: join(import.meta.dirname, '../dist') },
    dir: { type: 'string', default: tmpdir() },
  },
});

const folder = temporaryFolder(flags.dir);

/** What each way did, in bytes and seconds of all its processes together. */
interface Measured {
  readonly mbPerSecond: number;
  readonly cpuPerGb: number;
  readonly peakMib: number;
}

interface Way {
  readonly name: string;
  /** The processes, each with what starts it and its threads. */
  readonly copies: readonly { readonly installation: Installation; readonly threads: number }[];
}

async function measureWay({ copies }: Way, job: Job, input: InputFile): Promise<Measured> {
  const runs = await runTogether(
    copies.map(({ installation, threads }) => ({ program: sluice(installation), job, input, folder, threads })),
  );
  const bytes = input.bytes * copies.length;
  const seconds = (Math.max(...runs.map((run) => run.endedMs)) - Math.min(...runs.map((run) => run.beganMs))) / 1000;
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  return {
    mbPerSecond: bytes / 1e6 / seconds,
    cpuPerGb: sum(runs.map((run) => run.cpuSeconds)) / (bytes / 1e9),
    peakMib: sum(runs.map((run) => run.peakMib)),
  };
}

async function measureJob(job: Job, ways: readonly Way[]): Promise<string[][]> {
  const template = new Template(job.lines);
  const input = template.write(job.lines, join(folder, 'input.log'), template.linesFor(Number(flags.mib) * 2 ** 20));
  const measured = ways.map((): Measured[] => []);
  for (let run = 1; run <= Number(flags.runs); run++) {
    for (const [index, way] of ways.entries()) {
      const each = await measureWay(way, job, input);
      measured[index]!.push(each);
      console.error(
        `${job.id} ${way.name} ${run}: ${each.mbPerSecond.toFixed(0)} MB/s, ${each.cpuPerGb.toFixed(2)} CPU s/GB`,
      );
    }
  }
  rmSync(input.path);
  const middle = (index: number, pick: (each: Measured) => number): number => median(measured[index]!.map(pick));
  const last = ways.length - 1;
  return ways.map(({ name }, index) => [
    job.id,
    name,
    middle(index, ({ mbPerSecond }) => mbPerSecond).toFixed(0),
    (middle(index, ({ mbPerSecond }) => mbPerSecond) / middle(last, ({ mbPerSecond }) => mbPerSecond)).toFixed(2),
    middle(index, ({ cpuPerGb }) => cpuPerGb).toFixed(2),
    (middle(index, ({ cpuPerGb }) => cpuPerGb) / middle(last, ({ cpuPerGb }) => cpuPerGb)).toFixed(2),
    middle(index, ({ peakMib }) => peakMib).toFixed(0),
  ]);
}

const installation = flags.built ? install(flags.dist, join(folder, 'sluice')) : sources();
const ways: readonly Way[] = [
  { name: '1 thread, pinned', copies: [{ installation: pinned(installation, 0), threads: 1 }] },
  { name: '2 threads', copies: [{ installation, threads: 2 }] },
  {
    name: '2 copies, pinned',
    copies: [0, 1].map((core) => ({ installation: pinned(installation, core), threads: 1 })),
  },
];
const rows: string[][] = [];
for (const id of flags.jobs.split(',')) {
  const job = JOBS.find((each) => each.id === id);
  if (job?.input !== 'file') throw new Error(`there is no job ${id} that reads a file`);
  rows.push(...(await measureJob(job, ways)));
}
console.log(
  `\n${cpus().length} × ${cpus()[0]!.model}, Node ${process.versions.node}, ${flags.mib} MiB, medians of ${flags.runs} runs\n`,
);
console.log(table(['job', 'way', 'MB/s', '× copies', 'CPU s/GB', '× copies', 'peak RSS MiB'], rows));
