// Runs test vectors of Vector through the command, where their folder is at hand: whole runs (golden/*.jsonl), programs
// (vrl/*.jsonl), unit tests of configurations, and configurations to validate. What is known not to hold yet is listed with its reason, so that everything else must.
//
//   npm run conformance -- PATH [FAMILY…]      PATH holds `conformance/` and `tools/`, or is that `conformance/`

import { existsSync, globSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { indent, NODE, ROOT, run, seconds } from './command.ts';
import { type BatchResult, runUnitTestCases, runVrlCases } from './conformance_batches.ts';
import type { TestRecord } from './test_events.ts';
import { count } from './test_files.ts';

/** A family of cases may take this long altogether. */
const FAMILY_LIMIT_MS = 900_000;

const COMMAND = [NODE, join(ROOT, 'src/cli/main.ts')].map(quoted).join(' ');

/** What differs on purpose or is not reached yet, each with its reason (test/conformance.json). */
export interface Exceptions {
  readonly families: Readonly<Record<string, string>>;
  /** By name; a name that ends in `*` stands for all that begin so. */
  readonly cases: Readonly<Record<string, string>>;
}

/** How the product names what of Vector it does not have yet: no failure of what it has. */
const NOT_YET = /error: (\S.*\b(?:is|are) one of Vector's.* that this version of Sluice does not have\b)/;

/** Runs every family (or the named ones) and returns a record for each case that failed, and for each that passed. */
export async function runConformance(
  path: string,
  report: (text: string) => void,
  only: readonly string[] = [],
): Promise<TestRecord[]> {
  const named = resolve(path);
  const folder = existsSync(join(named, 'MANIFEST.json')) ? dirname(named) : named;
  const missing = ['conformance', 'tools'].find((name) => !existsSync(join(folder, name)));
  if (missing !== undefined) {
    const detail = `${folder} has no folder \`${missing}\``;
    report(`✗ conformance: ${detail}`);
    return [{ name: 'conformance', outcome: 'failed', detail }];
  }
  const exceptions = JSON.parse(readFileSync(join(ROOT, 'test/conformance.json'), 'utf8')) as Exceptions;
  const wanted = (family: string): boolean => only.length === 0 || only.includes(family);
  const records: TestRecord[] = [];
  for (const file of globSync('conformance/golden/*.jsonl', { cwd: folder }).sort()) {
    const family = basename(file, '.jsonl');
    if (wanted(family)) records.push(...(await runGolden(folder, join(folder, file), family, exceptions, report)));
  }
  const corpus = join(folder, 'conformance');
  if (wanted('vrl')) records.push(...(await runBatch('vrl', () => runVrlCases(corpus), exceptions, report)));
  if (wanted('unit_tests'))
    records.push(...(await runBatch('unit_tests', () => runUnitTestCases(corpus), exceptions, report)));
  if (wanted('behavior')) records.push(...(await runBatch('behavior', () => runBehavior(corpus), exceptions, report)));
  if (wanted('validate')) records.push(...(await runValidate(folder, exceptions, report)));
  return records;
}

async function runGolden(
  folder: string,
  file: string,
  family: string,
  exceptions: Exceptions,
  report: (text: string) => void,
): Promise<TestRecord[]> {
  const reason = exceptions.families[family];
  if (reason !== undefined) return skipFamily(family, reason, report);
  const names = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => (JSON.parse(line) as { name: string }).name);
  const args = [join(folder, 'tools/golden.py'), '--cmd', COMMAND, '--show', String(names.length), file];
  const { output, ms, timedOut } = await run('python3', args, { limitMs: FAMILY_LIMIT_MS });
  const records = judge(names, failuresOf(output, /^--- (\S.*)$/), exceptions);
  if (timedOut || !/^golden: \d+ of \d+$/m.test(output)) records.push(broken(family, output));
  report(summary(family, records, ms));
  return records;
}

async function runBatch(
  family: string,
  runCases: () => Promise<BatchResult>,
  exceptions: Exceptions,
  report: (text: string) => void,
): Promise<TestRecord[]> {
  const reason = exceptions.families[family];
  if (reason !== undefined) return skipFamily(family, reason, report);
  const { names, failures, ms, note } = await runCases();
  const records = judge(names, failures, exceptions);
  report(summary(family, records, ms, note));
  return records;
}

/** Runs the configurations whose unit tests all pass in Vector, a file at a time. */
async function runBehavior(corpus: string): Promise<BatchResult> {
  const cwd = join(corpus, 'vector/behavior/root');
  const startMs = performance.now();
  const names = globSync('tests/behavior/**/*.yaml', { cwd }).sort();
  const failures = new Map<string, string>();
  for (const name of names) {
    const { code, output } = await run(NODE, [join(ROOT, 'src/cli/main.ts'), 'test', name], { cwd, limitMs: 60_000 });
    if (code !== 0) failures.set(name, output.slice(0, 8_000));
  }
  return { names, failures, ms: performance.now() - startMs };
}

async function runValidate(
  folder: string,
  exceptions: Exceptions,
  report: (text: string) => void,
): Promise<TestRecord[]> {
  const reason = exceptions.families['validate'];
  if (reason !== undefined) return skipFamily('validate', reason, report);
  const args = [join(folder, 'tools/conformance_score.py'), join(folder, 'conformance'), '--validate', COMMAND];
  const { output, ms, timedOut } = await run('python3', args, { limitMs: FAMILY_LIMIT_MS });
  const end = /^validate: (\d+) of (\d+)$/m.exec(output);
  const failures = failuresOf(output, /^FAIL (\S+) .*$/);
  await explainValidate(folder, failures);
  const records = judge([...failures.keys()], failures, exceptions);
  const passed = Number(end?.[1] ?? 0);
  for (let i = 0; i < passed; i++) records.push({ name: `validate ${i + 1}`, outcome: 'passed' });
  if (timedOut || end === null) records.push(broken('validate', output));
  report(summary('validate', records, ms));
  return records;
}

interface ValidateCase {
  readonly id: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Adds to each failure what the command said; the score does not show it. */
async function explainValidate(folder: string, failures: Map<string, string>): Promise<void> {
  const cases = join(folder, 'conformance/vector/validate');
  const lines = readFileSync(join(cases, 'cases.jsonl'), 'utf8').trim().split('\n');
  const cwd = join(cases, 'root');
  for (const { id, args, env } of lines.map((line) => JSON.parse(line) as ValidateCase)) {
    const failure = failures.get(id);
    if (failure === undefined) continue;
    const filled = Object.entries(env ?? {}).map(([name, value]) => [name, value.replaceAll('@TMPDIR@', tmpdir())]);
    const own = { ...process.env, ...Object.fromEntries(filled) };
    const { output } = await run(NODE, [join(ROOT, 'src/cli/main.ts'), ...args], { cwd, env: own, limitMs: 60_000 });
    failures.set(id, `${failure}\n${output.slice(0, 4_000)}`);
  }
}

function skipFamily(family: string, reason: string, report: (text: string) => void): TestRecord[] {
  report(`- skipped: conformance ${family}: ${reason}`);
  return [{ name: family, outcome: 'skipped', detail: reason }];
}

/** The name of each failed case, with what was printed about it up to the next one. */
export function failuresOf(output: string, heading: RegExp): Map<string, string> {
  const failures = new Map<string, string>();
  let name: string | undefined;
  for (const line of output.split('\n')) {
    const found = heading.exec(line);
    if (found) {
      name = found[1];
      failures.set(name, found[0].startsWith('FAIL') ? line : '');
    } else if (name !== undefined && line.startsWith('  ')) failures.set(name, `${failures.get(name)}${line}\n`);
    else name = undefined;
  }
  return failures;
}

/**
 * A record for every case. One that is excused by its name and passes has failed too, which keeps the list of excuses
 * true. One that needs what the product says it does not have yet is skipped.
 */
export function judge(
  names: readonly string[],
  failures: ReadonlyMap<string, string>,
  { cases }: Exceptions,
): TestRecord[] {
  return names.map((name): TestRecord => {
    const own = Object.hasOwn(cases, name) ? cases[name] : undefined;
    const failure = failures.get(name);
    if (failure === undefined) {
      return own === undefined
        ? { name, outcome: 'passed' }
        : { name, outcome: 'failed', detail: `passes now: remove it from test/conformance.json (${own})` };
    }
    const pattern = Object.keys(cases).find((key) => key.endsWith('*') && name.startsWith(key.slice(0, -1)));
    const excuse = own ?? (pattern === undefined ? NOT_YET.exec(failure)?.[1] : cases[pattern]);
    return excuse === undefined
      ? { name, outcome: 'failed', detail: failure }
      : { name, outcome: 'skipped', detail: excuse };
  });
}

function broken(family: string, output: string): TestRecord {
  return { name: family, outcome: 'failed', detail: `the run did not end as it should: ${output.slice(-2_000)}` };
}

function summary(family: string, records: readonly TestRecord[], ms: number, note?: string): string {
  const { passed, failed, skipped } = count(records);
  const lines = [
    `${failed > 0 ? '✗' : '✓'} conformance ${family}  ${passed} passed, ${failed} failed, ${skipped} skipped  ${seconds(ms)}${note === undefined ? '' : `  ${note}`}`,
  ];
  for (const { name, outcome, detail = '' } of records) {
    if (outcome === 'failed') lines.push(`  ✗ ${name}\n${indent(detail.trimEnd())}`);
    if (outcome === 'skipped') lines.push(`  - skipped: ${name}: ${detail}`);
  }
  return lines.join('\n');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

if (import.meta.main) {
  const [path, ...families] = process.argv.slice(2);
  if (path === undefined) throw new Error('usage: node scripts/conformance.ts PATH [FAMILY…]');
  const { passed, failed, skipped } = count(await runConformance(path, console.log, families));
  console.log(`\n${passed} passed, ${failed} failed, ${skipped} skipped`);
  if (failed > 0) process.exitCode = 1;
}
