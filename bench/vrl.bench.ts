// What does a VRL program cost per event, beside the `vrl` crate that it was defined by?
//
//   npm run bench vrl -- [--only NAME] [--rounds 5] [--iterations N]
//
// Each program runs over the same events in both, one thread each, taking turns; both copy the event before each run, as
// running changes it, and the copies are part of the figures. The crate is driven by the program in test/vrl/oracle,
// which is built when it is missing (a few minutes, once).

import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { cloneValue, type ObjectValue } from '../src/event/value.ts';
import { compile, Failure, type Target } from '../src/vrl/vrl.ts';
import { median, table } from './harness/report.ts';
import { programs, type VrlJob } from './harness/vrl_jobs.ts';

const ORACLE = join(import.meta.dirname, '../test/vrl/oracle');
const BINARY = join(ORACLE, 'target/release/vrl-oracle');
const NO_SECRETS = { get: () => undefined, set: () => {}, remove: () => {} };

interface Measured {
  readonly ns: number;
  readonly failed: number;
}

/** The same program in this process. */
function measureOurs({ source, events }: VrlJob, iterations: number): Measured {
  const compiled = compile(source);
  if ('diagnostics' in compiled) throw new Error(compiled.diagnostics.map(({ message }) => message).join('; '));
  const { program } = compiled;
  let failed = 0;
  const started = process.hrtime.bigint();
  for (let i = 0; i < iterations; i++) {
    for (const event of events) {
      const target: Target = { value: cloneValue(event), metadata: {}, secrets: NO_SECRETS };
      if (program.run(target) instanceof Failure) failed++;
    }
  }
  const ns = Number(process.hrtime.bigint() - started) / (iterations * events.length);
  return { ns, failed: failed / iterations };
}

function measureCrate(file: string, repetitions: number): Measured {
  void repetitions;
  const { ns, failed } = JSON.parse(execFileSync(BINARY, ['--bench', file], { encoding: 'utf8' })) as Measured & {
    iterations: number;
  };
  return { ns, failed };
}

function build(): void {
  if (existsSync(BINARY)) return;
  console.log('building the crate (a few minutes, once)');
  execFileSync('cargo', ['build', '--release', '--locked'], { cwd: ORACLE, stdio: 'inherit' });
}

/** Runs of a program that last about a fifth of a second. */
function iterationsOf(job: VrlJob): number {
  measureOurs(job, 20);
  const { ns } = measureOurs(job, 20);
  return Math.max(5, Math.round(200e6 / (ns * job.events.length)));
}

if (process.argv[2] === '--job') {
  // The child: one program in a process of its own, so that none pays for the shapes of another's events.
  const job = programs().find(({ name }) => name === process.argv[3])!;
  const iterations = Number(process.argv[4]);
  for (let i = 0; i < 3; i++) measureOurs(job, iterations);
  const runs = Array.from({ length: 5 }, () => measureOurs(job, iterations));
  console.log(JSON.stringify({ ns: median(runs.map(({ ns }) => ns)), failed: runs[0]!.failed }));
} else {
  const { values } = parseArgs({
    options: { only: { type: 'string' }, rounds: { type: 'string', default: '3' } },
    strict: false,
  });
  build();
  const folder = mkdtempSync(join(tmpdir(), 'vrl-bench-'));
  const rows: string[][] = [];
  const ratios: number[] = [];
  for (const job of programs()) {
    if (typeof values.only === 'string' && !job.name.includes(values.only)) continue;
    const iterations = iterationsOf(job);
    const file = join(folder, 'job.json');
    writeFileSync(file, JSON.stringify({ source: job.source, events: job.events as ObjectValue[], iterations }));
    const ours: Measured[] = [];
    const theirs: Measured[] = [];
    for (let round = 0; round < Number(values.rounds); round++) {
      const child = [import.meta.filename, '--job', job.name, String(iterations)];
      ours.push(JSON.parse(execFileSync(process.execPath, child, { encoding: 'utf8' })) as Measured);
      theirs.push(measureCrate(file, 5));
    }
    if (ours[0]!.failed !== theirs[0]!.failed / iterations)
      throw new Error(`${job.name}: ${ours[0]!.failed} events fail here and ${theirs[0]!.failed / iterations} there`);
    const [a, b] = [median(ours.map(({ ns }) => ns)), median(theirs.map(({ ns }) => ns))];
    ratios.push(b / a);
    rows.push([job.name, a.toFixed(0), b.toFixed(0), (b / a).toFixed(2)]);
    console.error(`${job.name}: ${a.toFixed(0)} ns, crate ${b.toFixed(0)} ns, ${(b / a).toFixed(2)} times as fast`);
  }
  rmSync(folder, { recursive: true });
  console.log(table(['program', 'ns per event', 'crate, ns', 'times as fast'], rows));
  console.log(`median ${median(ratios).toFixed(2)}, least ${Math.min(...ratios).toFixed(2)}`);
}
