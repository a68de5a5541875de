// `npm run deb`: builds the single executable and from it a Debian package, `sluice_VERSION_ARCH.deb`, in the folder given
// or this one.

import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ROOT, run } from './command.ts';
import { packExecutable } from './executable.ts';

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };
const PACK_LIMIT_MS = 300_000;

/** Lays the package's files out and packs them. Returns its path. */
export async function packDebian(into: string): Promise<string> {
  const { version, description } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Record<
    string,
    string
  >;
  const architecture = ARCHITECTURES[process.arch];
  if (architecture === undefined) throw new Error(`no Debian package for ${process.arch}`);
  const folder = mkdtempSync(join(tmpdir(), 'sluice-deb-'));
  try {
    chmodSync(folder, 0o755);
    await layOut(folder);
    const sizeKib = Math.ceil(Number((await run('du', ['-sk', folder])).output.split('\t')[0]));
    writeControl(folder, [
      'Package: sluice',
      `Version: ${version}`,
      `Architecture: ${architecture}`,
      'Maintainer: The Sluice developers <sluice@localhost>',
      `Installed-Size: ${sizeKib}`,
      'Depends: libc6 (>= 2.28), libstdc++6 (>= 5), libatomic1, adduser',
      'Recommends: ca-certificates',
      'Section: admin',
      'Priority: optional',
      `Description: ${description?.split('. ')[0]}`,
      ' Sources, transforms and sinks for logs, metrics and traces. Runs a Vector',
      ' configuration unchanged, with memory bounded by construction.',
    ]);
    const file = join(resolve(into), `sluice_${version}_${architecture}.deb`);
    // The least of compression: a tenth larger, in a fifth of the time.
    const flags = ['--root-owner-group', '-Zxz', '-z1', '--build'];
    const { code, output } = await run('dpkg-deb', [...flags, folder, file], { limitMs: PACK_LIMIT_MS });
    if (code !== 0) throw new Error(output);
    return file;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function layOut(folder: string): Promise<void> {
  const at = (...path: string[]): string => {
    const target = join(folder, ...path);
    mkdirSync(join(target, '..'), { recursive: true });
    return target;
  };
  await packExecutable(at('usr/bin'));
  renameSync(at('usr/bin/LICENSES.txt'), at('usr/share/doc/sluice/copyright'));
  copyFileSync(join(ROOT, 'deploy/systemd/sluice.service'), at('lib/systemd/system/sluice.service'));
  copyFileSync(join(ROOT, 'deploy/debian/sluice.yaml'), at('etc/sluice/sluice.yaml'));
}

function writeControl(folder: string, control: readonly string[]): void {
  const target = join(folder, 'DEBIAN');
  mkdirSync(target);
  for (const script of ['postinst', 'prerm', 'postrm']) {
    copyFileSync(join(ROOT, 'deploy/debian', script), join(target, script));
    chmodSync(join(target, script), 0o755);
  }
  writeFileSync(join(target, 'conffiles'), '/etc/sluice/sluice.yaml\n');
  writeFileSync(join(target, 'control'), `${control.join('\n')}\n`);
}

if (import.meta.main) console.log(await packDebian(process.argv[2] ?? '.'));
