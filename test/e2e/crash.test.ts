import assert from 'node:assert/strict';
import { test } from 'node:test';
import { temporaryFolder } from '../../src/testing/component.ts';
import { crashRun } from './crash_run.ts';

test('every line of a rotated log arrives although the process is killed and the server fails', {
  timeout: 120_000,
}, async () => {
  using folder = temporaryFolder();
  const result = await crashRun({
    folder: folder.path,
    bytes: 12_000_000,
    killEveryMs: 1500,
    rotateBytes: 2_000_000,
    batchBytes: 500_000,
    failureShare: 0.2,
    seed: 1,
    bytesPerSecond: 2_000_000,
  });
  assert.equal(result.missing, 0);
  assert.equal(result.disordered, 0);
  assert.ok(result.kills >= 2, `killed ${result.kills} times`);
  assert.ok(result.rotations >= 4, `rotated ${result.rotations} times`);
  assert.ok(result.duplicates < result.lines, `${result.duplicates} lines came twice`);
});
