// Packages of npm that only a benchmark needs: installed once into the user's cache folder, in exactly one version.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Loads them; rejects when they are not there and cannot be had. */
export async function npmPackages(packages: Readonly<Record<string, string>>): Promise<Record<string, unknown>> {
  const name = Object.entries(packages)
    .map(([one, version]) => `${one.replaceAll(/\W+/g, '-')}-${version}`)
    .join('_');
  const folder = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'sluice', 'bench', name);
  const done = join(folder, 'done');
  if (!existsSync(done)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies: packages }));
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts'], { cwd: folder, stdio: 'inherit' });
    writeFileSync(done, '');
  }
  const require = createRequire(join(folder, 'package.json'));
  return Object.fromEntries(Object.keys(packages).map((one) => [one, require(one)]));
}
