import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { systemClock } from '../std/clock.ts';
import { memoryLogger } from '../telemetry/log.ts';
import { type Api, startApi } from './api.ts';

const { logger: log } = memoryLogger(systemClock);
const start = (address: string, isHealthy = () => true): Promise<Api> => startApi({ address, isHealthy, log });

async function withApi(use: (api: Api) => Promise<void>, isHealthy = () => true): Promise<void> {
  const api = await start('127.0.0.1:0', isHealthy);
  try {
    await use(api);
  } finally {
    await api.close();
  }
}

test('answers health for GET and HEAD by the state of the topology', async () => {
  let healthy = false;
  await withApi(
    async (api) => {
      const url = `http://${api.address}/health`;
      const starting = await fetch(url);
      assert.equal(starting.status, 503);
      assert.equal(await starting.text(), '{"ok":false}');
      healthy = true;
      const running = await fetch(`${url}?verbose`);
      assert.equal(running.status, 200);
      assert.equal(running.headers.get('content-type'), 'application/json');
      assert.equal(await running.text(), '{"ok":true}');
      const head = await fetch(url, { method: 'HEAD' });
      assert.equal(head.status, 200);
      assert.equal(head.headers.get('content-length'), '11');
      assert.equal(await head.text(), '');
      healthy = false;
      assert.equal((await fetch(url, { method: 'HEAD' })).status, 503);
    },
    () => healthy,
  );
});

test('knows no other path and no other method', async () => {
  await withApi(async ({ address }) => {
    for (const [path, method] of [
      ['/', 'GET'],
      ['/health/', 'GET'],
      ['/healthy', 'HEAD'],
      ['/health', 'POST'],
      ['/health', 'DELETE'],
    ]) {
      const reply = await fetch(`http://${address}${path}`, { method, ...(method === 'POST' ? { body: 'x' } : {}) });
      assert.equal(reply.status, 404, `${method} ${path}`);
      await reply.arrayBuffer();
    }
  });
});

test('survives requests that are no HTTP and headers without end', async () => {
  await withApi(async ({ address }) => {
    const port = Number(address.split(':')[1]);
    for (const bytes of ['\0\x16\x03\x01nonsense\r\n\r\n', `GET /health HTTP/1.1\r\nx: ${'y'.repeat(20_000)}\r\n`]) {
      const reply = await new Promise<string>((resolve) => {
        let text = '';
        const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
        socket.on('data', (chunk) => (text += chunk.toString('latin1')));
        socket.on('error', () => {});
        socket.on('close', () => resolve(text));
      });
      assert.match(reply, /^HTTP\/1\.1 4(00|31) /);
    }
    assert.equal((await fetch(`http://${address}/health`)).status, 200);
  });
});

test('says which address is taken, and which is none', async () => {
  await withApi(async ({ address }) => {
    await assert.rejects(start(address), {
      message: `the API cannot listen on ${address}: another program uses it`,
    });
  });
  for (const address of ['127.0.0.1', '127.0.0.1:99999', ':80', '::1:80'])
    await assert.rejects(start(address), /is not `host:port`/);
});

test('listens on an IPv6 address in brackets', async (t) => {
  const api = await start('[::1]:0').catch((error: Error) => error);
  if (api instanceof Error) return t.skip(`no IPv6 here: ${api.message}`);
  assert.equal((await fetch(`http://${api.address}/health`)).status, 200);
  await api.close();
});
