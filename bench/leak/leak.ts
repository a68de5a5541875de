// Does memory climb when the pipeline's telemetry keeps every sample, and does it stay flat with what the product has?
//
//   npm run bench leak -- --arm bounded --minutes 30        one arm; repeat --arm for more
//                         --all --minutes 2                 every arm of the table
//                         --batched --events 50000000       batches as large as the sink makes them, until so many came out
//                         --seed-leak 8192                  bytes a second that the pipeline is made to leak
//                         --report FOLDER                   the table, plots and page again of what is in a folder
//
// Further: --warm-up-minutes N (a third of the run), --rate N (events a second at most), --out FOLDER, --concurrency 16, --threads 1, --collect-secs 5,
// --sources (unbundled), --dir DIR (for the logs). See bench/leak/README.md.

import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { temporaryFolder } from '../harness/folder.ts';
import { type Arm, armNamed, TABLE_ARMS } from './arms.ts';
import { bundlePipeline } from './bundled.ts';
import { writeReport } from './report.ts';
import { runArm } from './run_arm.ts';
import { type Run, writeRun } from './samples.ts';

const { values: flags } = parseArgs({
  options: {
    arm: { type: 'string', multiple: true, default: [] },
    all: { type: 'boolean', default: false },
    minutes: { type: 'string' },
    events: { type: 'string' },
    batched: { type: 'boolean', default: false },
    'seed-leak': { type: 'string', default: '0' },
    'warm-up-minutes': { type: 'string' },
    rate: { type: 'string' },
    concurrency: { type: 'string', default: '16' },
    threads: { type: 'string', default: '1' },
    'collect-secs': { type: 'string', default: '5' },
    sources: { type: 'boolean', default: false },
    out: { type: 'string' },
    dir: { type: 'string', default: tmpdir() },
    report: { type: 'string' },
  },
});

const count = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text));

async function measure(arms: readonly Arm[], out: string): Promise<void> {
  const folder = temporaryFolder(flags.dir);
  const pipeline = flags.sources
    ? join(import.meta.dirname, 'pipeline.ts')
    : await bundlePipeline(join(folder, 'sluice'));
  const warmUpMinutes = count(flags['warm-up-minutes']);
  for (const arm of arms) {
    console.error(`${arm.name} …`);
    const run = await runArm({
      arm,
      minutes: flags.events === undefined ? Number(flags.minutes ?? 2) : count(flags.minutes),
      events: count(flags.events),
      batchEvents: flags.batched ? undefined : 1,
      rate: count(flags.rate) ?? Number.MAX_SAFE_INTEGER,
      seedLeakPerSecond: Number(flags['seed-leak']),
      warmUpSecs: warmUpMinutes === undefined ? undefined : warmUpMinutes * 60,
      concurrency: Number(flags.concurrency),
      threads: Number(flags.threads),
      collectSecs: Number(flags['collect-secs']),
      pipeline,
      isBundled: !flags.sources,
      folder,
    });
    writeRun(out, nameOf(arm, run), run);
    console.error(summaryOf(run));
  }
}

function nameOf({ name }: Arm, { batchEvents, seedLeakPerSecond }: Run): string {
  return [
    name,
    ...(batchEvents === undefined ? ['batched'] : []),
    ...(seedLeakPerSecond > 0 ? [`seeded-${seedLeakPerSecond}`] : []),
  ].join('-');
}

/** What the machine did, to tell what limits the rate. */
function summaryOf({ samples, othersCpu, scrapeBytes, scrapeMs, lost }: Run): string {
  const last = samples.at(-1)!;
  const perSecond = (last.events / last.t).toFixed(0);
  const share = (cpu: number): string => `${((cpu / last.t) * 100).toFixed(0)} %`;
  return `  ${last.events} events, ${last.requests} requests in ${last.t.toFixed(0)} s, ${perSecond} events/s; CPU of the pipeline ${share(last.cpu)}, of receiver and generator ${share(othersCpu)}; last scrape ${scrapeBytes} bytes in ${scrapeMs.toFixed(0)} ms; ${lost} samples lost`;
}

if (flags.report !== undefined) {
  console.log(writeReport(flags.report));
} else {
  const arms = flags.all ? TABLE_ARMS : flags.arm.map(armNamed);
  if (arms.length === 0) throw new Error('say which arm with --arm NAME, or --all');
  const out = flags.out ?? mkdtempSync(join(tmpdir(), 'sluice-leak-'));
  mkdirSync(out, { recursive: true });
  await measure(arms, out);
  console.log(writeReport(out));
  console.log(`\nsamples, table, plots and page: ${out}`);
}
