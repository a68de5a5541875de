// `npm run executable`: one file with Node and the whole command in it, for machines that have neither. It and the
// licences of what is in it go into the folder given, or into out/.
//
//   sluice ─┬─ Node, without its symbols
//           ├─ src/cli/executable.ts as one script, by which each thread begins
//           ├─ the files that the command reads: dist/, package.json, koffi.node where there is one for this platform
//           └─ the flags of V8 that bin/tune.js otherwise sets by starting anew

import {
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { FLAGS } from '../bin/tune.js';
import { INSIDE, START } from '../src/std/own_files.ts';
import { buildCommand, joinLicences } from './build.ts';
import { bundleScript } from './bundle.ts';
import { NODE, ROOT, run, seconds } from './command.ts';
import { findProgram } from './debian.ts';

const STEP_LIMIT_MS = 120_000;

/** `NODE_OPTIONS` means to the executable what it means to any Node; of flags in both, these count. */
const SETTINGS = {
  mainFormat: 'commonjs',
  disableExperimentalSEAWarning: true,
  execArgv: FLAGS,
  execArgvExtension: 'env',
};

/** Writes the executable into a folder. Returns its path. */
export async function packExecutable(into: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-executable-'));
  const at = (name: string): string => join(folder, name);
  try {
    await buildCommand(at('dist'));
    writeFileSync(at(START), await bundleScript(ROOT, 'src/cli/executable.ts'));
    const { bytes, index } = pack(filesIn(folder));
    writeFileSync(at(INSIDE.files), bytes);
    writeFileSync(at(INSIDE.index), JSON.stringify(index));
    copyFileSync(realpathSync(NODE), at('node'));
    // A fifth of it, which only debuggers of native code read.
    if (findProgram('strip') !== undefined) await succeed('strip', ['--strip-all', at('node')]);
    mkdirSync(into, { recursive: true });
    const output = join(resolve(into), 'sluice');
    // Names without the folder, which would stand in the executable.
    const assets = { [INSIDE.files]: INSIDE.files, [INSIDE.index]: INSIDE.index };
    const settings = { ...SETTINGS, main: START, executable: 'node', output, assets };
    writeFileSync(at('settings.json'), JSON.stringify(settings));
    await succeed(NODE, ['--build-sea', 'settings.json'], folder);
    writeFileSync(join(into, 'LICENSES.txt'), licencesOf(at('dist')));
    return output;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Joins files. Tells where each of them is. */
export function pack(files: ReadonlyMap<string, Uint8Array>): {
  readonly bytes: Uint8Array;
  readonly index: Record<string, readonly [offset: number, length: number]>;
} {
  let offset = 0;
  const places = [...files].map(([name, { length }]) => {
    offset += length;
    return [name, [offset - length, length]] as const;
  });
  return { bytes: Buffer.concat([...files.values()]), index: Object.fromEntries(places) };
}

/** What the command reads, by the names under which it does. */
function filesIn(folder: string): Map<string, Uint8Array> {
  const dist = globSync('dist/**/*.{js,wasm}', { cwd: folder }).sort();
  const paths = new Map([START, ...dist].map((path) => [path, join(folder, path)]));
  paths.set('package.json', join(ROOT, 'package.json'));
  const addon = addonPath();
  if (existsSync(addon)) paths.set('koffi.node', addon);
  return new Map([...paths].map(([name, path]) => [name, readFileSync(path)]));
}

function addonPath(): string {
  const { platform, arch } = process;
  return join(ROOT, `node_modules/@koromix/koffi-${platform}-${arch}/${platform}_${arch}/koffi.node`);
}

/** Of Sluice, of the packages in it, and of Node, which names those of what is in Node. */
function licencesOf(dist: string): string {
  const read = (path: string): string => (existsSync(path) ? readFileSync(path, 'utf8').trim() : '');
  const node = join(dirname(realpathSync(NODE)), '..', 'LICENSE');
  return joinLicences(
    [
      `Sluice\n\n${read(join(ROOT, 'LICENSE'))}`,
      read(join(dist, 'LICENSES.txt')),
      `koffi\n\n${read(join(ROOT, 'node_modules/koffi/LICENSE.txt'))}`,
      `Node ${process.version}\n\n${read(node)}`,
    ].map((text) => `${text}\n`),
  );
}

async function succeed(program: string, args: readonly string[], cwd = ROOT): Promise<void> {
  const { code, output } = await run(program, args, { cwd, limitMs: STEP_LIMIT_MS });
  if (code !== 0) throw new Error(`${program} ${args[0]} failed:\n${output}`);
}

if (import.meta.main) {
  const startedMs = performance.now();
  const file = await packExecutable(process.argv[2] ?? join(ROOT, 'out'));
  console.error(`packed in ${seconds(performance.now() - startedMs)}:`);
  console.log(file);
}
