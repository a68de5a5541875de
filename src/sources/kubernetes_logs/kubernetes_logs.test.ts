import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { finish } from '../../event/batch.ts';
import type { ObjectValue } from '../../event/value.ts';
import { pod } from '../../testing/kubernetes_api.ts';
import { cri, kubernetesNode, messagesOf } from '../../testing/kubernetes_node.ts';

// The source's timers do not keep a process alive.
const alive = setInterval(() => {}, 1000);
after(() => clearInterval(alive));

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

test('a line becomes an event with all that is known of its pod', async () => {
  await using host = await kubernetesNode();
  host.api.put('pods', pod('web', 'u1', { app: 'web' }));
  const path = host.log('web', 'u1');
  writeFileSync(path, '2026-11-27T05:24:18.123456789Z stderr F hello\n');
  const run = await host.start({ ingestion_timestamp_field: 'seen' });
  await run.received(1);
  await run.stop();
  const { timestamp, seen, ...rest } = run.values[0] as ObjectValue;
  assert.equal(String(timestamp), '2026-11-27T05:24:18.123456789Z');
  assert.ok(seen);
  assert.deepEqual(rest, {
    message: 'hello',
    stream: 'stderr',
    file: path,
    source_type: 'kubernetes_logs',
    kubernetes: {
      container_name: 'main',
      container_id: 'containerd://u1',
      container_image: 'image:1',
      container_image_id: 'sha256:1',
      pod_name: 'web',
      pod_namespace: 'default',
      pod_uid: 'u1',
      pod_labels: { app: 'web' },
      pod_annotations: { note: 'web' },
      pod_owner: 'ReplicaSet/web',
      pod_node_name: 'node-1',
      pod_ip: '10.0.0.1',
      pod_ips: ['10.0.0.1'],
      namespace_labels: { team: 'blue' },
      node_labels: { zone: 'a' },
    },
  });
});

test('the namespace of logs puts what is known into metadata', async () => {
  await using host = await kubernetesNode();
  host.api.put('pods', pod('web', 'u1'));
  writeFileSync(host.log('web', 'u1'), cri('hello'));
  const run = await host.start({}, { logNamespace: 'vector' });
  await run.received(1);
  await run.stop();
  assert.equal(run.values[0], 'hello');
  const own = (run.events[0] as { metadata: { value: ObjectValue } }).metadata.value['kubernetes_logs'] as ObjectValue;
  assert.equal(own['pod_name'], 'web');
  assert.equal(own['stream'], 'stdout');
  assert.deepEqual(own['namespace_labels'], { team: 'blue' });
});

test('the parts of a message are merged, whether they lie together or not', async () => {
  await using host = await kubernetesNode();
  host.api.put('pods', pod('web', 'u1'));
  const path = host.log('web', 'u1');
  writeFileSync(
    path,
    cri('whole') +
      cri('a', 'P') +
      cri('bc', 'P') +
      cri('d') +
      cri('out 1', 'P') +
      cri('err', 'F', 'stderr') +
      cri(', out 2') +
      cri('tail', 'P'),
  );
  const run = await host.start();
  await run.received(4);
  appendFileSync(path, cri(' end'));
  await run.received(5);
  await run.stop();
  assert.deepEqual(messagesOf(run), ['whole', 'abcd', 'err', 'out 1, out 2', 'tail end']);
});

test('without merging parts go out alone and say so', async () => {
  await using host = await kubernetesNode();
  host.api.put('pods', pod('web', 'u1'));
  writeFileSync(host.log('web', 'u1'), cri('a', 'P') + cri('b'));
  const run = await host.start({ auto_partial_merge: false });
  await run.received(2);
  await run.stop();
  assert.deepEqual(
    run.values.map((value) => (value as ObjectValue)['_partial']),
    [true, undefined],
  );
});

for (const [action, expected] of [
  ['drop', ['short']],
  ['truncate', ['aaaaé', 'short']],
] as const) {
  test(`a merged message that is too long: ${action}`, async () => {
    await using host = await kubernetesNode();
    host.api.put('pods', pod('web', 'u1'));
    writeFileSync(host.log('web', 'u1'), cri('aaaa', 'P') + cri('éé') + cri('short'));
    const run = await host.start({ max_merged_line_bytes: 7, max_merged_line_action: action });
    await run.received(expected.length);
    await run.stop();
    assert.deepEqual(messagesOf(run), expected);
    assert.equal(run.recorder.read('k8s_merged_line_truncated_total'), action === 'truncate' ? 1 : 0);
  });
}

