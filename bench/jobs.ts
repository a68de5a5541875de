// What does each job of a pipeline cost, beside the plain Node way and other programs on the same bytes?
//
//   npm run bench jobs -- [--jobs W1,W6] [--mib N] [--runs 3] [--threads 1] [--built] [--dist DIR] [--peers rsyslog,otel]
//                         [--without sluice,plain] [--json FILE] [--dir DIR]
//
// Programs take turns within a run, on the same input. CPU is user and system time of the whole process tree after it
// was ready, per 10^9 bytes of input; RSS is the peak of the tree. Senders and receivers are processes of their own.
// Every output is checked line by line for lost, doubled, wrong and disordered events; a run that is not right fails.

import { rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { temporaryFolder } from './harness/folder.ts';
import { type InputFile, type InputKind, Template } from './harness/inputs.ts';
import { JOBS, type Job } from './harness/job_list.ts';
import { measure, type Result } from './harness/measure.ts';
import { peers } from './harness/peers/peers.ts';
import { install, type Program, plainNode, sluice, sources } from './harness/programs.ts';
import { median, table } from './harness/report.ts';

const { values: flags } = parseArgs({
  options: {
    jobs: { type: 'string', default: 'W1,W12,W2,W5,W3,W4,W6,W11,W7,CHAIN' },
    mib: { type: 'string' },
    runs: { type: 'string', default: '3' },
    threads: { type: 'string', default: '1' },
    built: { type: 'boolean', default: false },
    dist: { type: 'string', default: join(import.meta.dirname, '../dist') },
    peers: { type: 'string', default: '' },
    without: { type: 'string', default: '' },
    json: { type: 'string' },
    dir: { type: 'string', default: tmpdir() },
  },
});

interface Row {
  readonly job: Job;
  readonly program: string;
  readonly bytes: number;
  readonly results: readonly Result[];
  /** Why there are none. */
  readonly missing?: string;
}

const folder = temporaryFolder(flags.dir);
const templates = new Map<InputKind, Template>();
let input: InputFile | undefined;
let failures = 0;

/** One input lies on the disk at a time. */
function inputFor({ lines: kind, mib }: Job): InputFile {
  const template = templates.get(kind) ?? new Template(kind);
  templates.set(kind, template);
  const lines = template.linesFor(Number(flags.mib ?? mib) * 2 ** 20);
  if (input?.kind === kind && input.lines === lines) return input;
  if (input) rmSync(input.path);
  input = template.write(kind, join(folder, `${kind}.log`), lines);
  return input;
}

async function runJob(job: Job, programs: readonly Program[]): Promise<Row[]> {
  const file = inputFor(job);
  const results = new Map<Program, Result[]>(programs.map((program) => [program, []]));
  const missing = new Map<Program, string>();
  for (const program of programs) {
    const has = program.has(job);
    if (has !== true) missing.set(program, has);
  }
  for (let run = 1; run <= Number(flags.runs); run++) {
    for (const program of programs.filter((each) => !missing.has(each))) {
      try {
        const result = await measure({ program, job, input: file, folder, threads: Number(flags.threads) });
        results.get(program)!.push(result);
        console.error(
          `${job.id} ${program.name} ${run}: ${result.cpuPerGb.toFixed(2)} CPU s/GB, ${result.mbPerSecond.toFixed(0)} MB/s, ${result.peakMib.toFixed(0)} MiB`,
        );
      } catch (error) {
        failures++;
        const message = (error as Error).message;
        missing.set(program, 'failed');
        console.error(`${job.id} ${program.name} ${run}: FAILED\n${message}`);
      }
    }
  }
  return programs.map((program) => ({
    job,
    program: program.name,
    bytes: file.bytes,
    results: results.get(program)!,
    missing: missing.get(program),
  }));
}

function cpuOf(rows: readonly Row[], id: string): number | undefined {
  const row = rows.find(({ job, program }) => job.id === id && program === plainNode.name);
  return row?.results.length ? median(row.results.map(({ cpuPerGb }) => cpuPerGb)) : undefined;
}

function shown(rows: readonly Row[]): string {
  const times = (cpu: number, plain: number | undefined): string =>
    plain === undefined ? '–' : (cpu / plain).toFixed(2);
  const lines = rows.map(({ job, program, results, missing }) => {
    const name = program === 'Sluice' ? '**Sluice**' : program;
    if (results.length === 0) return [job.id, name, '–', missing ?? '–', '', ''];
    const middle = (pick: (result: Result) => number): number => median(results.map(pick));
    const cpu = middle(({ cpuPerGb }) => cpuPerGb);
    const against = job.alsoAgainst ? ` (${times(cpu, cpuOf(rows, job.alsoAgainst))} × plain ${job.alsoAgainst})` : '';
    return [
      job.id,
      name,
      middle(({ mbPerSecond }) => mbPerSecond).toFixed(0),
      cpu.toFixed(2),
      times(cpu, cpuOf(rows, job.id)) + against,
      middle(({ peakMib }) => peakMib).toFixed(0),
    ];
  });
  const notes = rows.flatMap(({ job, program, results }) => {
    const note = results.find((result) => result.note !== undefined)?.note;
    return note === undefined ? [] : [`\n\n${program} on ${job.id}: ${note}.`];
  });
  return table(['job', 'program', 'MB/s', 'CPU s/GB', '× plain', 'peak RSS MiB'], lines) + notes.join('');
}

const without = flags.without.split(',');
const ids = flags.jobs.split(',');
const unknown = ids.filter((id) => !JOBS.some((job) => job.id === id));
if (unknown.length > 0)
  throw new Error(`there is no job ${unknown.join(', ')}; there are ${JOBS.map(({ id }) => id).join(', ')}`);
const installation = flags.built ? install(flags.dist, join(folder, 'sluice')) : sources();
const programs = [sluice(installation), plainNode, ...(await peers(flags.peers.split(',').filter(Boolean)))].filter(
  ({ name }) => !without.includes(name.toLowerCase().split(' ')[0]!),
);
const rows: Row[] = [];
for (const job of JOBS.filter(({ id }) => ids.includes(id))) rows.push(...(await runJob(job, programs)));
console.log(
  `\n${cpus().length} × ${cpus()[0]!.model}, Node ${process.versions.node}, threads ${flags.threads}, medians of ${flags.runs} runs\n`,
);
console.log(shown(rows));
if (flags.json) writeFileSync(flags.json, `${JSON.stringify(rows, undefined, 2)}\n`);
if (failures > 0) process.exitCode = 1;
