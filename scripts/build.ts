// `npm run build`: writes dist/, what is published: JavaScript and declarations by the compiler, and every other file
// that the sources read. Fails when the package would not work: an export or the command that is not there.

import { chmodSync, copyFileSync, existsSync, globSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT, run, seconds } from './command.ts';

const DIST = join(ROOT, 'dist');

type Exports = string | { readonly [key: string]: Exports };

/** The files that an `exports` or `bin` entry of package.json leads to. */
export function exportedFiles(entry: Exports): string[] {
  return typeof entry === 'string' ? [entry] : Object.values(entry).flatMap(exportedFiles);
}

/** Whether a file of src/ goes into the package as it is. */
export function isAsset(path: string): boolean {
  return !/\.(ts|js|mjs)$/.test(path) && !/(^|\/)(fixtures|testing)\//.test(path) && !/\.test\./.test(path);
}

if (import.meta.main) {
  rmSync(DIST, { recursive: true, force: true });
  const compiler = join(ROOT, 'node_modules', '.bin', 'tsc');
  const { code, output, ms } = await run(compiler, ['-p', 'tsconfig.build.json']);
  if (code !== 0) throw new Error(`the sources do not compile:\n${output}`);
  const assets = globSync('**/*', { cwd: join(ROOT, 'src'), withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(ROOT, 'src').length + 1))
    .filter(isAsset);
  for (const path of assets) {
    mkdirSync(dirname(join(DIST, path)), { recursive: true });
    copyFileSync(join(ROOT, 'src', path), join(DIST, path));
  }
  const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Record<'exports' | 'bin', Exports>;
  const wanted = [...exportedFiles(manifest.exports), ...exportedFiles(manifest.bin), 'dist/cli/main.js'];
  const missing = wanted.filter((path) => !existsSync(join(ROOT, path)));
  if (missing.length > 0) throw new Error(`package.json leads to files that are not there: ${missing.join(', ')}`);
  chmodSync(join(ROOT, 'bin/sluice.js'), 0o755);
  console.error(`wrote dist/ in ${seconds(ms)}, with ${assets.length} files beside the code`);
}
