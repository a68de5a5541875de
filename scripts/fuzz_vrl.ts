// Compares our implementation of the language with the original on random programs:
// `npm run fuzz -- vrl [--cases 100000 | --hours 2] [--seed 1] [--no-shrink] [--text] [--out findings.jsonl]
// [--report coverage.md]`.
// Prints the kinds of differences, the most frequent first, each as a line that can become a test case, and what the
// run has covered. Exits with 1 when there are differences.

import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { coveragePage } from '../test/vrl/coverage.ts';
import { compareAtRandom, type Finding } from '../test/vrl/differential.ts';
import { oracleMissing } from '../test/vrl/sides.ts';

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    cases: { type: 'string' },
    hours: { type: 'string' },
    seed: { type: 'string', default: '1' },
    signatures: { type: 'string', default: '200' },
    'no-shrink': { type: 'boolean', default: false },
    text: { type: 'boolean', default: false },
    out: { type: 'string' },
    report: { type: 'string' },
  },
});
if (positionals.length > 1 || (positionals[0] ?? 'vrl') !== 'vrl') {
  console.error('usage: npm run fuzz -- vrl [--cases N | --hours H] [--seed S] [--no-shrink] [--text] [--out FILE]');
  process.exit(2);
}
const missing = oracleMissing(true);
if (missing !== undefined) {
  console.error(missing);
  process.exit(2);
}

const limitMs = flags.hours === undefined ? undefined : Number(flags.hours) * 3_600_000;
const start = performance.now();
let shown = start;
const result = await compareAtRandom({
  seed: Number(flags.seed),
  cases: flags.cases === undefined ? (limitMs === undefined ? 100_000 : Number.MAX_SAFE_INTEGER) : Number(flags.cases),
  ...(limitMs === undefined ? {} : { limitMs }),
  signaturesMax: Number(flags.signatures),
  text: flags.text,
  network: true,
  shrink: !flags['no-shrink'],
  onProgress(cases, signatures) {
    if (performance.now() - shown < 10_000) return;
    shown = performance.now();
    console.error(
      `${cases} cases, ${Math.round((1000 * cases) / (shown - start))}/s, ${signatures} kinds of differences`,
    );
  },
});

const lines = result.findings.map(line);
if (flags.out !== undefined) writeFileSync(flags.out, lines.map((one) => `${one}\n`).join(''));
if (flags.report !== undefined)
  writeFileSync(flags.report, coveragePage(result.coverage, { seed: flags.seed, differences: result.differences }));
for (const one of lines) console.log(one);
console.log(`\n${result.coverage.text()}`);
console.log(
  `\n${result.differences} differences of ${result.findings.length} kinds in ${result.coverage.cases} cases, ` +
    `${Math.round((1000 * result.coverage.cases) / result.ms)} cases a second, seed ${flags.seed}`,
);
process.exitCode = result.differences === 0 ? 0 : 1;

function line({ signature, times, case: one, difference, expect }: Finding): string {
  return JSON.stringify({
    times,
    signature,
    ...one,
    id: undefined,
    expect,
    aspect: difference.aspect,
    ours: difference.ours,
    theirs: difference.theirs,
  });
}
