// `npm test`: what continuous integration runs. The checks, every test file, and the conformance runs where their data
// is at hand. The very last line is `N passed, N failed, N skipped`.
//
//   npm test -- [FILTER…] [--name PATTERN] [--conformance PATH]
//     FILTER          only test files whose path holds this text, without the checks
//     --name          only tests whose name matches this pattern
//     --conformance   a folder with `conformance/` and `tools/`; also SLUICE_CONFORMANCE

import { globSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { formatResult, PARTS, runChecks } from './check.ts';
import { ROOT } from './command.ts';
import { runConformance } from './conformance.ts';
import type { TestRecord } from './test_events.ts';
import { count, type FileResult, formatFile, runTestFiles } from './test_files.ts';

const { values, positionals: filters } = parseArgs({
  allowPositionals: true,
  options: { name: { type: 'string' }, conformance: { type: 'string' } },
});
const conformance = values.conformance ?? process.env['SLUICE_CONFORMANCE'];
const isPartial = filters.length > 0 || values.name !== undefined;

const groups: FileResult[] = [];
if (!isPartial) groups.push(await checks());
groups.push(...(await tests()));
if (!isPartial || values.conformance !== undefined) groups.push(await conformanceRuns());
finish(groups);

/** The parts of `npm run check`; the architecture is among the test files. */
async function checks(): Promise<FileResult> {
  const parts = PARTS.filter(({ name }) => name !== 'architecture');
  const results = await runChecks(parts, (result) => console.log(formatResult(result)));
  const records = results.map(
    ({ name, problems }): TestRecord => ({ name, outcome: problems === '' ? 'passed' : 'failed', detail: problems }),
  );
  return { path: 'npm run check', records, ms: 0, output: '' };
}

async function tests(): Promise<readonly FileResult[]> {
  // The longer ones that cross modules first, so that nothing waits for them alone at the end.
  const paths = ['test', 'bench', 'scripts', 'src'].flatMap((folder) =>
    globSync(`${folder}/**/*.test.ts`, { cwd: ROOT }).sort(),
  );
  const chosen = filters.length === 0 ? paths : paths.filter((path) => filters.some((filter) => path.includes(filter)));
  if (chosen.length === 0) {
    const detail = `no test file matches ${filters.join(', ') || '**/*.test.ts'}`;
    return [{ path: detail, records: [{ name: detail, outcome: 'failed', detail }], ms: 0, output: '' }];
  }
  return runTestFiles(chosen, (result) => console.log(formatFile(result)), values.name);
}

async function conformanceRuns(): Promise<FileResult> {
  const path = 'conformance';
  if (conformance === undefined || conformance === '') {
    const detail = 'set SLUICE_CONFORMANCE, or give --conformance PATH, to run the recorded cases';
    console.log(`- skipped: conformance: ${detail}`);
    return { path, records: [{ name: path, outcome: 'skipped', detail }], ms: 0, output: '' };
  }
  const records = await runConformance(conformance, console.log);
  return { path, records, ms: 0, output: '' };
}

/** Names once more what failed, so that nobody has to scroll, then counts. */
function finish(results: readonly FileResult[]): void {
  const failures = results.flatMap(({ path, records }) =>
    records.filter(({ outcome }) => outcome === 'failed').map(({ name }) => `  ✗ ${path} › ${name}`),
  );
  if (failures.length > 0) console.log(`\nfailed:\n${failures.join('\n')}`);
  const { passed, failed, skipped } = count(results.flatMap(({ records }) => records));
  if (failed > 0) process.exitCode = 1;
  console.log(`\n${passed} passed, ${failed} failed, ${skipped} skipped`);
}
