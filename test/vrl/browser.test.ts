// The language runs where there is nothing of Node: all examples of all its functions, in a context that has only what
// browsers have.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';

test('every example of the library runs with nothing but what browsers have', () => {
  const script = join(import.meta.dirname, 'browser/context.ts');
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--experimental-vm-modules', '--no-warnings', script],
    { encoding: 'utf8', timeout: 120_000 },
  );
  assert.equal(status, 0, stderr);
  const { ran, failed } = JSON.parse(stdout) as { readonly ran: number; readonly failed: readonly string[] };
  assert.deepEqual(failed, []);
  assert.ok(ran > 400, `only ${ran} examples ran`);
});
