// `npm run deb`: builds dist/ and from it a Debian package, `sluice_VERSION_ARCH.deb`, in the folder given or this one.
// It brings its own Node, so that nothing else has to be installed.

import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ROOT, run, runScript } from './command.ts';

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };
const BUILD_LIMIT_MS = 120_000;

/** Lays the package's files out below `folder` and packs them. Returns the file's path. `dist` has been built. */
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
    layOut(folder);
    const sizeKib = Math.ceil(Number((await run('du', ['-sk', folder])).output.split('\t')[0]));
    writeControl(folder, [
      'Package: sluice',
      `Version: ${version}`,
      `Architecture: ${architecture}`,
      'Maintainer: The Sluice developers <sluice@localhost>',
      `Installed-Size: ${sizeKib}`,
      'Depends: libc6 (>= 2.28), libstdc++6, adduser',
      'Recommends: ca-certificates',
      'Section: admin',
      'Priority: optional',
      `Description: ${description?.split('. ')[0]}`,
      ' Sources, transforms and sinks for logs, metrics and traces. Runs a Vector',
      ' configuration unchanged, with memory bounded by construction.',
    ]);
    const file = join(resolve(into), `sluice_${version}_${architecture}.deb`);
    const { code, output } = await run('dpkg-deb', ['--root-owner-group', '-Zxz', '--build', folder, file], {
      limitMs: BUILD_LIMIT_MS,
    });
    if (code !== 0) throw new Error(output);
    return file;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function layOut(folder: string): void {
  const at = (...path: string[]): string => {
    const target = join(folder, ...path);
    mkdirSync(join(target, '..'), { recursive: true });
    return target;
  };
  for (const part of ['bin', 'dist']) cpSync(join(ROOT, part), at('usr/lib/sluice', part), { recursive: true });
  copyFileSync(join(ROOT, 'package.json'), at('usr/lib/sluice/package.json'));
  copyFileSync(realpathSync(process.execPath), at('usr/lib/sluice/node'));
  chmodSync(at('usr/lib/sluice/node'), 0o755);
  writeFileSync(at('usr/bin/sluice'), '#!/bin/sh\nexec /usr/lib/sluice/node /usr/lib/sluice/bin/sluice.js "$@"\n', {
    mode: 0o755,
  });
  copyFileSync(join(ROOT, 'deploy/systemd/sluice.service'), at('lib/systemd/system/sluice.service'));
  copyFileSync(join(ROOT, 'deploy/debian/sluice.yaml'), at('etc/sluice/sluice.yaml'));
  copyFileSync(join(ROOT, 'LICENSE'), at('usr/share/doc/sluice/copyright'));
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

if (import.meta.main) {
  const { code, output } = await runScript(['scripts/build.ts'], { limitMs: BUILD_LIMIT_MS });
  if (code !== 0) {
    console.error(output);
    process.exit(1);
  }
  console.log(await packDebian(process.argv[2] ?? '.'));
}