test('lines of Docker are read as those of others, and damaged ones go on as they are', async () => {
  await using host = await kubernetesNode();
  host.api.put('pods', pod('web', 'u1'));
  const docker = (log: string): string =>
    `${JSON.stringify({ log, stream: 'stdout', time: '2026-11-27T05:24:18.5Z' })}\n`;
  writeFileSync(
    host.log('web', 'u1'),
    `${docker('one "é"\n')}${docker('two ')}${docker('three\n')}{"log":\nnonsense\n`,
  );
  const run = await host.start();
  await run.received(4);
  await run.stop();
  assert.deepEqual(messagesOf(run), ['one "é"', 'two three', '{"log":', 'nonsense']);
  assert.equal(String((run.values[0] as ObjectValue)['timestamp']), '2026-11-27T05:24:18.500Z');
  assert.equal(run.recorder.read('k8s_docker_format_parse_failures_total'), 1);
});

test('excluded pods, namespaces and containers are not read', async () => {
  await using host = await kubernetesNode();
  host.api.put('namespaces', { metadata: { name: 'hidden', uid: 'ns2', labels: { 'vector.dev/exclude': 'true' } } });
  host.api.put('pods', pod('out', 'u1', { 'vector.dev/exclude': 'true' }));
  host.api.put('pods', pod('away', 'u2', {}, 'hidden'));
  host.api.put('pods', pod('test', 'u3', { stage: 'test' }));
  host.api.put('pods', pod('named', 'u4'));
  const web = pod('web', 'u5');
  const annotations = { 'vector.dev/exclude-containers': 'side, other' };
  host.api.put('pods', { ...web, metadata: { ...web.metadata, annotations } });
  writeFileSync(host.log('out', 'u1'), cri('excluded'));
  writeFileSync(host.log('away', 'u2', 'main', '0.log', 'hidden'), cri('hidden'));
  writeFileSync(host.log('test', 'u3'), cri('by label'));
  writeFileSync(host.log('named', 'u4'), cri('by field'));
  writeFileSync(host.log('web', 'u5', 'side'), cri('by container'));
  writeFileSync(host.log('web', 'u5', 'main', '0.log.tmp'), cri('by pattern'));
  writeFileSync(host.log('web', 'u5'), cri('read'));
  const run = await host.start({ extra_label_selector: 'stage!=test', extra_field_selector: 'metadata.name!=named' });
  await run.received(1);
  host.api.put('pods', pod('out', 'u1'));
  await run.received(2);
  await run.stop();
  assert.deepEqual(messagesOf(run), ['read', 'excluded']);
});

test('the files of a pod that is not known yet wait for it, and new labels are on the lines behind them', async () => {
  await using host = await kubernetesNode();
  const path = host.log('web', 'u1');
  writeFileSync(path, cri('one'));
  const run = await host.start();
  await until(() => host.api.watches === 3);
  host.api.put('pods', pod('web', 'u1', { version: '1' }));
  await run.received(1);
  host.api.put('pods', pod('web', 'u1', { version: '2' }));
  await until(
    () => run.recorder.read('sluice_kubernetes_watch_events_total', { resource: 'pods', type: 'modified' }) === 1,
  );
  await new Promise((resolve) => setTimeout(resolve, 200));
  appendFileSync(path, cri('two'));
  await run.received(2);
  await run.stop();
  const labels = run.values.map((value) => ((value as ObjectValue)['kubernetes'] as ObjectValue)['pod_labels']);
  assert.deepEqual(labels, [{ version: '1' }, { version: '2' }]);
});

test('rotation as the kubelet does it: renamed, compressed, removed', async () => {
  await using host = await kubernetesNode();
  host.api.put('pods', pod('web', 'u1'));
  const path = host.log('web', 'u1');
  writeFileSync(path, cri('0'));
  const run = await host.start();
  await run.received(1);
  for (let i = 1; i <= 3; i++) {
    const rotated = `${path}.2026112${i}-000000`;
    appendFileSync(path, cri(`${i}, before`));
    renameSync(path, rotated);
    writeFileSync(path, cri(`${i}, behind`));
    await run.received(1 + 2 * i);
    writeFileSync(`${rotated}.gz`, gzipSync(readFileSync(rotated)));
    rmSync(rotated);
  }
  await run.stop();
  assert.deepEqual(messagesOf(run), [
    '0',
    '1, before',
    '1, behind',
    '2, before',
    '2, behind',
    '3, before',
    '3, behind',
  ]);
  assert.equal(run.recorder.read('sluice_file_lost_bytes_total'), 0);
});

test('a file that came and went between two looks is counted as lost', async () => {
  await using host = await kubernetesNode();
  host.api.put('pods', pod('web', 'u1'));
  const path = host.log('web', 'u1');
  writeFileSync(path, cri('0'));
  const run = await host.start();
  await run.received(1);
  writeFileSync(`${path}.20261127-000000.gz`, gzipSync(cri('never seen')));
  const lost = (): number =>
    run.recorder.read('sluice_file_lost_bytes_total', { file: `${path}.20261127-000000.gz` }) ?? 0;
  await until(() => lost() > 0);
  await run.stop();
  assert.equal(lost(), cri('never seen').length);
  assert.ok(run.records.some(({ message }) => message === 'Content of a file was gone before it could be read.'));
});

