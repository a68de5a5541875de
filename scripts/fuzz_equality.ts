// Runs random pipelines on random batches in every way there is, and compares:
// `npm run fuzz -- equality [--cases 10000 | --hours 2] [--seed 1] [--findings 10]`.
// Prints each case that differs, and exits with 1 when there is one. Case i has the seed `seed + i`.

import { parseArgs } from 'node:util';
import { compareAtRandom } from '../test/equality/compare.ts';

const { values: flags } = parseArgs({
  allowPositionals: true,
  options: {
    cases: { type: 'string' },
    hours: { type: 'string' },
    seed: { type: 'string', default: '1' },
    findings: { type: 'string', default: '10' },
  },
});

const limitMs = flags.hours === undefined ? undefined : Number(flags.hours) * 3_600_000;
const start = performance.now();
let shown = start;
const result = await compareAtRandom({
  seed: Number(flags.seed),
  cases: flags.cases === undefined ? (limitMs === undefined ? 10_000 : Number.MAX_SAFE_INTEGER) : Number(flags.cases),
  ...(limitMs === undefined ? {} : { limitMs }),
  findingsMax: Number(flags.findings),
  onFinding: (text) => console.log(`${text}\n`),
  onProgress({ cases }) {
    if (performance.now() - shown < 10_000) return;
    shown = performance.now();
    console.error(`${cases} cases, ${Math.round((1000 * cases) / (shown - start))}/s`);
  },
});
const { cases, batches, events, encodedEvents, workerBatches, spliced, indexed, findings } = result;
console.log(
  `${findings} differences in ${cases} cases (${batches} batches, ${events} events; ${encodedEvents} encoded by segments, ${workerBatches} batches run by workers, ` +
    `${indexed} objects indexed and ${spliced} spliced), ` +
    `${Math.round((1000 * cases) / (performance.now() - start))} cases a second, seed ${flags.seed}`,
);
process.exitCode = findings === 0 ? 0 : 1;
