// Debian packages that some tests need beside npm's, such as a TLS tool or a peer to compare with.

import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { run } from './command.ts';

/** apt-get may take this long to fetch and unpack. */
const INSTALL_LIMIT_MS = 300_000;

/** Program to the package that has it. */
export type Programs = Readonly<Record<string, string>>;

/**
 * Makes sure that programs are there, installing their packages where this process may. Returns why that failed, fit for
 * the `skip` of a test, or false when all is well: `test('…', { skip: await ensure({ openssl: 'openssl' }) }, …)`.
 */
export async function ensure(programs: Programs): Promise<string | false> {
  const missing = missingPackages(programs);
  if (missing.length === 0) return false;
  if (process.getuid?.() !== 0 || findProgram('apt-get') === undefined) {
    return `needs the Debian packages ${missing.join(', ')}, which only root can install (apt-get install ${missing.join(' ')})`;
  }
  console.error(`installing Debian packages: ${missing.join(', ')} …`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const install = ['install', '-y', '--no-install-recommends', ...missing];
  let end = await run('apt-get', install, { env, limitMs: INSTALL_LIMIT_MS });
  if (end.code !== 0) {
    await run('apt-get', ['update'], { env, limitMs: INSTALL_LIMIT_MS });
    end = await run('apt-get', install, { env, limitMs: INSTALL_LIMIT_MS });
  }
  const still = missingPackages(programs);
  if (still.length === 0) return false;
  return `needs the Debian packages ${still.join(', ')}, which apt-get could not install: ${lastLine(end.output)}`;
}

/** The packages of those programs that are not in PATH. */
export function missingPackages(programs: Programs, path: string = process.env['PATH'] ?? ''): string[] {
  const missing = Object.entries(programs).filter(([program]) => findProgram(program, path) === undefined);
  return [...new Set(missing.map(([, name]) => name))].sort();
}

/** Where a program is, looking where root's programs are too. */
export function findProgram(name: string, path: string = process.env['PATH'] ?? ''): string | undefined {
  for (const folder of [...path.split(delimiter), '/usr/sbin', '/sbin']) {
    try {
      const found = join(folder, name);
      if (folder === '') continue;
      accessSync(found, constants.X_OK);
      return found;
    } catch {
      // Not there.
    }
  }
  return undefined;
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
