import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { FakeClock } from '../../std/clock.ts';
import { seededRandom } from '../../std/random.ts';
import { temporaryFolder, testContext } from '../../testing/component.ts';
import type { Access } from './access.ts';
import { Kubernetes } from './kubernetes.ts';
import { NODES } from './objects.ts';

function isRunning(pid: number): boolean {
  try {
    // A zombie that nobody waited for is not running either.
    return !/^\d+ \(.*\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

test('who follows no more waits for no plugin that hangs, and it is ended', async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, 'pid');
  const command = {
    apiVersion: 'client.authentication.k8s.io/v1',
    program: 'sh',
    args: ['-c', `echo $$ > ${file}.new; mv ${file}.new ${file}; sleep 1000`],
    env: {},
    clusterJson: undefined,
    installHint: undefined,
  };
  const identity = { kind: 'exec', command } as const;
  const server = new URL('https://127.0.0.1:1');
  const access: Access = { server, serverName: undefined, tls: {}, proxy: undefined, identity };
  const clock = new FakeClock();
  const { context } = testContext('source', 'kubernetes_logs', { clock });
  const options = { clock, random: seededRandom(1), recorder: context, log: context.log, userAgent: 'test' };
  const listener = { onObject: () => {}, onDeleted: () => {} };
  const following = Kubernetes.at(access, options).follow(NODES, { usesCache: false }, listener);
  while (!existsSync(file)) await pause(5);
  const pid = Number(readFileSync(file, 'utf8'));
  assert.ok(isRunning(pid));
  await following.close();
  while (isRunning(pid)) await pause(5);
  assert.equal(clock.pending, 0);
});
