import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { finish } from '../../event/batch.ts';
import type { ObjectValue } from '../../event/value.ts';
import type { RunningSource } from '../../testing/component.ts';
import { pod } from '../../testing/kubernetes_api.ts';
import { cri, kubernetesNode, messagesOf } from '../../testing/kubernetes_node.ts';

// The source's timers do not keep a process alive.
const alive = setInterval(() => {}, 1000);
after(() => clearInterval(alive));

/** A node with one log. */
async function nodeWithLog() {
  const host = await kubernetesNode();
  host.api.put('pods', pod('web', 'u1'));
  const path = host.log('web', 'u1');
  let rotations = 0;
  /** As the kubelet and the runtime do it; the path of the rotated file. */
  const rotate = (first: string): string => {
    const rotated = `${path}.20261127-${String(++rotations).padStart(6, '0')}`;
    renameSync(path, rotated);
    writeFileSync(path, first);
    return rotated;
  };
  const checkpoints = (): readonly { readonly position: number }[] =>
    (JSON.parse(readFileSync(host.at('data/test/checkpoints.json'), 'utf8')) as { checkpoints: { position: number }[] })
      .checkpoints;
  return { ...host, path, rotate, checkpoints, [Symbol.asyncDispose]: () => host[Symbol.asyncDispose]() };
}

/** Waits until so many bytes of lines were read. */
async function taken(run: RunningSource, bytes: number): Promise<void> {
  while (run.recorder.read('component_received_bytes_total') < bytes)
    await new Promise((resolve) => setTimeout(resolve, 5));
}

test('a message whose parts lie in two files is one, and keeps its place', async () => {
  await using host = await nodeWithLog();
  writeFileSync(host.path, cri('one') + cri('begin', 'P') + cri('ning', 'P'));
  const run = await host.start();
  await run.received(1);
  host.rotate(cri(', mid', 'P') + cri(', end') + cri('two'));
  await run.received(3);
  await run.stop();
  assert.deepEqual(messagesOf(run), ['one', 'beginning, mid, end', 'two']);
  const [, merged] = run.values as ObjectValue[];
  assert.equal(merged!['file'], host.path, 'it ends in the new file');
});

test('what is written to a file after its successor is there comes before it', async () => {
  await using host = await nodeWithLog();
  writeFileSync(host.path, cri('one'));
  const run = await host.start({ oldest_first: false });
  await run.received(1);
  appendFileSync(host.path, cri('two') + cri('thr', 'P'));
  const rotated = host.rotate('');
  appendFileSync(rotated, cri('e', 'P'));
  appendFileSync(host.path, cri('e') + cri('four'));
  await run.received(4);
  await run.stop();
  assert.deepEqual(messagesOf(run), ['one', 'two', 'three', 'four']);
});

test('both streams go on in the next file, and over more than one', async () => {
  await using host = await nodeWithLog();
  const [first, middle] = [cri('zero') + cri('a1', 'P') + cri('b1', 'P', 'stderr'), cri('a2', 'P')];
  writeFileSync(host.path, first);
  const run = await host.start();
  await taken(run, first.length);
  host.rotate(middle);
  await taken(run, first.length + middle.length);
  host.rotate(cri('b2', 'F', 'stderr') + cri('a3'));
  await run.received(3);
  await run.stop();
  assert.deepEqual(messagesOf(run), ['zero', 'b1b2', 'a1a2a3']);
});

test('a restart between the parts reads both files again from where the message begins', async () => {
  await using host = await nodeWithLog();
  const [before, a, b] = [cri('one'), cri('a', 'P'), cri('b', 'P')];
  writeFileSync(host.path, before + a);
  const first = await host.start();
  await first.received(1);
  host.rotate(b);
  await taken(first, before.length + a.length + b.length);
  await first.stop();
  assert.deepEqual(messagesOf(first), ['one']);
  assert.deepEqual(
    host.checkpoints().map(({ position }) => position),
    [before.length],
    'nothing of the message is passed in either file',
  );
  appendFileSync(host.path, cri('c') + cri('two'));
  const second = await host.start();
  await second.received(2);
  await second.stop();
  assert.deepEqual(messagesOf(second), ['abc', 'two']);
  const third = await host.start();
  appendFileSync(host.path, cri('three'));
  await third.received(1);
  await third.stop();
  assert.deepEqual(messagesOf(third), ['three']);
});

test('the position in the rotated file waits for the message to be delivered', async () => {
  await using host = await nodeWithLog();
  const before = cri('one');
  writeFileSync(host.path, before + cri('a', 'P'));
  const first = await host.start();
  await first.received(1);
  await first.stop();
  const second = await host.start({}, { hold: true });
  host.rotate(cri('b') + cri('two'));
  await second.received(2);
  await second.kill();
  const third = await host.start();
  await third.received(2);
  await third.stop();
  assert.deepEqual(messagesOf(third), ['ab', 'two'], 'what was not acknowledged comes again, in whole');
  for (const batch of second.held) finish(batch);
});

test('what waits goes out at a stop when the file it came from is gone', async () => {
  await using host = await nodeWithLog();
  const [a, b] = [cri('one') + cri('a', 'P'), cri('b', 'P')];
  writeFileSync(host.path, a);
  const run = await host.start();
  await run.received(1);
  const rotated = host.rotate(b);
  await taken(run, a.length + b.length);
  writeFileSync(`${rotated}.gz`, gzipSync(readFileSync(rotated)));
  rmSync(rotated);
  // The look that finds another file finds that this one is gone.
  writeFileSync(host.log('web', 'u1', 'other'), cri('other'));
  await run.received(2);
  await run.stop();
  assert.deepEqual(messagesOf(run), ['one', 'other', 'ab']);
  assert.equal(run.recorder.read('sluice_file_lost_bytes_total'), 0);
});

test('a merged message that is dropped does not hold the position in the rotated file', async () => {
  await using host = await nodeWithLog();
  writeFileSync(host.path, cri('one') + cri('aaaa', 'P'));
  const run = await host.start({ max_merged_line_bytes: 6 });
  await run.received(1);
  const rotated = host.rotate(cri('bbbb') + cri('two'));
  await run.received(2);
  await run.stop();
  assert.deepEqual(messagesOf(run), ['one', 'two']);
  const lengths = [rotated, host.path].map((path) => readFileSync(path).length);
  assert.deepEqual(
    host
      .checkpoints()
      .map(({ position }) => position)
      .sort(),
    lengths.sort(),
  );
});
