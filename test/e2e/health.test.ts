// The health endpoint of the real process: while it starts, runs and stops.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { httpReceiver } from '../../src/testing/http_receiver.ts';
import { open } from './hostile.ts';
import { type SluiceProcess, sluice } from './process.ts';

const configuration = (uri: string, api: object = { enabled: true, address: '127.0.0.1:0' }) => ({
  api,
  sources: { in: { type: 'socket', mode: 'tcp', address: '127.0.0.1:0' } },
  sinks: {
    out: {
      type: 'http',
      inputs: ['in'],
      uri,
      batch: { timeout_secs: 0.05 },
      healthcheck: { uri },
      encoding: { codec: 'text' },
    },
  },
});

async function health(process: SluiceProcess): Promise<string> {
  const { address } = await process.untilLogged({ message: 'The API answers.' });
  return `http://${address}/health`;
}

async function ask(uri: string, method = 'GET'): Promise<[status: number, type: string | null, body: string]> {
  const response = await fetch(uri, { method });
  return [response.status, response.headers.get('content-type'), await response.text()];
}

test('answers 200 while the process runs and 503 while it stops', async () => {
  await using receiver = await httpReceiver(({ method }) => (method === 'HEAD' || method === 'GET' ? 200 : 'hang'));
  await using process = sluice({ config: configuration(receiver.uri) });
  const uri = await health(process);
  await process.started();
  assert.deepEqual(await ask(uri), [200, 'application/json', '{"ok":true}']);
  assert.deepEqual(await ask(uri, 'HEAD'), [200, 'application/json', '']);
  assert.deepEqual(await ask(`${uri}?verbose`), [200, 'application/json', '{"ok":true}']);
  for (const [path, method] of [
    ['/health', 'POST'],
    ['/health/', 'GET'],
    ['/', 'GET'],
    ['/graphql', 'GET'],
  ])
    assert.equal((await ask(new URL(path, uri).href, method))[0], 404, `${method} ${path}`);

  (await open(await process.port('in'))).end('held\n');
  await process.until('the request that is never answered', () =>
    receiver.bodies.some((body) => body.includes('held')),
  );
  process.signal('SIGTERM');
  await process.untilLogged({ message: /^Sluice is stopping/ });
  assert.deepEqual(await ask(uri), [503, 'application/json', '{"ok":false}']);
  assert.deepEqual(await ask(uri, 'HEAD'), [503, 'application/json', '']);
  assert.deepEqual(await process.insist('SIGTERM'), { code: 0, signal: null });
  await assert.rejects(ask(uri));
});

test('answers 503 while the process starts', async () => {
  const release = Promise.withResolvers<void>();
  await using receiver = await httpReceiver(() => ({ after: release.promise }));
  await using process = sluice({ config: configuration(receiver.uri), args: ['--require-healthy', 'true'] });
  const uri = await health(process);
  await receiver.received(1);
  assert.deepEqual(await ask(uri), [503, 'application/json', '{"ok":false}']);
  release.resolve();
  await process.started();
  assert.deepEqual(await ask(uri), [200, 'application/json', '{"ok":true}']);
});

test('an address that the API cannot have ends the process with 78', async () => {
  await using other = await httpReceiver();
  await using process = sluice({
    config: configuration('http://127.0.0.1:1/', { enabled: true, address: `127.0.0.1:${other.port}` }),
  });
  assert.deepEqual(await process.ended(), { code: 78, signal: null });
  assert.match(process.stderr, /another program uses it/);
});

test('nothing listens unless it is switched on', async () => {
  await using process = sluice({ config: configuration('http://127.0.0.1:1/', { address: '127.0.0.1:0' }) });
  await process.started();
  assert.equal(process.logged({ message: 'The API answers.' }).length, 0);
});
