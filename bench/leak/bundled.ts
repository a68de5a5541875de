// The pipeline's process with the modules of Sluice joined as in the published command: less memory, and faster.

import { copyFileSync, globSync, mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isAsset, isWorker } from '../../scripts/build.ts';
import { bundle } from '../../scripts/bundle.ts';
import { ROOT } from '../../scripts/command.ts';

const ENTRY = 'bench/leak/pipeline.ts';

/** Writes it into a folder; the module to start. */
export async function bundlePipeline(folder: string): Promise<string> {
  const source = join(ROOT, 'src');
  const files = globSync('**/*', { cwd: source, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(source.length + 1));
  mkdirSync(folder, { recursive: true });
  const dist = join(folder, 'dist');
  await bundle({
    root: ROOT,
    folder: dist,
    entries: [ENTRY, ...files.filter(isWorker).map((path) => `src/${path}`)],
    shared: ['src/cli/program.ts', 'src/vrl/vrl.ts'],
  });
  for (const path of files.filter(isAsset)) {
    mkdirSync(dirname(join(dist, path)), { recursive: true });
    copyFileSync(join(source, path), join(dist, path));
  }
  copyFileSync(join(ROOT, 'package.json'), join(folder, 'package.json'));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  return join(dist, ENTRY.replace(/\.ts$/, '.js'));
}