test('a position moves only when everything before it was delivered, and an unfinished message is read again', async () => {
  await using host = await kubernetesNode();
  host.api.put('pods', pod('web', 'u1'));
  const path = host.log('web', 'u1');
  writeFileSync(path, cri('one') + cri('two') + cri('un', 'P'));
  const first = await host.start({}, { hold: true });
  await first.received(2);
  await first.kill();
  const second = await host.start({}, {});
  await second.received(2);
  await second.stop();
  assert.deepEqual(messagesOf(second), ['one', 'two']);
  appendFileSync(path, cri('finished'));
  const third = await host.start();
  await third.received(1);
  await third.stop();
  assert.deepEqual(messagesOf(third), ['unfinished']);
  for (const batch of first.held) finish(batch);
});

test('nothing is lost or doubled while the server fails in every way', async () => {
  await using host = await kubernetesNode();
  host.api.token = 'first';
  host.api.put('pods', pod('web', 'u1', { step: '0' }));
  const path = host.log('web', 'u1');
  writeFileSync(path, cri('0'));
  const run = await host.start();
  await run.received(1);
  const labels = (index: number): unknown =>
    ((run.values[index] as ObjectValue)['kubernetes'] as ObjectValue)['pod_labels'];
  const steps: readonly [name: string, act: () => void | Promise<void>][] = [
    ['ended', () => host.api.endWatches('end')],
    ['broken', () => host.api.endWatches('break')],
    ['nonsense', () => host.api.send('{"type":\n')],
    [
      'expired',
      () => {
        host.api.expire();
        host.api.endWatches('end');
      },
    ],
    ['gone', () => host.api.send('{"type":"ERROR","object":{"code":410,"message":"too old"}}\n')],
    ['bookmark', () => host.api.bookmark()],
    [
      'restarted',
      async () => {
        await host.api.stop();
        await host.api.start();
      },
    ],
    [
      'token',
      () => {
        writeFileSync(host.at('token'), 'next\n');
        host.api.token = 'next';
        host.api.endWatches('break');
      },
    ],
  ];
  for (const [index, [name, act]] of steps.entries()) {
    await act();
    appendFileSync(path, cri(`during ${name}`));
    host.api.put('pods', pod('web', `u${index + 2}`, { step: name }));
    writeFileSync(host.log('web', `u${index + 2}`), cri(name));
    await run.received(1 + 2 * (index + 1));
    const at = messagesOf(run).indexOf(name);
    assert.deepEqual(labels(at), { step: name });
  }
  await run.stop();
  const expected = ['0', ...steps.flatMap(([name]) => [name, `during ${name}`])];
  assert.deepEqual(messagesOf(run).sort(), expected.sort());
});

test('pods that come, change and go cost requests by the changes of connections and not by their number', async () => {
  await using host = await kubernetesNode();
  host.api.pageMax = 7;
  const expected: string[] = [];
  for (let i = 0; i < 20; i++) host.api.put('pods', pod(`p${i}`, `u${i}`, { turn: '0' }));
  const run = await host.start();
  await until(() => host.api.watches === 3);
  for (let turn = 0; turn < 3; turn++) {
    for (let i = 0; i < 20; i++) {
      const name = `p${i}`;
      const uid = `u${i}-${turn}`;
      host.api.put('pods', pod(name, uid, { turn: String(turn) }));
      const path = host.log(name, uid);
      for (const part of ['a', 'b']) {
        appendFileSync(path, cri(`${uid} ${part}`));
        expected.push(`${uid} ${part}`);
      }
    }
    await run.received(expected.length);
    for (let i = 0; i < 20; i++) {
      host.api.delete('pods', `u${i}-${turn}`);
      rmSync(host.at('pods', `default_p${i}_u${i}-${turn}`), { recursive: true });
    }
  }
  await run.stop();
  assert.deepEqual(messagesOf(run).sort(), expected.sort());
  for (const value of run.values) {
    const { message, kubernetes } = value as { message: string; kubernetes: ObjectValue };
    const [uid] = message.split(' ');
    assert.equal(kubernetes['pod_uid'], uid);
    assert.deepEqual(kubernetes['pod_labels'], { turn: uid!.split('-')[1] });
  }
  // Pods come in three pages, and each kind is watched once.
  assert.equal(host.api.requests.filter(({ verb, resource }) => verb === 'list' && resource === 'pods').length, 3);
  assert.equal(host.api.requests.filter(({ verb }) => verb === 'watch').length, 3);
});
