import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, request as httpRequest, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { check } from '../../schema/schema.ts';
import { systemClock } from '../../std/clock.ts';
import { Ledger } from '../../telemetry/ledger.ts';
import { Registry } from '../../telemetry/registry.ts';
import { certificates } from '../../testing/certificates.ts';
import { httpReceiver } from '../../testing/http_receiver.ts';
import { tls } from '../tls/options.ts';
import { clientTls } from '../tls/tls.ts';
import { HttpClient, type HttpClientOptions, HttpError } from './client.ts';

interface Open extends AsyncDisposable {
  readonly client: HttpClient;
  readonly recorder: Registry;
}

function open(options: Partial<HttpClientOptions> = {}, tlsConfig: Record<string, unknown> = {}): Open {
  const recorder = new Registry();
  const client = new HttpClient({
    recorder,
    clock: systemClock,
    userAgent: 'Sluice/test',
    connectionsMax: 4,
    timeoutMs: 5000,
    proxies: { enabled: true, noProxy: [] },
    tls: clientTls(check(tls(), { ca_file: certificates.authority, ...tlsConfig }).value!),
    ...options,
  });
  return { client, recorder, [Symbol.asyncDispose]: () => client.close() };
}

const get = (uri: string) => ({ method: 'GET', url: new URL(uri), headers: {} });

async function failure(promise: Promise<unknown>): Promise<HttpError> {
  try {
    await promise;
  } catch (error) {
    assert.ok(error instanceof HttpError, String(error));
    return error;
  }
  throw new Error('there was an answer');
}

