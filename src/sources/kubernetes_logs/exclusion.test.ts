// What is excluded while its logs are read: by a label of the pod or the namespace, or by an annotation.

import assert from 'node:assert/strict';
import { appendFileSync, writeFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { type KubernetesApi, pod } from '../../testing/kubernetes_api.ts';
import { cri, kubernetesNode, messagesOf } from '../../testing/kubernetes_node.ts';

// The source's timers do not keep a process alive.
const alive = setInterval(() => {}, 1000);
after(() => clearInterval(alive));

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

const EXCLUDED: Readonly<Record<string, string>> = { 'vector.dev/exclude': 'true' };
const WITHOUT_MAIN: Readonly<Record<string, string>> = { 'vector.dev/exclude-containers': 'side,main' };

const laterExclusions: readonly [what: string, exclude: (api: KubernetesApi, is: boolean) => void][] = [
  ['a pod', (api, is) => api.put('pods', pod('web', 'u1', is ? EXCLUDED : {}))],
  [
    'a namespace',
    (api, is) => api.put('namespaces', { metadata: { name: 'default', uid: 'ns1', labels: is ? EXCLUDED : {} } }),
  ],
  [
    'a container',
    (api, is) => {
      const web = pod('web', 'u1');
      api.put('pods', { ...web, metadata: { ...web.metadata, annotations: is ? WITHOUT_MAIN : {} } });
    },
  ],
];

for (const [what, exclude] of laterExclusions) {
  test(`${what} that is excluded later is read no more, and goes on where it was when it is not`, async () => {
    await using host = await kubernetesNode();
    const path = host.log('web', 'u1');
    writeFileSync(path, cri('one'));
    exclude(host.api, false);
    host.api.put('pods', pod('web', 'u1'));
    const run = await host.start();
    await run.received(1);
    exclude(host.api, true);
    await until(() => run.recorder.read('open_files') === 0);
    appendFileSync(path, cri('two'));
    exclude(host.api, false);
    await run.received(2);
    await run.stop();
    assert.deepEqual(messagesOf(run), ['one', 'two']);
    assert.equal(run.recorder.read('sluice_file_lost_bytes_total'), 0);
  });
}
