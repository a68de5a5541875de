// Runs test files, each in a process of its own, several at a time; a file that does not end is killed and has failed.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { indent, ROOT, runScript, seconds } from './command.ts';
import type { TestRecord } from './test_events.ts';

/** How long one file may take, unless the environment says otherwise. */
const FILE_LIMIT_SECS = 180;

/** Lines of a failed file's own output that are shown, from its end. */
const OUTPUT_LINES_SHOWN = 60;

const REPORTER = new URL('./test_events.ts', import.meta.url).href;

export interface FileResult {
  readonly path: string;
  readonly records: readonly TestRecord[];
  readonly ms: number;
  /** What the file printed beside its tests. */
  readonly output: string;
}

/** Runs the files (paths from the repository), telling about each as it ends. `name`: only tests whose name matches. */
export async function runTestFiles(
  paths: readonly string[],
  report: (result: FileResult) => void,
  name?: string,
): Promise<readonly FileResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-tests-'));
  const results: FileResult[] = [];
  const waiting = [...paths];
  const worker = async (): Promise<void> => {
    for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
      const result = await runFile(path, join(folder, `${paths.indexOf(path)}.jsonl`), name);
      results.push(result);
      report(result);
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(availableParallelism(), paths.length) }, worker));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return results;
}

async function runFile(path: string, events: string, name: string | undefined): Promise<FileResult> {
  const limitSecs = Number(process.env['SLUICE_TEST_LIMIT_SECS'] ?? FILE_LIMIT_SECS);
  const only = name === undefined ? [] : [`--test-name-pattern=${name}`];
  const args = [`--test-reporter=${REPORTER}`, `--test-reporter-destination=${events}`, ...only, path];
  const { code, timedOut, output, ms } = await runScript(args, { limitMs: limitSecs * 1000 });
  const records = readRecords(events);
  const trouble = fileTrouble({ code, timedOut, records, limitSecs, isPartial: name !== undefined });
  return { path, records: trouble === undefined ? records : [...records, trouble], ms, output };
}

function readRecords(path: string): TestRecord[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return [];
  }
  // A file that was killed may have left half a line at the end.
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  return whole
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as TestRecord);
}

/** What went wrong with a file beside its tests, as one more failed test. */
export function fileTrouble(end: {
  readonly code: number | undefined;
  readonly timedOut: boolean;
  readonly records: readonly TestRecord[];
  readonly limitSecs: number;
  /** Only some of its tests were asked for. */
  readonly isPartial: boolean;
}): TestRecord | undefined {
  const { code, timedOut, records, limitSecs, isPartial } = end;
  const failed = (detail: string): TestRecord => ({ name: '(the file itself)', outcome: 'failed', detail });
  if (timedOut) {
    return failed(
      `did not end within ${limitSecs} s and was killed: a test hangs, or leaves a server, timer or child open`,
    );
  }
  if (code === undefined) return failed('was ended by a signal or could not be started');
  if (code !== 0 && !records.some(({ outcome }) => outcome === 'failed')) return failed(`ended with exit code ${code}`);
  if (records.length === 0 && !isPartial) return failed('has no tests');
  return undefined;
}

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export function count(records: readonly TestRecord[]): Counts {
  const of = (wanted: TestRecord['outcome']): number => records.filter(({ outcome }) => outcome === wanted).length;
  return { passed: of('passed'), failed: of('failed'), skipped: of('skipped') };
}

/** The line every file gets, and everything about what failed in it. */
export function formatFile({ path, records, ms, output }: FileResult): string {
  const { passed, failed, skipped } = count(records);
  const numbers = [`${passed} passed`, failed > 0 && `${failed} failed`, skipped > 0 && `${skipped} skipped`];
  const line = `${failed > 0 ? '✗' : '✓'} ${path}  ${numbers.filter(Boolean).join(', ')}  ${seconds(ms)}`;
  const skips = records.filter(({ outcome }) => outcome === 'skipped').map(formatSkip);
  if (failed === 0) return [line, ...skips].join('\n');
  const failures = records.filter(({ outcome }) => outcome === 'failed').map(formatFailure);
  const lines = output.trimEnd().split('\n');
  const shown = lines.slice(-OUTPUT_LINES_SHOWN).join('\n');
  const printed =
    shown === '' ? [] : [`  it printed${lines.length > OUTPUT_LINES_SHOWN ? ', at the end' : ''}:`, indent(shown)];
  return [line, ...failures, ...skips, ...printed].join('\n');
}

function formatFailure({ name, detail, file, line }: TestRecord): string {
  const place = file === undefined ? '' : ` (${relative(ROOT, file)}${line === undefined ? '' : `:${line}`})`;
  return `  ✗ ${name}${place}\n${indent(detail ?? '', '      ')}`;
}

function formatSkip({ name, detail }: TestRecord): string {
  return `  - skipped: ${name}: ${detail}`;
}