/** A TCP server that does one thing to each connection. */
async function rawServer(handle: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
    handle(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    uri: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** A proxy that forwards plain requests and tunnels the rest, and tells what it was asked for. */
async function proxyServer() {
  const asked: string[] = [];
  const credentials: (string | undefined)[] = [];
  const sockets = new Set<Socket>();
  const note = (incoming: IncomingMessage): void => {
    asked.push(`${incoming.method} ${incoming.url}`);
    credentials.push(incoming.headers['proxy-authorization']);
  };
  const server = createHttpServer((incoming, response) => {
    note(incoming);
    const url = new URL(incoming.url!);
    const forwarded = httpRequest(url, { method: incoming.method, headers: incoming.headers }, (answer) => {
      response.writeHead(answer.statusCode!);
      answer.pipe(response);
    });
    incoming.pipe(forwarded);
  });
  server.on('connect', (incoming, socket: Socket) => {
    note(incoming);
    const [host, port] = incoming.url!.split(':');
    const peer = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      peer.pipe(socket);
      socket.pipe(peer);
    });
    sockets.add(peer);
    peer.on('error', () => socket.destroy());
    socket.on('error', () => peer.destroy());
  });
  server.on('connection', (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    credentials,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

const serverTls = {
  cert: readFileSync(certificates.server.cert),
  key: readFileSync(certificates.server.key),
};

test('sends method, path, headers and body, and gives back the answer', async () => {
  await using server = await httpReceiver({ status: 418, headers: { 'x-a': '1' }, body: 'teapot' });
  await using opened = open();
  const response = await opened.client.request({
    method: 'PATCH',
    url: new URL(`${server.uri}/a/b?c=d%20e`),
    headers: { 'x-b': '2' },
    body: Buffer.from('hello'),
  });
  assert.deepEqual(
    [response.status, response.headers['x-a'], response.body.toString(), response.truncated],
    [418, '1', 'teapot', false],
  );
  const [request] = server.requests;
  assert.deepEqual(
    [request!.method, request!.path, request!.body, request!.headers['x-b'], request!.headers['user-agent']],
    ['PATCH', '/a/b?c=d%20e', 'hello', '2', 'Sluice/test'],
  );
  assert.equal(opened.recorder.read('http_client_requests_sent_total', { method: 'PATCH' }), 1);
  assert.equal(opened.recorder.read('http_client_responses_total', { status: '418' }), 1);
  assert.equal(opened.recorder.read('http_client_rtt_seconds'), 1);
});

test('keeps connections and never opens more than it may', async () => {
  await using server = await httpReceiver();
  await using opened = open({ connectionsMax: 3 });
  for (let round = 0; round < 4; round++)
    await Promise.all(Array.from({ length: 10 }, () => opened.client.request(get(server.uri))));
  assert.equal(server.requests.length, 40);
  assert.ok(server.connections <= 3, `${server.connections} connections`);
});

test('a redirect is an answer and is not followed', async () => {
  await using server = await httpReceiver({ status: 302, headers: { location: 'http://127.0.0.1:1/' } });
  await using opened = open();
  assert.equal((await opened.client.request(get(server.uri))).status, 302);
});

test('an endless answer is cut off after what is kept of it', async () => {
  await using server = await httpReceiver('endless');
  await using opened = open();
  const response = await opened.client.request(get(server.uri));
  assert.deepEqual([response.status, response.body.length, response.truncated], [200, 1_048_576, true]);
});

test('whatever goes wrong on the way is an error of a kind', async () => {
  await using opened = open();
  const kinds: [string, (socket: Socket) => void][] = [
    ['connection', (socket) => socket.once('data', () => socket.resetAndDestroy())],
    ['protocol', (socket) => socket.once('data', () => socket.end('NONSENSE\r\n\r\n'))],
    ['protocol', (socket) => socket.once('data', () => socket.write(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}`))],
    ['protocol', (socket) => socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc'))],
    [
      'protocol',
      (socket) =>
        socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n')),
    ],
  ];
  for (const [kind, handle] of kinds) {
    await using server = await rawServer(handle);
    const error = await failure(opened.client.request(get(server.uri)));
    assert.ok(error.kind === kind || error.kind === 'connection', `${error.kind}: ${error.message}`);
    assert.equal(error.mayPass, true);
  }
  const closed = await failure(opened.client.request(get('http://127.0.0.1:1/')));
  assert.equal(closed.kind, 'connection');
  assert.match(closed.message, /ECONNREFUSED/);
  assert.ok(opened.recorder.read('http_client_errors_total') >= 6);
});

test('a header that would break the request is refused before anything is sent', async () => {
  await using server = await httpReceiver();
  await using opened = open();
  const request = { ...get(server.uri), headers: { 'x-a': 'b\r\nx-injected: yes' } };
  const error = await failure(opened.client.request(request));
  assert.deepEqual([error.kind, error.mayPass, server.requests.length], ['invalid_request', false, 0]);
});

test('a request is given up when it is told to stop, and the connection with it', async () => {
  const closed = Promise.withResolvers<void>();
  await using server = await rawServer((socket) => socket.resume().once('close', () => closed.resolve()));
  await using opened = open();
  const stop = new AbortController();
  const request = failure(opened.client.request(get(server.uri), stop.signal));
  setImmediate(() => setImmediate(() => stop.abort()));
  assert.equal((await request).kind, 'aborted');
  const already = new AbortController();
  already.abort();
  assert.equal((await failure(opened.client.request(get(server.uri), already.signal))).kind, 'aborted');
  await opened.client.close();
  await closed.promise;
});

test('trusts the authority it is given, and checks the name of the host', async () => {
  await using server = await httpReceiver(200, serverTls);
  await using trusting = open();
  assert.equal((await trusting.client.request(get(server.uri))).status, 200);
  const other = {
    cert: readFileSync(certificates.elsewhere.cert),
    key: readFileSync(certificates.elsewhere.key),
  };
  await using elsewhere = await httpReceiver(200, other);
  assert.equal((await failure(trusting.client.request(get(elsewhere.uri)))).kind, 'tls');
  await using lenient = open({}, { verify_hostname: false });
  assert.equal((await lenient.client.request(get(elsewhere.uri))).status, 200);
  await using strict = open({}, { ca_file: certificates.elsewhere.cert });
  assert.equal((await failure(strict.client.request(get(server.uri)))).kind, 'tls');
});

test('plain requests go through the proxy as they are, with its credentials', async () => {
  await using server = await httpReceiver({ body: 'through' });
  await using proxy = await proxyServer();
  await using opened = open({ proxies: { enabled: true, http: `http://me:se%20cret@${proxy.host}`, noProxy: [] } });
  const response = await opened.client.request(get(`${server.uri}/x`));
  assert.equal(response.body.toString(), 'through');
  assert.deepEqual(proxy.asked, [`GET ${server.uri}/x`]);
  assert.deepEqual(proxy.credentials, [`Basic ${Buffer.from('me:se cret').toString('base64')}`]);
});

test('encrypted requests go through a tunnel, and the certificate is that of the host behind it', async () => {
  await using server = await httpReceiver({ body: 'secret' }, serverTls);
  await using proxy = await proxyServer();
  await using opened = open({ proxies: { enabled: true, https: `http://${proxy.host}`, noProxy: [] } });
  const response = await opened.client.request(get(server.uri));
  assert.equal(response.body.toString(), 'secret');
  assert.deepEqual(proxy.asked, [`CONNECT 127.0.0.1:${server.port}`]);
});

test('hosts that need no proxy are reached directly, and no host uses one that is switched off', async () => {
  await using server = await httpReceiver();
  await using proxy = await proxyServer();
  const uri = `http://${proxy.host}`;
  await using bypassing = open({ proxies: { enabled: true, http: uri, noProxy: ['127.0.0.0/8'] } });
  await using off = open({ proxies: { enabled: false, http: uri, noProxy: [] } });
  await bypassing.client.request(get(server.uri));
  await off.client.request(get(server.uri));
  assert.deepEqual([proxy.asked, server.requests.length], [[], 2]);
});

test('a proxy that refuses or is not there is an error that may pass', async () => {
  await using refusing = await rawServer((socket) =>
    socket.once('data', () => socket.end('HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n')),
  );
  for (const scheme of ['http', 'https']) {
    for (const proxy of [refusing.uri, 'http://127.0.0.1:1']) {
      await using opened = open({ proxies: { enabled: true, http: proxy, https: proxy, noProxy: [] } });
      const error = await failure(opened.client.request(get(`${scheme}://sluice.invalid/`)));
      assert.equal(error.mayPass, true, `${scheme} ${proxy}: ${error.kind} ${error.message}`);
    }
  }
});

for (const [scheme, options, leastBytes] of [
  ['http', undefined, 15_000],
  ['https', serverTls, 60_000],
] as const)
  test(`the ledger knows of connections that are open, with ${scheme}`, async () => {
    await using server = await httpReceiver(200, options);
    const ledger = new Ledger();
    const it = open({ memory: ledger.scope({ component_id: 'out' }), connectionsMax: 3 });
    const alone = ledger.bytesOf('connections');
    await Promise.all([1, 2, 3].map(() => it.client.request(get(server.uri))));
    const each = (ledger.bytesOf('connections') - alone) / 3;
    assert.ok(alone > 5_000 && each > leastBytes && each < leastBytes + 10_000, `${alone} ${each}`);
    await it.client.close();
    assert.equal(ledger.bytesOf('connections'), 0);
  });
