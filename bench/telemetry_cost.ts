// What share of a pipeline's CPU goes into counting what it does: file → remap, filter → http.
//
//   npm run bench telemetry_cost -- [--pairs 30] [--mib 512] [--threads 1] [--built] [--dist DIR] [--dir DIR]
//
// Two answers. The first is added up: what the pipeline records for this input, counted in a process of its own, times
// what each record costs, measured in this one; looks at the clock are in it, all there are. The second is seen from
// outside: pairs of runs, one of them with `SLUICE_TELEMETRY=off`, where every handle records nothing, in an order drawn
// at random, compared by the CPU time of the process. The interval is that of the median of the pairs' shares.

import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { seededRandom } from '../src/std/random.ts';
import { Registry } from '../src/telemetry/registry.ts';
import { defineCounter, defineGauge, defineHistogram } from '../src/telemetry/telemetry.ts';
import type { Operations } from './harness/counting_pipeline.ts';
import { temporaryFolder } from './harness/folder.ts';
import { type InputFile, Template } from './harness/inputs.ts';
import { JOBS, sluiceConfig } from './harness/job_list.ts';
import { measure } from './harness/measure.ts';
import { type Subject, start } from './harness/process.ts';
import {
  type Installation,
  install,
  type Program,
  sluice,
  sources,
  startSluice,
  writeConfig,
} from './harness/programs.ts';
import { median, table } from './harness/report.ts';

const { values: flags } = parseArgs({
  options: {
    pairs: { type: 'string', default: '30' },
    mib: { type: 'string', default: '512' },
    threads: { type: 'string', default: '1' },
    built: { type: 'boolean', default: false },
    dist: { type: 'string', default: join(import.meta.dirname, '../dist') },
    dir: { type: 'string', default: tmpdir() },
  },
});

const LIMIT = 0.03;
/** Draws for the interval. */
const ROUNDS = 10_000;
const job = JOBS.find(({ id }) => id === 'W6H')!;
const threads = Number(flags.threads);

/** Nanoseconds of one operation: the fastest of many short loops, since the machine only ever adds. */
function fastest(loop: (times: number) => void): number {
  const times = 20_000;
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 300; round++) {
    const startMs = performance.now();
    loop(times);
    best = Math.min(best, ((performance.now() - startMs) * 1e6) / times);
  }
  return best;
}

/** What one of each operation costs. */
function costs(): Readonly<Record<Exclude<keyof Operations, 'batches'>, number>> {
  const registry = new Registry();
  const counter = registry.counter(defineCounter({ name: 'a_total', doc: 'A.' }));
  const gauge = registry.gauge(defineGauge({ name: 'b', doc: 'B.' }));
  const histogram = registry.histogram(defineHistogram({ name: 'c', doc: 'C.' }));
  let sum = 0;
  const clock = fastest((times) => {
    for (let i = 0; i < times; i++) sum += performance.now();
  });
  if (Number.isNaN(sum)) throw new Error('a clock must tell the time');
  return {
    counterAdds: fastest((times) => {
      for (let i = 0; i < times; i++) counter.add(i);
    }),
    gaugeSets: fastest((times) => {
      for (let i = 0; i < times; i++) gauge.set(i);
    }),
    gaugeAdds: fastest((times) => {
      for (let i = 0; i < times; i++) gauge.add(1);
    }),
    records: fastest((times) => {
      for (let i = 0; i < times; i++) histogram.record(i & 1023);
    }),
    clockReads: clock,
  };
}

const named = (installation: Installation, name: string, env: Readonly<Record<string, string>>): Program => ({
  ...sluice(installation),
  name,
  start: (what, setting) => startSluice(installation, sluiceConfig(what, setting), setting, env),
});

