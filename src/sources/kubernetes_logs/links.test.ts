// With Docker as the runtime, the files of pods are links to where it keeps them, and only what is there is rotated.

import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { pod } from '../../testing/kubernetes_api.ts';
import { kubernetesNode, messagesOf } from '../../testing/kubernetes_node.ts';

// The source's timers do not keep a process alive.
const alive = setInterval(() => {}, 1000);
after(() => clearInterval(alive));

function line(log: string): string {
  return `${JSON.stringify({ log: `${log}\n`, stream: 'stdout', time: '2026-11-27T05:24:18.123456789Z' })}\n`;
}

test('links are followed, and what they lead to is read to its end after it was rotated', async () => {
  await using host = await kubernetesNode();
  host.api.put('pods', pod('web', 'u1'));
  mkdirSync(host.at('docker'));
  const real = host.at('docker', 'c1-json.log');
  writeFileSync(real, line('one'));
  symlinkSync(real, host.log('web', 'u1'));
  const run = await host.start();
  await run.received(1);
  appendFileSync(real, line('two'));
  renameSync(real, `${real}.1`);
  writeFileSync(real, line('three'));
  appendFileSync(`${real}.1`, line('late'));
  await run.received(4);
  await run.stop();
  assert.deepEqual(messagesOf(run).sort(), ['late', 'one', 'three', 'two']);
});
