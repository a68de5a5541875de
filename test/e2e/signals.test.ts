// How the process ends when it is told to.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { httpReceiver } from '../../src/testing/http_receiver.ts';
import { open } from './hostile.ts';
import { type SluiceProcess, sluice } from './process.ts';

const tcp = { type: 'socket', mode: 'tcp', address: '127.0.0.1:0' };
const text = { codec: 'text' };

const toServer = (uri: string) => ({
  sources: { in: tcp },
  sinks: {
    out: {
      type: 'http',
      inputs: ['in'],
      uri,
      encoding: text,
      framing: { method: 'newline_delimited' },
      batch: { max_events: 100, timeout_secs: 0.05 },
      healthcheck: false,
    },
  },
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`${signal} in the middle: all that was sent is delivered, then the process ends with 0`, async () => {
    const release = Promise.withResolvers<void>();
    await using receiver = await httpReceiver(() => ({ after: release.promise }));
    await using process = sluice({ config: toServer(receiver.uri) });
    const socket = await open(await process.port('in'), { allowHalfOpen: true });
    const lines = Array.from({ length: 1000 }, (_, i) => `line ${i}`);
    socket.write(`${lines.slice(0, 500).join('\n')}\n`);
    await receiver.received(1);
    process.signal(signal);
    await process.untilLogged({ message: /^Sluice is stopping/, signal });
    // We are told that it is over, and may still say what we have to say.
    socket.resume();
    await once(socket, 'end');
    socket.end(lines.slice(500).join('\n'));
    release.resolve();
    assert.deepEqual(await process.ended(), { code: 0, signal: null });
    const arrived = receiver.bodies.flatMap((body) => body.trimEnd().split('\n'));
    assert.equal(arrived.sort().join(), lines.sort().join());
    assert.equal(process.logged({ level: 'ERROR' }).length, 0);
  });
}

/** A process whose sink waits for an answer that never comes. */
async function withDeadSink(uri: string, received: () => Promise<void>, args: string[] = []): Promise<SluiceProcess> {
  const process = sluice({ config: toServer(uri), args });
  const socket = await open(await process.port('in'));
  socket.end('held\n');
  await received();
  return process;
}

test('a second signal ends the process at once, whatever is still to be delivered', async () => {
  await using receiver = await httpReceiver('hang');
  await using process = await withDeadSink(receiver.uri, () => receiver.received(1));
  process.signal('SIGTERM');
  await process.untilLogged({ message: /^Sluice is stopping/ });
  assert.deepEqual(await process.insist('SIGINT'), { code: 0, signal: null });
  assert.equal(process.logged({ message: 'Sluice quits at once.', signal: 'SIGINT' }).length, 1);
});

test('SIGQUIT ends the process at once', async () => {
  await using receiver = await httpReceiver('hang');
  await using process = await withDeadSink(receiver.uri, () => receiver.received(1));
  assert.deepEqual(await process.stop('SIGQUIT'), { code: 0, signal: null });
  assert.equal(process.logged({ message: 'Sluice quits at once.' }).length, 1);
});

test('after the shutdown limit the process names what did not end, and ends', async () => {
  await using receiver = await httpReceiver('hang');
  await using process = await withDeadSink(receiver.uri, () => receiver.received(1), [
    '--graceful-shutdown-limit-secs',
    '1',
  ]);
  assert.deepEqual(await process.stop(), { code: 0, signal: null });
  const [line] = process.logged({ level: 'ERROR', message: /^The time to stop is over/ });
  assert.equal(line?.['remaining_components'], 'out');
});

test('a signal while the process still starts ends it at once', async () => {
  await using receiver = await httpReceiver('hang');
  const { sources, sinks } = toServer(receiver.uri);
  await using process = sluice({
    config: { sources, sinks: { out: { ...sinks.out, healthcheck: { enabled: true, uri: receiver.uri } } } },
    args: ['--require-healthy', 'true'],
  });
  await receiver.received(1);
  process.signal('SIGHUP');
  assert.deepEqual(await process.stop(), { code: 0, signal: null });
});
