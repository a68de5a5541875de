// `npm run check`: everything that can be said without running the product. All parts run, whatever one of them finds.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type CommandEnd, indent, NODE, ROOT, run, seconds } from './command.ts';
import { staleness } from './kernels.ts';
import { count, formatFile, runTestFiles } from './test_files.ts';
import { formatFinding, tidy } from './tidy.ts';

export interface CheckResult {
  readonly name: string;
  /** What is wrong; empty when all is well. */
  readonly problems: string;
  readonly ms: number;
}

interface Part {
  readonly name: string;
  /** What is wrong; empty when all is well. */
  find(): Promise<string> | string;
}

/** A part that passes when a command does. */
function command(name: string, program: string, args: readonly string[]): Part {
  const find = async (): Promise<string> => problemsOf(await run(program, args));
  return { name, find };
}

function problemsOf({ code, output }: CommandEnd): string {
  return code === 0 ? '' : output.trim() || `ended with exit code ${code}`;
}

async function problemsOfTests(path: string): Promise<string> {
  const results = await runTestFiles([path], () => {});
  return results
    .filter(({ records }) => count(records).failed > 0)
    .map(formatFile)
    .join('\n');
}

function tool(name: string): string {
  return join(ROOT, 'node_modules', '.bin', name);
}

export const PARTS: readonly Part[] = [
  command('format', tool('biome'), ['check', '--linter-enabled=false', '--reporter=summary', '.']),
  command('lint', tool('biome'), ['lint', '--error-on-warnings', '--max-diagnostics=50', '.']),
  command('types', tool('tsc'), ['--noEmit', '-p', '.']),
  { name: 'architecture', find: () => problemsOfTests('test/architecture.test.ts') },
  { name: 'tidy', find: () => tidy().map(formatFinding).join('\n') },
  command('generated files', NODE, ['scripts/gen.ts', '--check']),
  { name: 'kernels', find: staleness },
];

/** Runs the named parts one after the other and tells about each as it ends. */
export async function runChecks(
  parts: readonly Part[],
  report: (result: CheckResult) => void,
): Promise<readonly CheckResult[]> {
  const results: CheckResult[] = [];
  for (const { name, find } of parts) {
    const startedMs = performance.now();
    let problems: string;
    try {
      problems = await find();
    } catch (error) {
      problems = error instanceof Error ? (error.stack ?? error.message) : String(error);
    }
    const result = { name, problems, ms: performance.now() - startedMs };
    results.push(result);
    report(result);
  }
  return results;
}

/** One line for a part, and what is wrong below it. */
export function formatResult({ name, problems, ms }: CheckResult): string {
  const line = `${problems === '' ? '✓' : '✗'} ${name.padEnd(16)} ${seconds(ms).padStart(8)}`;
  return problems === '' ? line : `${line}\n${indent(problems)}`;
}

if (import.meta.main) {
  if (!existsSync(tool('biome'))) throw new Error('dependencies are missing: start this with `npm run check`');
  const results = await runChecks(PARTS, (result) => console.log(formatResult(result)));
  const failed = results.filter(({ problems }) => problems !== '');
  if (failed.length > 0) {
    console.log(`\nfailed: ${failed.map(({ name }) => name).join(', ')}`);
    if (failed.some(({ name }) => name === 'format')) console.log('`node_modules/.bin/biome check --write .` formats.');
    if (failed.some(({ name }) => name === 'generated files')) console.log('`npm run gen` writes the generated files.');
    process.exitCode = 1;
  }
}
