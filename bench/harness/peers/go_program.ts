// Builds a peer written in Go from its modules, once per machine; the binary stays in the user's cache folder.

import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { run } from '../../../scripts/command.ts';
import { findProgram } from '../../../scripts/debian.ts';

/** Fetching and compiling a collector takes minutes. */
const BUILD_LIMIT_MS = 30 * 60_000;

/** The binary of the module in `peers/NAME`, built when it is missing; `why` when that failed. */
export async function goProgram(name: string): Promise<{ readonly path: string } | { readonly why: string }> {
  const source = join(import.meta.dirname, name);
  const content = ['go.mod', 'main.go'].map((file) => readFileSync(join(source, file), 'utf8')).join('');
  const key = createHash('sha256').update(content).digest('hex').slice(0, 12);
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'sluice', 'bench');
  const path = join(cache, `${name}-${key}`);
  if (existsSync(path)) return { path };
  const go = findProgram('go', [process.env['PATH'], '/usr/local/go/bin'].join(delimiter));
  if (!go) return { why: 'it is built with Go, which is not there' };
  console.error(`building ${name} from its modules, which takes minutes …`);
  const folder = mkdtempSync(join(tmpdir(), 'sluice-peer-'));
  try {
    cpSync(source, folder, { recursive: true });
    for (const args of [
      ['mod', 'tidy'],
      ['build', '-trimpath', '-ldflags=-s -w', '-o', name, '.'],
    ]) {
      const end = await run(go, args, { cwd: folder, limitMs: BUILD_LIMIT_MS });
      if (end.code !== 0) return { why: `go ${args[0]} failed: ${end.output.trim().split('\n').at(-1)}` };
    }
    mkdirSync(cache, { recursive: true });
    // Beside its place first: another disk may hold the temporary folder.
    cpSync(join(folder, name), `${path}.new`);
    renameSync(`${path}.new`, path);
    return { path };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
