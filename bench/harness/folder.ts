// A folder for the data of a benchmark, which may be gigabytes: it goes when the process does, however it ends.

import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';

export function temporaryFolder(parent: string): string {
  const folder = mkdtempSync(join(parent, 'sluice-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  // Without a listener these end the process at once.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
  return folder;
}
