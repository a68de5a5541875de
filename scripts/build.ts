// `npm run build`: writes dist/, what is published. The command and its workers are a bundle (scripts/bundle.ts), beside
// it lie the other files that the sources read; dist/library/ holds what the exports of package.json lead to, as single
// modules with declarations, which bundlers of other programs and browsers take as they are.
// Fails when the package would not work: an export or the command that is not there.

import { chmodSync, copyFileSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bundle } from './bundle.ts';
import { ROOT, run, seconds } from './command.ts';

const DIST = join(ROOT, 'dist');

/** The part of src/ that other programs import. */
const LIBRARY = ['std', 'event', 'vrl'];

type Exports = string | { readonly [key: string]: Exports };

/** The files that an `exports` or `bin` entry of package.json leads to. */
export function exportedFiles(entry: Exports): string[] {
  return typeof entry === 'string' ? [entry] : Object.values(entry).flatMap(exportedFiles);
}

/** Whether a file of src/ goes into the package as it is. */
export function isAsset(path: string): boolean {
  return !/\.(ts|js|mjs)$/.test(path) && !/(^|\/)(fixtures|testing|assembly)\//.test(path) && !/\.test\./.test(path);
}

/** Whether a module of src/ is started by path, as the command is. */
export function isWorker(path: string): boolean {
  return /(^|[/_])worker\.ts$/.test(path) && !/(^|\/)testing\//.test(path);
}

/** All files below src/, by their paths in it. */
function sources(): string[] {
  return globSync('**/*', { cwd: join(ROOT, 'src'), withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(ROOT, 'src').length + 1))
    .sort();
}

function copy(path: string, folder: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  copyFileSync(join(ROOT, 'src', path), join(folder, path));
}

/** What the packages in the bundle ask to be passed on with them. A few have no more than the name of their licence. */
function licences(packages: readonly string[]): string {
  const texts = packages.map((name) => {
    const folder = join(ROOT, 'node_modules', name);
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, string>;
    const [file] = globSync('{LICEN[CS]E,licen[cs]e}*', { cwd: folder }).sort();
    const text = file === undefined ? '' : `\n${readFileSync(join(folder, file), 'utf8').trim()}\n`;
    return `${name} ${manifest['version']}, ${manifest['license']}\n${text}`;
  });
  return joinLicences(texts);
}

/** Texts one below the other, with a line between them. */
export function joinLicences(texts: readonly string[]): string {
  return texts.join(`\n${'-'.repeat(80)}\n\n`);
}

/** Writes the command into a folder: the bundle, the files beside it, and the licences of what is in it. */
export async function buildCommand(folder: string): Promise<{ readonly assets: readonly string[] }> {
  const files = sources();
  const workers = files.filter(isWorker).map((path) => `src/${path}`);
  const { packages } = await bundle({
    root: ROOT,
    folder,
    entries: ['src/cli/main.ts', ...workers],
    shared: ['src/cli/program.ts', 'src/vrl/vrl.ts'],
  });
  writeFileSync(join(folder, 'LICENSES.txt'), licences(packages));
  const assets = files.filter(isAsset);
  for (const path of assets) copy(path, folder);
  return { assets };
}

if (import.meta.main) {
  const startedMs = performance.now();
  rmSync(DIST, { recursive: true, force: true });
  const compiler = join(ROOT, 'node_modules', '.bin', 'tsc');
  const { code, output } = await run(compiler, ['-p', 'tsconfig.build.json']);
  if (code !== 0) throw new Error(`the sources do not compile:\n${output}`);
  const { assets } = await buildCommand(DIST);
  for (const path of assets) if (LIBRARY.includes(path.split('/')[0]!)) copy(path, join(DIST, 'library'));
  const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Record<'exports' | 'bin', Exports>;
  const wanted = [...exportedFiles(manifest.exports), ...exportedFiles(manifest.bin), 'dist/cli/main.js'];
  const missing = wanted.filter((path) => !existsSync(join(ROOT, path)));
  if (missing.length > 0) throw new Error(`package.json leads to files that are not there: ${missing.join(', ')}`);
  chmodSync(join(ROOT, 'bin/sluice.js'), 0o755);
  console.error(
    `wrote dist/ in ${seconds(performance.now() - startedMs)}, with ${assets.length} files beside the code`,
  );
}