async function addUp(input: InputFile, folder: string, cpuSeconds: number): Promise<number> {
  let subject: Subject | undefined;
  const counting: Program = {
    ...sluice(sources()),
    name: 'counting',
    start(what, setting) {
      const path = writeConfig(sluiceConfig(what, setting), setting.dataDir);
      const script = join(import.meta.dirname, 'harness/counting_pipeline.ts');
      subject = start(process.execPath, [script, path, String(setting.threads)]);
      return subject;
    },
  };
  await measure({ program: counting, job, input, folder, threads });
  await subject!.stop();
  const said = /operations (\{.*\})/.exec(subject!.output());
  if (!said) throw new Error(`nothing was counted: ${subject!.output()}`);
  const counted = JSON.parse(said[1]!) as Operations;
  const each = costs();
  let seconds = 0;
  const rows = Object.entries(each).map(([name, ns]) => {
    const times = counted[name as keyof Operations];
    seconds += (times * ns) / 1e9;
    const perBatch = (times * ns) / counted.batches;
    return [name, String(times), ns.toFixed(1), perBatch.toFixed(1), ((times * ns) / 1e6).toFixed(2)];
  });
  const share = seconds / cpuSeconds;
  console.log(`\n${input.lines} lines, ${counted.batches} batches taken in by components\n`);
  console.log(table(['operation', 'times', 'ns each', 'ns per batch', 'ms'], rows));
  console.log(
    `\nadded up: ${((seconds * 1e9) / counted.batches).toFixed(0)} ns per batch, ${(seconds * 1000).toFixed(1)} ms of ${cpuSeconds.toFixed(2)} CPU s: ${(share * 100).toFixed(2)} %`,
  );
  return share;
}

interface Pair {
  readonly on: number;
  readonly off: number;
}

async function comparePairs(installation: Installation, input: InputFile, folder: string): Promise<Pair[]> {
  const on = named(installation, 'on', {});
  const off = named(installation, 'off', { SLUICE_TELEMETRY: 'off' });
  const random = seededRandom(Date.now());
  const cpu = async (program: Program): Promise<number> =>
    (await measure({ program, job, input, folder, threads })).cpuPerGb * (input.bytes / 1e9);
  const pairs: Pair[] = [];
  for (let i = 0; i < Number(flags.pairs); i++) {
    const first = random() < 0.5 ? on : off;
    const one = await cpu(first);
    const other = await cpu(first === on ? off : on);
    pairs.push(first === on ? { on: one, off: other } : { on: other, off: one });
    const { on: with_, off: without } = pairs.at(-1)!;
    console.error(`pair ${i + 1}: ${with_.toFixed(2)} CPU s with, ${without.toFixed(2)} without`);
  }
  return pairs;
}

/**
 * The median of the shares, and the ends of its interval of 95 %, from pairs drawn again and again. Not the mean: a run
 * that the machine disturbed takes up to twice the CPU time, whatever it counts.
 */
function intervalOf(shares: readonly number[]): {
  readonly middle: number;
  readonly low: number;
  readonly high: number;
} {
  const random = seededRandom(1);
  const draw = (): number => median(shares.map(() => shares[Math.floor(random() * shares.length)]!));
  const drawn = Array.from({ length: ROUNDS }, draw).sort((a, b) => a - b);
  return { middle: median(shares), low: drawn[Math.floor(ROUNDS * 0.025)]!, high: drawn[Math.ceil(ROUNDS * 0.975)]! };
}

const percent = (share: number): string => `${(share * 100).toFixed(2)} %`;

const folder = temporaryFolder(flags.dir);
const template = new Template(job.lines);
const input = template.write(job.lines, join(folder, 'input.log'), template.linesFor(Number(flags.mib) * 2 ** 20));
const installation = flags.built ? install(flags.dist, join(folder, 'sluice')) : sources();
const pairs = await comparePairs(installation, input, folder);
const cpuSeconds = pairs.reduce((sum, pair) => sum + pair.on, 0) / pairs.length;
const share = await addUp(input, folder, cpuSeconds);
const { middle, low, high } = intervalOf(pairs.map(({ on, off }) => (on - off) / on));
console.log(
  `${pairs.length} pairs: ${percent(middle)} of the CPU time at the median, from ${percent(low)} to ${percent(high)} with 95 % confidence`,
);
const isWithin = share < LIMIT && high < LIMIT;
console.log(isWithin ? `both are below ${percent(LIMIT)}` : `NOT below ${percent(LIMIT)}`);
if (!isWithin) process.exitCode = 1;
