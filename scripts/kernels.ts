// `npm run kernels`: compiles the WebAssembly kernels. The module is committed beside its sources, so that nothing has to be
// compiled to run them; a file next to it records what it was made from. `--check` fails when that is not what is there.

import { createHash } from 'node:crypto';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { NODE, ROOT, run, seconds } from './command.ts';

const FOLDER = 'src/engine/kernels';
const MODULE = `${FOLDER}/kernels.wasm`;
const RECORD = `${FOLDER}/kernels.wasm.sha256`;

/**
 * The memory is imported and shared. Its size is the importer's affair: the least is what the constants take, the most
 * all that 32 bits reach. Nothing is ever allocated, so the runtime is the one that cannot.
 */
const FLAGS = [
  '-O3',
  '--noAssert',
  '--runtime=stub',
  '--importMemory',
  '--noExportMemory',
  '--sharedMemory',
  '--initialMemory=1',
  '--maximumMemory=65536',
  '--enable=simd,threads',
  '--use=abort=',
];

/** What the module is made from, and what came of it: a hash of sources, flags and compiler, and one of the module. */
export function kernelRecord(sources: ReadonlyMap<string, string>, compiler: string, module: Uint8Array): string {
  const made = createHash('sha256').update(JSON.stringify([compiler, FLAGS, [...sources]]));
  const found = createHash('sha256').update(module);
  return `${made.digest('hex')}  sources\n${found.digest('hex')}  kernels.wasm\n`;
}

function sources(): Map<string, string> {
  const paths = globSync(`${FOLDER}/assembly/**/*.ts`, { cwd: ROOT }).sort();
  return new Map(paths.map((path) => [path, readFileSync(join(ROOT, path), 'utf8')]));
}

function currentRecord(): string {
  const manifest = readFileSync(join(ROOT, 'node_modules/assemblyscript/package.json'), 'utf8');
  const { version } = JSON.parse(manifest) as { version: string };
  return kernelRecord(sources(), version, readFileSync(join(ROOT, MODULE)));
}

/** What is wrong with the committed module; empty when it was made from the sources that are there. */
export function staleness(): string {
  try {
    if (readFileSync(join(ROOT, RECORD), 'utf8') === currentRecord()) return '';
  } catch (error) {
    return `${MODULE} cannot be checked: ${error instanceof Error ? error.message : String(error)}`;
  }
  return `${MODULE} was not made from the sources that are there: \`npm run kernels\` compiles them`;
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
  if (values.check) {
    const problem = staleness();
    if (problem !== '') {
      console.error(problem);
      process.exitCode = 1;
    }
  } else {
    const compiler = join(ROOT, 'node_modules/assemblyscript/bin/asc.js');
    const { code, output, ms } = await run(NODE, [compiler, `${FOLDER}/assembly/index.ts`, ...FLAGS, '-o', MODULE], {
      cwd: ROOT,
    });
    if (code !== 0) throw new Error(`the kernels do not compile:\n${output}`);
    if (output.trim() !== '') console.error(output.trim());
    writeFileSync(join(ROOT, RECORD), currentRecord());
    console.error(`wrote ${MODULE} (${readFileSync(join(ROOT, MODULE)).length} bytes) in ${seconds(ms)}`);
  }
}
