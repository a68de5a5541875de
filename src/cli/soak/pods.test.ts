import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { FakeClock } from '../../std/clock.ts';
import { seededRandom } from '../../std/random.ts';
import { temporaryFolder } from '../../testing/component.ts';
import { KubernetesNode } from './kubernetes_node.ts';
import { Pods } from './pods.ts';
import type { Wanted } from './selected.ts';

const NOTHING: Wanted = { labels: {}, namespaceLabels: {}, fields: {} };

/** A node whose time stands still, and pods that write numbers. */
async function pods(wanted: Wanted = NOTHING, padding = 0) {
  const folder = temporaryFolder();
  const clock = new FakeClock();
  const node = await KubernetesNode.start(join(folder.path, 'node'), clock);
  let count = 0;
  const line = (): string => `line ${count++} ${'x'.repeat(padding)}`;
  const set = new Pods({ node, wanted, set: 'soak', line, random: seededRandom(1), now: () => clock.now() });
  const dispose = async (): Promise<void> => {
    set.close();
    await node.close();
    folder[Symbol.dispose]();
  };
  return { node, clock, set, [Symbol.asyncDispose]: dispose };
}

/** The messages in all logs that are there, whose parts are put together. */
function messagesIn(logs: string): string[] {
  const found: string[] = [];
  for (const name of readdirSync(logs, { recursive: true, encoding: 'utf8' }).sort()) {
    if (!/0\.log[^/]*$/.test(name)) continue;
    const bytes = readFileSync(join(logs, name));
    const open = new Map<string, string>();
    const lines = (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString().split('\n').slice(0, -1);
    for (const line of lines) {
      const [, stream, tag, text] = /^\S+ (stdout|stderr) ([FP]) (.*)$/.exec(line)!.map(String) as [
        string,
        ...string[],
      ];
      const message = (open.get(stream!) ?? '') + text;
      open.delete(stream!);
      if (tag === 'P') open.set(stream!, message);
      else found.push(message.trim());
    }
  }
  return found;
}

async function listed(node: KubernetesNode, resource: string): Promise<readonly { metadata: { uid: string } }[]> {
  const response = await fetch(`${node.api.url}/api/v1/${resource}`);
  return ((await response.json()) as { items: { metadata: { uid: string } }[] }).items;
}

test('every line is written once, in one piece or in parts, to one pod after the other', async () => {
  await using host = await pods();
  for (let i = 0; i < 40; i++) host.set.push(100);
  host.set.push(3);
  const messages = messagesIn(host.node.logs);
  // The end of a message may wait for the next turn of its pod.
  const missing = 4003 - messages.length;
  assert.ok(missing >= 0 && missing <= 10, `${missing} are missing`);
  assert.equal(new Set(messages).size, messages.length);
  assert.ok(messages.every((message) => /^line \d+$/.test(message)));
  assert.deepEqual(host.set.counts, { started: 10, lines: 4003, rotations: 0 });
});

test('some messages come in parts, and some on the other stream', async () => {
  await using host = await pods();
  host.set.push(4_000);
  const text = readdirSync(host.node.logs, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('0.log'))
    .map((name) => readFileSync(join(host.node.logs, name), 'utf8'))
    .join('');
  assert.match(text, / stdout P /);
  assert.match(text, / stderr F /);
});

test('the oldest pod ends and another one comes; its object goes, and then its logs', async () => {
  await using host = await pods();
  host.set.push(10);
  const [before, folders] = [await listed(host.node, 'pods'), readdirSync(host.node.logs)];
  assert.equal(before.length, 10);
  assert.equal((await listed(host.node, 'namespaces')).length, 3);
  await host.clock.advance(12_000);
  host.set.push(10);
  assert.equal(host.set.counts.started, 11);
  assert.equal((await listed(host.node, 'pods')).length, 11);
  assert.equal(readdirSync(host.node.logs).length, 11);
  await host.clock.advance(2_000);
  const after = await listed(host.node, 'pods');
  assert.equal(after.length, 10);
  assert.equal(readdirSync(host.node.logs).length, 11);
  await host.clock.advance(10_000);
  assert.equal(readdirSync(host.node.logs).length, 10);
  assert.equal(host.node.ended, 0);
  const gone = before.filter(({ metadata }) => !after.some((other) => other.metadata.uid === metadata.uid));
  assert.equal(gone.length, 1);
  assert.ok(folders.some((name) => name.endsWith(gone[0]!.metadata.uid)));
  assert.ok(!readdirSync(host.node.logs).some((name) => name.endsWith(gone[0]!.metadata.uid)));
});

test('however long it goes on, so many pods and files are there and no more', async () => {
  await using host = await pods(NOTHING, 4_000);
  for (let i = 0; i < 200; i++) {
    await host.clock.advance(2_000);
    host.set.push(400);
  }
  assert.ok(host.set.counts.rotations > 50);
  assert.ok(host.set.counts.started > 40);
  assert.ok((await listed(host.node, 'pods')).length <= 11);
  const names = readdirSync(host.node.logs, { recursive: true, encoding: 'utf8' });
  const files = names.filter((name) => name.includes('0.log'));
  assert.ok(readdirSync(host.node.logs).length <= 12);
  assert.ok(files.length <= 12 * 5, `${files.length} files`);
  assert.ok(files.some((name) => name.endsWith('.gz')));
});

test('pods are as a source wants them', async () => {
  const wanted: Wanted = {
    labels: { team: 'blue' },
    namespaceLabels: { tier: 'one' },
    fields: { 'metadata.name': 'web-1', 'metadata.namespace': 'prod', 'spec.serviceAccountName': 'robot' },
  };
  await using host = await pods(wanted);
  host.set.push(10);
  const [pod, ...others] = (await listed(host.node, 'pods')) as unknown as {
    metadata: { name: string; namespace: string; labels: Record<string, string> };
    spec: Record<string, unknown>;
  }[];
  assert.equal(others.length, 0);
  assert.equal(pod!.metadata.name, 'web-1');
  assert.equal(pod!.metadata.namespace, 'prod');
  assert.equal(pod!.metadata.labels['team'], 'blue');
  assert.equal(pod!.spec['serviceAccountName'], 'robot');
  assert.equal(pod!.spec['nodeName'], host.node.name);
  const [namespace] = (await listed(host.node, 'namespaces')) as unknown as {
    metadata: { labels: Record<string, string> };
  }[];
  assert.equal(namespace!.metadata.labels['tier'], 'one');
});
