// Test vectors that fit the batch commands, a request and a reply a line: programs, and unit tests of configurations.

import { spawn } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NODE, ROOT } from './command.ts';
import { isExact, type VrlCase, type VrlReply } from './conformance_vrl.ts';

/** Names of cases, those that failed with what there was instead, and what else is to be said. */
export interface BatchResult {
  readonly names: readonly string[];
  readonly failures: ReadonlyMap<string, string>;
  readonly ms: number;
  readonly note?: string;
}

const MAIN = join(ROOT, 'src/cli/main.ts');

/** Fields of a case that are part of a request. */
const REQUEST = ['id', 'source', 'event', 'timezone', 'read_only', 'secrets', 'stub', 'compile_only'] as const;

/** Runs all programs of a corpus and judges what they give. */
export async function runVrlCases(corpus: string): Promise<BatchResult> {
  const startMs = performance.now();
  const folder = join(corpus, 'vrl');
  const names: string[] = [];
  const failures = new Map<string, string>();
  for (const file of globSync('*.jsonl', { cwd: folder }).sort()) {
    const cases = (readLines(join(folder, file)) as VrlCase[]).filter(isRun);
    const requests = cases.map((one) => pick(one as unknown as Record<string, unknown>, REQUEST));
    const env = Object.assign({}, ...cases.map((one) => one.env ?? {})) as Record<string, string>;
    const replies = await converse(['vrl', '--batch'], requests, {
      cwd: join(folder, 'root'),
      env: { TZ: 'UTC', ...env },
    });
    if (replies.size === 0 && cases.length > 0) {
      names.push(file);
      failures.set(file, '  the command gave no reply to any case');
      continue;
    }
    for (const one of cases) {
      const reply = (replies.get(one.id) ?? {}) as VrlReply;
      names.push(one.id);
      if (!isExact(one, reply)) failures.set(one.id, failureText(one, reply));
    }
  }
  const share = (100 * (names.length - failures.size)) / Math.max(names.length, 1);
  return { names, failures, ms: performance.now() - startMs, note: `${share.toFixed(2)} % exact` };
}

/** Network cases depend on where they run. */
function isRun({ skip_reason, tags = [] }: VrlCase): boolean {
  return skip_reason === undefined && !tags.includes('network');
}

function failureText({ source, expect }: VrlCase, { id: _, ...reply }: VrlReply): string {
  const lines = [`  source   ${JSON.stringify(source)}`, `  expected ${JSON.stringify(expect)}`];
  return [...lines, `  got      ${JSON.stringify(reply)}`].map((line) => line.slice(0, 600)).join('\n');
}

interface UnitTestCase {
  readonly id: string;
  readonly config: string;
  readonly format: string;
  readonly expect: {
    readonly tests_pass?: readonly boolean[];
    readonly build_error?: true;
    readonly errors?: readonly string[];
    readonly error_contains?: readonly string[];
  };
}

interface UnitTestReply {
  readonly tests?: readonly { readonly pass: boolean; readonly errors: readonly string[] }[];
  readonly build_errors?: readonly string[];
}

/** Runs configurations with unit tests. */
export async function runUnitTestCases(corpus: string): Promise<BatchResult> {
  const startMs = performance.now();
  const cases = readLines(join(corpus, 'vector/unit-test-runner.jsonl')) as UnitTestCase[];
  const requests = cases.map(({ id, config, format }) => ({ id, config, format }));
  const replies = await converse(['test', '--batch'], requests, { cwd: corpus, env: {} });
  const failures = new Map<string, string>();
  for (const one of cases) {
    const reply = (replies.get(one.id) ?? {}) as UnitTestReply;
    if (!isAsExpected(one.expect, reply))
      failures.set(one.id, `  expected ${JSON.stringify(one.expect)}\n  got      ${JSON.stringify(reply)}`);
  }
  return { names: cases.map(({ id }) => id), failures, ms: performance.now() - startMs };
}

function isAsExpected(expect: UnitTestCase['expect'], { tests, build_errors: built }: UnitTestReply): boolean {
  const texts = [...(built ?? []), ...(tests ?? []).flatMap(({ errors }) => errors)].join('\n');
  if (!(expect.error_contains ?? []).every((part) => texts.includes(part))) return false;
  if (expect.build_error)
    return built !== undefined && (!expect.errors || JSON.stringify(built) === JSON.stringify(expect.errors));
  const passed = (tests ?? []).map(({ pass }) => pass).slice(0, expect.tests_pass!.length);
  return tests !== undefined && JSON.stringify(passed) === JSON.stringify(expect.tests_pass);
}

function readLines(file: string): unknown[] {
  const text = readFileSync(file, 'utf8').replaceAll('@YEAR@', String(new Date().getUTCFullYear()));
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as unknown);
}

function pick(object: Record<string, unknown>, keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(keys.filter((key) => key in object).map((key) => [key, object[key]]));
}

/** A batch may take this long altogether. */
const LIMIT_MS = 600_000;

/** Sends requests to a batch command and gathers the replies by their id. */
function converse(
  args: readonly string[],
  requests: readonly object[],
  { cwd, env }: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): Promise<Map<string, unknown>> {
  const child = spawn(NODE, [MAIN, ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
  });
  // A command that died says so by the replies that are missing.
  child.stdin.on('error', () => {});
  child.stdin.end(requests.map((request) => `${JSON.stringify(request)}\n`).join(''));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => {
      clearTimeout(timer);
      const replies = new Map<string, unknown>();
      for (const line of output.split('\n').filter(Boolean)) {
        const reply = JSON.parse(line) as { readonly id: string };
        replies.set(reply.id, reply);
      }
      resolve(replies);
    });
  });
}
