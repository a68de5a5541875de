// `npm run bench`: measurements. Each file of bench/ answers one question, said in its first comment line; a bigger one has
// a folder, and in it a file of the folder's name.
//
//   npm run bench                       lists them
//   npm run bench NAME [-- ARGUMENT…]   runs those whose name holds NAME

import { spawn } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { NODE, ROOT } from './command.ts';

interface Bench {
  readonly name: string;
  readonly path: string;
  readonly question: string;
}

/** The benches below bench/: every module there but tests, and of each folder the module that is named after it. */
export function findBenches(root: string): Bench[] {
  return globSync('bench/{*.ts,*/*.ts}', { cwd: root })
    .filter((path) => !path.endsWith('.test.ts'))
    .filter((path) => dirname(path) === 'bench' || basename(path, '.ts') === basename(dirname(path)))
    .sort()
    .map((path) => ({
      name: basename(path, '.ts'),
      path,
      question: firstComment(readFileSync(join(root, path), 'utf8')),
    }));
}

/** The first line of a file's opening comment. */
export function firstComment(text: string): string {
  return /^(?:#!.*\n)?(?:\/\/|\/\*+)\s*(.*)/.exec(text)?.[1] ?? '';
}

/** The benches that were asked for; a name that matches none is a mistake and throws. */
export function choose(benches: readonly Bench[], names: readonly string[]): Bench[] {
  const unknown = names.find((name) => !benches.some((bench) => bench.name.includes(name)));
  if (unknown !== undefined) {
    throw new Error(`no bench is named ${unknown}; there are ${benches.map(({ name }) => name).join(', ') || 'none'}`);
  }
  return benches.filter((bench) => names.some((name) => bench.name === name || bench.name.includes(name)));
}

/** Runs one bench with the terminal as its own; resolves with its exit code. */
function runBench({ path }: Bench, args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(NODE, [join(ROOT, path), ...args], { cwd: ROOT, stdio: 'inherit' });
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

if (import.meta.main) {
  const args = process.argv.slice(2);
  // npm keeps the `--` to itself when a name stands before it.
  const dash = args.findIndex((arg) => arg.startsWith('-'));
  const [names, given] = dash === -1 ? [args, []] : [args.slice(0, dash), args.slice(dash)];
  const rest = given[0] === '--' ? given.slice(1) : given;
  const benches = findBenches(ROOT);
  if (names.length === 0) {
    const width = Math.max(0, ...benches.map(({ name }) => name.length));
    for (const { name, question } of benches) console.log(`${name.padEnd(width)}  ${question}`);
    console.log(benches.length === 0 ? 'bench/ is empty' : '\nnpm run bench NAME… runs them');
  }
  for (const bench of names.length === 0 ? [] : choose(benches, names)) {
    console.log(`# ${bench.name}: ${bench.question}`);
    if ((await runBench(bench, rest)) !== 0) process.exitCode = 1;
  }
}
