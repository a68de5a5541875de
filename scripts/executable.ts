// `npm run executable`: one file with Node and the whole command in it, for machines that have neither. It and the
// licences of what is in it go into the folder given, or into out/.
//
//   sluice = Node, without its symbols ─┬─ start.js       begins each thread (src/cli/executable.ts)
//                                       ├─ package.json, dist/…, as they are published
//                                       ├─ koffi.node     where the package has one for this platform
//                                       └─ the flags of V8 that bin/tune.js sets by starting anew

import { copyFileSync, existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { realpathSync } from 'node:fs';
import { FLAGS } from '../bin/tune.js';
import { START } from '../src/std/own_files.ts';
import { buildCommand } from './build.ts';
import { bundleScript } from './bundle.ts';
import { NODE, ROOT, run, seconds } from './command.ts';
import { findProgram } from './debian.ts';

const LIMIT_MS = 120_000;

/** Writes the executable into a folder. Returns its path. */
export async function packExecutable(into: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-executable-'));
  try {
    const dist = join(folder, 'dist');
    await buildCommand(dist);
    const start = join(folder, START);
    writeFileSync(start, await bundleScript(ROOT, 'src/cli/executable.ts'));
    const node = join(folder, 'node');
    copyFileSync(realpathSync(NODE), node);
    // A fifth of its size. Nothing but a debugger of native code reads them.
    if (findProgram('strip') !== undefined) await succeed('strip', ['--strip-all', node]);
    mkdirSync(into, { recursive: true });
    const output = join(resolve(into), 'sluice');
    const config = join(folder, 'executable.json');
    writeFileSync(config, JSON.stringify({ ...SETTINGS, executable: node, main: start, output, assets: assetsOf(folder) }));
    await succeed(NODE, ['--build-sea', config]);
    writeFileSync(join(into, 'LICENSES.txt'), licencesOf(dist));
    return output;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What Node is told of it. `NODE_OPTIONS` goes on to mean what it does for any Node. */
const SETTINGS = {
  mainFormat: 'commonjs',
  disableExperimentalSEAWarning: true,
  execArgv: FLAGS,
  execArgvExtension: 'env',
};

/** What goes in, by the names under which it is found. */
function assetsOf(folder: string): Record<string, string> {
  const dist = globSync('dist/**/*.{js,wasm}', { cwd: folder }).sort();
  const assets = Object.fromEntries(dist.map((path) => [path, join(folder, path)]));
  const addon = addonPath();
  return {
    ...assets,
    [START]: join(folder, START),
    'package.json': join(ROOT, 'package.json'),
    ...(existsSync(addon) && { 'koffi.node': addon }),
  };
}

function addonPath(): string {
  const { platform, arch } = process;
  return join(ROOT, `node_modules/@koromix/koffi-${platform}-${arch}/${platform}_${arch}/koffi.node`);
}

function licencesOf(dist: string): string {
  return '';
}

async function succeed(program: string, args: readonly string[]): Promise<void> {
  const { code, output } = await run(program, args, { limitMs: LIMIT_MS });
  if (code !== 0) throw new Error(`${program} failed:\n${output}`);
}

if (import.meta.main) {
  const startedMs = performance.now();
  const file = await packExecutable(process.argv[2] ?? join(ROOT, 'out'));
  console.log(relative(process.cwd(), file));
  console.error(`wrote it in ${seconds(performance.now() - startedMs)}`);
}
