// The crash run at full size: `npm run crash -- [--mib 1024] [--kill-every-ms 4000 | --no-kill] [--seed 1]`.
// Runs dist/ (`npm run build` first) unless `--unbuilt`. Prints what arrived, what came twice, and the memory of the process over time; exits 1 when a line is missing.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { crashRun } from '../test/e2e/crash_run.ts';

const { values: flags } = parseArgs({
  options: {
    mib: { type: 'string', default: '1024' },
    'kill-every-ms': { type: 'string', default: '4000' },
    'no-kill': { type: 'boolean', default: false },
    'bytes-per-second': { type: 'string' },
    unbuilt: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
  },
});
const folder = mkdtempSync(join(tmpdir(), 'sluice-crash-'));
try {
  let shown = 0;
  const result = await crashRun({
    folder,
    bytes: Number(flags.mib) * 2 ** 20,
    killEveryMs: flags['no-kill'] ? undefined : Number(flags['kill-every-ms']),
    rotateBytes: (Number(flags.mib) * 2 ** 20) / 16,
    batchBytes: 3_000_000,
    built: !flags.unbuilt,
    failureShare: 0.2,
    seed: Number(flags.seed),
    ...(flags['bytes-per-second'] ? { bytesPerSecond: Number(flags['bytes-per-second']) } : {}),
    onProgress(text) {
      if (performance.now() - shown < 5000) return;
      shown = performance.now();
      console.error(text);
    },
  });
  console.log(JSON.stringify(result, null, 2));
  process.exitCode = result.missing === 0 ? 0 : 1;
} finally {
  if (flags.keep) console.error(`kept ${folder}`);
  else rmSync(folder, { recursive: true, force: true });
}
