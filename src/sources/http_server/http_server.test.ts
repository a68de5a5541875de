import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import zlib from 'node:zlib';
import type { LogEvent } from '../../event/event.ts';
import type { Status } from '../../event/finalizer.ts';
import type { ObjectValue } from '../../event/value.ts';
import { check } from '../../schema/schema.ts';
import { FakeClock } from '../../std/clock.ts';
import { certificates } from '../../testing/certificates.ts';
import {
  parseConfig,
  type RunningSource,
  type SourceOptions,
  startSource,
  testContext,
} from '../../testing/component.ts';
import { source } from './http_server.ts';

interface Running extends RunningSource, AsyncDisposable {
  readonly port: number;
  /** Logs without what every one has. */
  bare(): unknown[];
  post(body: string | Buffer, options?: RequestOptions): Promise<Reply>;
}

interface RequestOptions {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Record<string, string | string[]>;
  readonly agent?: Agent;
}

interface Reply {
  readonly status: number;
  readonly type: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

async function start(config: Record<string, unknown> = {}, options: SourceOptions = {}): Promise<Running> {
  const running = await startSource(source, { address: '127.0.0.1:0', ...config }, options);
  const listening = running.records.find(({ message }) => message.startsWith('Listening'));
  const port = Number(String(listening?.fields['address']).split(':').at(-1));
  let stopped = false;
  return {
    ...running,
    port,
    bare: () =>
      running.values.map((value) => {
        const { timestamp, source_type, ...rest } = value as ObjectValue;
        assert.ok(timestamp);
        assert.equal(source_type, 'http_server');
        return rest;
      }),
    post: (body, request = {}) => send(port, body, request),
    async stop() {
      stopped = true;
      await running.stop();
    },
    async [Symbol.asyncDispose]() {
      if (!stopped) await running.stop();
    },
  };
}

function send(port: number, body: string | Buffer, options: RequestOptions = {}): Promise<Reply> {
  const { path = '/', method = 'POST', headers = {}, agent } = options;
  // Node sends no length with a GET by itself, and writes headers as UTF-8 in front of a body that is a string.
  const bytes = Buffer.from(body);
  const all = { 'content-length': String(bytes.length), ...headers };
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(
      { host: '127.0.0.1', port, path, method, headers: all, ...(agent ? { agent } : {}) },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () =>
          resolve({
            status: answer.statusCode!,
            type: answer.headers['content-type'],
            headers: answer.headers,
            body: Buffer.concat(chunks).toString(),
          }),
        );
      },
    );
    outgoing.on('error', reject);
    outgoing.end(bytes);
  });
}

/** Sends bytes as they are and resolves with all that comes back until the connection is closed. */
function raw(port: number, ...pieces: (string | Buffer)[]): { socket: Socket; answer: Promise<string> } {
  const socket = connect(port, '127.0.0.1');
  const { promise, resolve } = Promise.withResolvers<string>();
  let answer = '';
  socket.on('data', (chunk) => {
    answer += chunk.toString('latin1');
  });
  socket.on('error', () => {});
  socket.on('close', () => resolve(answer));
  for (const piece of pieces) socket.write(piece);
  return { socket, answer: promise };
}

/** Resolves when a request has begun to come in. */
async function begun({ recorder }: Running): Promise<void> {
  while (recorder.read('http_server_requests_received_total') === 0)
    await new Promise((resolve) => setImmediate(resolve));
}

const status = (answer: string): number => Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]);

test('makes an event of each line, with path, time and type', async () => {
  await using server = await start();
  const { status: code, type, body } = await server.post('one\ntwo\n');
  assert.deepEqual([code, type, body], [200, undefined, '']);
  await server.received(2);
  assert.deepEqual(server.bare(), [
    { message: 'one', path: '/' },
    { message: 'two', path: '/' },
  ]);
  assert.equal(server.recorder.read('component_received_events_total'), 2);
  assert.equal(server.recorder.read('component_received_bytes_total', { protocol: 'http', http_path: '/' }), 8);
});

test('a last line needs no newline, empty bodies are no events and empty lines are', async () => {
  await using server = await start();
  await server.post('one\ntwo');
  await server.post('');
  await server.post('\n\n');
  await server.received(4);
  assert.deepEqual(
    server.values.map((value) => (value as ObjectValue)['message']),
    ['one', 'two', '', ''],
  );
  assert.equal(server.recorder.read('component_received_bytes_total'), 9);
});

test('a body may be longer than a slot of the arena, and a line too', async () => {
  await using server = await start();
  const long = 'x'.repeat(700_000);
  await server.post(`${long}\n${'y\n'.repeat(200_000)}${long}`);
  await server.received(200_002);
  const messages = server.values.map((value) => (value as ObjectValue)['message']);
  assert.deepEqual([messages.length, messages[0], messages.at(-1)], [200_002, long, long]);
});

test('JSON comes as objects, lists and lines', async () => {
  await using server = await start({ decoding: { codec: 'json' } });
  await server.post('{"a":1}');
  await server.post('[{"b":1},{"b":2}]');
  await server.post('{"a":1}\n{"c":2}\n');
  await server.received(5);
  assert.deepEqual(
    server.bare().map((log) => ({ ...(log as object), path: undefined })),
    [{ a: 1 }, { b: 1 }, { b: 2 }, { a: 1 }, { c: 2 }].map((log) => ({ ...log, path: undefined })),
  );
});

test('a body of which a part cannot be decoded is refused whole', async () => {
  await using server = await start({ decoding: { codec: 'json' } });
  const reply = await server.post('{"a":1}\n{bad\n');
  assert.deepEqual([reply.status, reply.type], [400, 'application/json']);
  const { code, message } = JSON.parse(reply.body) as { code: number; message: string };
  assert.equal(code, 400);
  assert.match(message, /^Failed decoding body: /);
  assert.equal(server.events.length, 0);
  const labels = { error_type: 'parser_failed', error_code: 'decoder_deserialize', stage: 'processing' };
  assert.equal(server.recorder.read('component_errors_total', labels), 1);
  assert.equal(server.recorder.read('component_errors_total', { error_code: 'http_response_400' }), 1);
});

test('a body of very many events goes on in parts', async () => {
  let largest = 0;
  const onBatch = (batch: { count: number }): undefined => {
    largest = Math.max(largest, batch.count);
    return undefined;
  };
  await using server = await start({ decoding: { codec: 'json' } }, { onBatch });
  await server.post('{}\n'.repeat(150_000));
  await server.received(150_000);
  assert.equal(largest, 1000);
});

test('frames may be cut in other ways than at lines', async () => {
  await using server = await start({ framing: { method: 'bytes' } });
  await server.post('one\ntwo\n');
  await server.received(1);
  assert.deepEqual(server.bare(), [{ message: 'one\ntwo\n', path: '/' }]);
});

test('metrics come as native JSON', async () => {
  await using server = await start({ decoding: { codec: 'native_json' } });
  await server.post('{"metric":{"name":"up","kind":"absolute","gauge":{"value":1.0}}}');
  await server.received(1);
  assert.equal((server.events[0] as unknown as { name: string }).name, 'up');
});

const NOT_ALLOWED = [405, 'text/plain; charset=utf-8', 'HTTP method not allowed'];
const NOT_FOUND = [404, 'application/json', '{"code":404,"message":"Not found"}'];

for (const [config, method, path, expected] of [
  [{ path: '/in' }, 'POST', '/in', [200, undefined, '']],
  [{ path: '/in' }, 'POST', '/in/', [200, undefined, '']],
  [{ path: '/in' }, 'POST', '/in?x=1', [200, undefined, '']],
  [{ path: '/in' }, 'POST', '/other', NOT_ALLOWED],
  [{ path: '/in' }, 'POST', '/inside', NOT_ALLOWED],
  [{ path: '/in' }, 'POST', '/in/deep', NOT_FOUND],
  [{}, 'POST', '/nope', NOT_FOUND],
  [{ path: '/in', strict_path: false }, 'POST', '/in/deep', [200, undefined, '']],
  [{ path: '/in', strict_path: false }, 'POST', '/out', NOT_ALLOWED],
  [{ strict_path: false }, 'POST', '/any/where', [200, undefined, '']],
  [{ method: 'PUT' }, 'POST', '/', NOT_ALLOWED],
  [{ method: 'PUT' }, 'PUT', '/', [200, undefined, '']],
  [{ method: 'GET' }, 'GET', '/', [200, undefined, '']],
  [{ method: 'GET', path: '/in' }, 'GET', '/other', [404, undefined, '']],
  [{}, 'GET', '/', NOT_ALLOWED],
  [{}, 'GET', '/ping', [200, 'text/plain; charset=utf-8', 'pong']],
  [{ response_code: 202 }, 'POST', '/', [202, undefined, '']],
] as const) {
  test(`${method} ${path} with ${JSON.stringify(config)} is answered with ${expected[0]}`, async () => {
    await using server = await start(config);
    const reply = await server.post('x', { method, path });
    assert.deepEqual([reply.status, reply.type, reply.body], [...expected]);
    const taken = expected[0] === 202 || (expected[0] === 200 && expected[1] === undefined);
    assert.equal(server.events.length, taken ? 1 : 0);
  });
}

test('headers are added by name or pattern, missing ones as null', async () => {
  await using server = await start({ headers: ['User-Agent', 'X-Missing', 'x-MANY-*', 'constructor'] });
  const headers = { 'user-agent': 'test', 'X-Many-A': '1', 'x-many-b': '\xc3\xa9', 'x-other': 'no' };
  await server.post('x', { headers });
  await server.received(1);
  assert.deepEqual(server.bare(), [
    {
      message: 'x',
      path: '/',
      'User-Agent': 'test',
      'X-Missing': null,
      'x-many-a': '1',
      'x-many-b': 'é',
      constructor: null,
    },
  ]);
});

test('the first value of a header counts, and a header never replaces a field', async () => {
  await using server = await start({ headers: ['*'], decoding: { codec: 'json' } });
  await server.post('{"x-a":"own"}', { headers: { 'x-a': 'header', 'x-b': ['1', '2'] } });
  await server.received(1);
  const [log] = server.bare() as [ObjectValue];
  assert.deepEqual([log['x-a'], log['x-b']], ['own', '1']);
});

test('parameters of the query are added by name or pattern, the last value counting', async () => {
  await using server = await start({ query_parameters: ['a', 'z', 'p*', '__proto__'] });
  await server.post('x', { path: '/?a=1&b=2' });
  await server.post('x', { path: '/?a=1&a=2&z=%20s+t&p1=%ff&p2&__proto__=evil' });
  await server.received(2);
  const plain = { message: 'x', path: '/' };
  const nothing = Object.defineProperty({}, '__proto__', { value: null, enumerable: true });
  const evil = Object.defineProperty({}, '__proto__', { value: 'evil', enumerable: true });
  const [first, second] = server.values as ObjectValue[];
  assert.deepEqual([Object.hasOwn(first!, '__proto__'), Object.hasOwn(second!, '__proto__')], [true, true]);
  assert.deepEqual(withoutStandard(first!), { ...plain, a: '1', z: null, ...nothing });
  assert.deepEqual(withoutStandard(second!), { ...plain, a: '2', z: ' s t', p1: '�', p2: '', ...evil });
});

function withoutStandard(log: ObjectValue): unknown {
  return Object.fromEntries(Object.entries(log).filter(([key]) => key !== 'timestamp' && key !== 'source_type'));
}

test('path and host stand where they are wanted', async () => {
  await using server = await start({ path: '/in', path_key: 'p', host_key: 'peer' });
  await server.post('x', { path: '/in' });
  await server.received(1);
  assert.deepEqual(server.bare(), [{ message: 'x', p: '/in', peer: '127.0.0.1' }]);
  await using bare = await start({ path_key: '' });
  await bare.post('x');
  await bare.received(1);
  assert.deepEqual(bare.bare(), [{ message: 'x' }]);
});

test('in the vector namespace all of that is metadata', async () => {
  const config = { headers: ['x-a'], query_parameters: ['q'], host_key: 'h' };
  await using server = await start(config, { logNamespace: 'vector' });
  await server.post('text', { path: '/?q=1', headers: { 'x-a': 'b' } });
  await server.received(1);
  const { value, metadata } = server.events[0] as LogEvent;
  assert.equal(value, 'text');
  assert.deepEqual(metadata.value['http_server'], {
    path: '/',
    headers: { 'x-a': 'b' },
    query_parameters: { q: '1' },
    host: '127.0.0.1',
  });
});

test('only those who know the password are heard', async () => {
  await using server = await start({ auth: { strategy: 'basic', username: 'u', password: 'p' } });
  const none = await server.post('no');
  assert.deepEqual([none.status, none.body], [401, '{"code":401,"message":"No authorization header"}']);
  const wrong = await server.post('no', { headers: { authorization: 'Basic dTp4' } });
  assert.deepEqual([wrong.status, wrong.body], [401, '{"code":401,"message":"Invalid username/password"}']);
  assert.equal(wrong.type, 'application/json');
  assert.equal((await server.post('yes', { headers: { authorization: 'Basic dTpw' } })).status, 200);
  await server.received(1);
  assert.deepEqual(server.bare(), [{ message: 'yes', path: '/' }]);
  assert.equal(server.recorder.read('component_errors_total', { error_code: 'http_response_401' }), 2);
});

test('lets a program decide which requests may pass', async () => {
  const source = '.headers."x-key" == "k" && .path == "/" && is_string(.address)';
  await using server = await start({ auth: { strategy: 'custom', source } });
  const refused = await server.post('no', { headers: { 'x-key': 'other' } });
  assert.deepEqual([refused.status, refused.body], [401, '{"code":401,"message":"Auth failed"}']);
  assert.equal((await server.post('yes', { headers: { 'x-key': 'k' } })).status, 200);
});

test('refuses requests on which the program fails', async () => {
  await using server = await start({ auth: { strategy: 'custom', source: 'bool!(.headers.nothing)' } });
  assert.equal((await server.post('no')).status, 401);
});

test('compressed bodies are inflated, stacked ones too', async () => {
  await using server = await start();
  const text = Buffer.from('zipped\n');
  for (const [encoding, body] of [
    ['gzip', zlib.gzipSync(text)],
    ['deflate', zlib.deflateSync(text)],
    ['zstd', zlib.zstdCompressSync(text)],
    ['identity', text],
    ['gzip, deflate', zlib.deflateSync(zlib.gzipSync(text))],
  ] as const) {
    assert.equal((await server.post(body, { headers: { 'content-encoding': encoding } })).status, 200, encoding);
  }
  await server.received(5);
  assert.deepEqual(server.bare(), Array(5).fill({ message: 'zipped', path: '/' }));
});

test('what cannot be inflated is refused', async () => {
  await using server = await start({}, { globals: { maxDecompressedBytes: 1_000_000 } });
  const bomb = zlib.gzipSync(Buffer.alloc(50_000_000));
  const replies = [
    await server.post('x', { headers: { 'content-encoding': 'br' } }),
    await server.post('x', { headers: { 'content-encoding': 'compress, gzip' } }),
    await server.post('not gzip', { headers: { 'content-encoding': 'gzip' } }),
    await server.post(bomb, { headers: { 'content-encoding': 'gzip' } }),
    await server.post(zlib.gzipSync(bomb), { headers: { 'content-encoding': 'gzip, gzip' } }),
    await server.post('x', { headers: { 'content-encoding': Array(20).fill('gzip').join() } }),
  ];
  assert.deepEqual(
    replies.map(({ status, body }) => [status, (JSON.parse(body) as { message: string }).message]),
    [
      [415, 'Unsupported encoding br'],
      [415, 'Unsupported encoding compress'],
      [422, 'Failed decompressing payload with gzip decoder.'],
      [413, 'The request body inflates to more than 1000000 bytes'],
      [413, 'The request body inflates to more than 1000000 bytes'],
      [415, 'more than 4 content encodings are stacked'],
    ],
  );
  assert.equal(server.events.length, 0);
  const labels = { error_type: 'parser_failed', error_code: 'failed_decompressing_payload' };
  assert.equal(server.recorder.read('component_errors_total', labels), 1);
});

for (const [outcome, expected] of [
  ['delivered', [200, '']],
  ['errored', [500, '{"code":500,"message":"Error delivering contents to sink"}']],
  ['rejected', [400, '{"code":400,"message":"Contents failed to deliver to sink"}']],
] as [Status, [number, string]][]) {
  test(`with acknowledgements, ${outcome} is answered with ${expected[0]}`, async () => {
    await using server = await start({}, { acknowledgements: true, status: outcome });
    const reply = await server.post('a\nb\n');
    assert.deepEqual([reply.status, reply.body], expected);
  });
}

test('with acknowledgements, the answer waits for all batches of the request', async () => {
  await using server = await start({}, { acknowledgements: true, hold: true });
  let answered = false;
  const reply = server.post('x\n'.repeat(2500)).then((answer) => {
    answered = true;
    return answer;
  });
  await server.received(2500);
  assert.equal(server.held.length, 3);
  for (const batch of server.held.slice(1)) batch.finalizer.release('delivered');
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(answered, false);
  server.held[0]!.finalizer.release('errored');
  assert.equal((await reply).status, 500);
});

test('without acknowledgements, the answer does not wait for delivery', async () => {
  await using server = await start({}, { hold: true });
  assert.equal((await server.post('x')).status, 200);
  assert.equal(server.held.length, 1);
});

for (const acknowledgements of [false, true])
  test(`bodies that wait for a slow output all arrive once, in whole, ${acknowledgements ? 'each' : 'many'} in a batch`, async () => {
    const waiting: (() => void)[] = [];
    let batches = 0;
    let isSlow = true;
    const onBatch = (): Promise<void> | undefined => {
      batches += 1;
      return isSlow ? new Promise((resolve) => waiting.push(resolve)) : undefined;
    };
    await using server = await start({}, { onBatch, acknowledgements });
    const agent = new Agent({ keepAlive: true, maxSockets: 50 });
    const body = (i: number): string => `${i} begins\n${i % 7 === 0 ? 'x'.repeat(90_000) : ''}${i} ends`;
    let answered = 0;
    const replies = Array.from({ length: 50 }, async (_, i) => {
      const { status: code } = await server.post(body(i), { agent });
      answered += 1;
      return code;
    });
    const received = () => server.recorder.read('http_server_requests_received_total');
    while (received() < 50 || waiting.length === 0) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(answered, 0);
    isSlow = false;
    waiting[0]!();
    assert.deepEqual(await Promise.all(replies), Array(50).fill(200));
    agent.destroy();
    const lines = server.values.map((value) => (value as ObjectValue)['message'] as string);
    assert.deepEqual(
      lines.toSorted(),
      Array.from({ length: 50 }, (_, i) => body(i).split('\n'))
        .flat()
        .toSorted(),
    );
    // The lines of a body lie together.
    for (let i = 0; i < lines.length; i += 2)
      assert.equal(Number.parseInt(lines[i]!, 10), Number.parseInt(lines[i + 1]!.replace(/^x+/, ''), 10));
    assert.equal(batches < 25, !acknowledgements, `${batches} batches`);
  });

test('speaks TLS', async () => {
  const tls = { enabled: true, crt_file: certificates.server.cert, key_file: certificates.server.key };
  await using server = await start({ tls });
  const ca = readFileSync(certificates.authority);
  const code = await new Promise((resolve, reject) => {
    const outgoing = httpsRequest({ host: '127.0.0.1', port: server.port, method: 'POST', ca }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    outgoing.on('error', reject);
    outgoing.end('secret');
  });
  assert.equal(code, 200);
  const { answer, socket } = raw(server.port, 'POST / HTTP/1.1\r\nhost: x\r\n\r\n');
  socket.end();
  await answer;
  await server.received(1);
  assert.deepEqual(server.bare(), [{ message: 'secret', path: '/' }]);
});

test('paths that peers make up have a name in metrics only as long as they are few', async () => {
  await using server = await start();
  for (let i = 0; i < 50; i++) await server.post('x', { path: `/made/up/${i}`, method: i % 2 ? 'POST' : 'PURGE' });
  await server.post('x');
  const series = server.recorder.all().filter(({ name }) => name.startsWith('http_server_'));
  const paths = new Set(series.map(({ labels }) => labels['path']));
  assert.ok(paths.has('/') && paths.has('other') && paths.has('/made/up/0'));
  assert.ok(paths.size <= 10 && series.length <= 60, `${paths.size} paths, ${series.length} series`);
  assert.equal(server.recorder.read('http_server_requests_received_total'), 51);
  assert.equal(server.recorder.read('http_server_responses_sent_total'), 51);
  const ok = { method: 'POST', path: '/', status: '200' };
  assert.equal(server.recorder.read('http_server_responses_sent_total', ok), 1);
  assert.equal(server.recorder.read('http_server_handler_duration_seconds', ok), 1);
  assert.equal(server.recorder.read('http_server_requests_received_total'), 51);
});

test('a body longer than allowed is refused, announced or not', async () => {
  await using server = await start({}, { globals: { maxDecompressedBytes: 10_000 } });
  const announced = await server.post('x'.repeat(20_000));
  assert.deepEqual([announced.status, announced.headers.connection], [413, 'close']);
  const chunk = `1000\r\n${'x'.repeat(4096)}\r\n`;
  const { answer } = raw(
    server.port,
    `POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n${chunk.repeat(5)}0\r\n\r\n`,
  );
  assert.equal(status(await answer), 413);
  assert.equal(server.events.length, 0);
  assert.equal((await server.post('x'.repeat(9_000))).status, 200);
});

test('bodies together take no more memory than allowed: who comes on top is told to come later', async () => {
  await using server = await start({}, { globals: { maxDecompressedBytes: 10_000 } });
  const head = 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 9000\r\n\r\n';
  const first = raw(server.port, head, 'x'.repeat(8000));
  let reply = await server.post('y'.repeat(5000));
  // The first body may need a moment to arrive.
  for (let i = 0; reply.status === 200 && i < 100; i++) reply = await server.post('y'.repeat(5000));
  assert.deepEqual([reply.status, reply.headers['retry-after']], [503, '1']);
  first.socket.end('x'.repeat(1000));
  assert.equal(status(await first.answer), 200);
  assert.equal((await server.post('z'.repeat(5000))).status, 200);
});

test('a body shorter than announced is no event', async () => {
  await using server = await start();
  const { socket, answer } = raw(server.port, 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nshort');
  socket.end();
  await answer;
  while (server.recorder.read('component_errors_total', { error_type: 'connection_failed' }) === 0)
    await new Promise((resolve) => setImmediate(resolve));
  assert.equal(server.events.length, 0);
});

test('a body longer than announced is cut there, and what follows is no request', async () => {
  await using server = await start();
  const { answer } = raw(server.port, 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\n\r\nabcJUNK JUNK\r\n\r\n');
  assert.equal(status(await answer), 200);
  assert.deepEqual(server.bare(), [{ message: 'abc', path: '/' }]);
  assert.equal(server.recorder.read('component_errors_total', { error_code: 'http_malformed' }), 1);
});

test('whoever waits for delivery gets that answer, and no other for what was sent after', async () => {
  await using server = await start({}, { acknowledgements: true, hold: true });
  const { answer } = raw(server.port, 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\n\r\nabcJUNK JUNK\r\n\r\n');
  await server.received(1);
  while (server.recorder.read('component_errors_total', { error_code: 'http_malformed' }) === 0)
    await new Promise((resolve) => setImmediate(resolve));
  server.held[0]!.finalizer.release('delivered');
  assert.equal(status(await answer), 200);
});

for (const [name, bytes, expected] of [
  ['no HTTP at all', '\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03', 400],
  ['a chunk size that is none', 'POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n', 400],
  ['a chunk without its end', 'POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabcde', 400],
  [
    'both lengths at once',
    'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n',
    400,
  ],
  ['two different lengths', 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabc', 400],
  ['a length below zero', 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: -3\r\n\r\nabc', 400],
  ['no host', 'POST / HTTP/1.1\r\ncontent-length: 0\r\n\r\n', 400],
  ['a header that is far too long', `POST / HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(200_000)}\r\n\r\n`, 431],
  ['far too many headers', `POST / HTTP/1.1\r\nhost: x\r\n${'x: y\r\n'.repeat(60_000)}\r\n`, 431],
] as const) {
  test(`${name} is answered with ${expected} and is no event`, async () => {
    await using server = await start();
    assert.equal(status(await raw(server.port, Buffer.from(bytes, 'latin1')).answer), expected);
    assert.equal(server.events.length, 0);
    assert.equal((await server.post('still here')).status, 200);
  });
}

test('a body that stops coming is given up', async () => {
  const clock = new FakeClock();
  await using server = await start({}, { clock });
  const { socket, answer } = raw(server.port, 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nab');
  await begun(server);
  await clock.advance(29_000);
  socket.write('c');
  // A request of another connection comes behind the byte above, which then was read.
  for (let i = 0; i < 20; i++) await server.post('x');
  await clock.advance(29_000);
  const waiting = await Promise.race([answer, Promise.resolve('waiting')]);
  assert.equal(waiting, 'waiting');
  await clock.advance(31_000);
  // The answer is there; the rest of the body is waited for a little longer.
  await clock.advance(3_000);
  assert.equal(status(await answer), 408);
});

test('a connection that sends requests without waiting for answers is cut off', async () => {
  await using server = await start({}, { acknowledgements: true, hold: true });
  const one = 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\n\r\na';
  const { answer } = raw(server.port, one.repeat(500));
  await answer;
  assert.ok(server.held.length <= 128, `${server.held.length} requests were taken`);
  assert.equal(server.recorder.read('component_errors_total', { error_code: 'http_limit' }) >= 1, true);
  for (const batch of server.held) batch.finalizer.release();
  await server.stop();
});

test('many connections at once are all served', async () => {
  await using server = await start();
  const agent = new Agent({ keepAlive: true, maxSockets: 200 });
  const replies = await Promise.all(Array.from({ length: 400 }, (_, i) => server.post(`n${i}`, { agent })));
  agent.destroy();
  assert.ok(replies.every(({ status }) => status === 200));
  assert.equal(new Set(server.values.map((value) => (value as ObjectValue)['message'])).size, 400);
});

test('an old connection is closed with its next answer', async () => {
  const clock = new FakeClock();
  const config = { keepalive: { max_connection_age_secs: 100, max_connection_age_jitter_factor: 0 } };
  await using server = await start(config, { clock });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  assert.equal((await server.post('a', { agent })).headers.connection, 'keep-alive');
  for (const ms of [50_000, 49_000]) {
    await clock.advance(ms);
    assert.equal((await server.post('b', { agent })).headers.connection, 'keep-alive');
  }
  await clock.advance(2_000);
  assert.equal((await server.post('c', { agent })).headers.connection, 'close');
  agent.destroy();
});

test('when it stops, requests under way are finished and new ones are not accepted', async () => {
  const server = await start({}, { acknowledgements: true, hold: true });
  const slow = raw(server.port, 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 6\r\n\r\nabc');
  const waiting = server.post('waiting');
  await server.received(1);
  const stopped = server.stop();
  slow.socket.write('def');
  await server.received(2);
  await assert.rejects(server.post('late'), /ECONNREFUSED|ECONNRESET|socket hang up/);
  for (const batch of server.held) batch.finalizer.release();
  await stopped;
  assert.equal((await waiting).status, 200);
  assert.match(await slow.answer, /^HTTP\/1\.1 200 OK\r\n(?:.*\r\n)*connection: close/i);
});

test('a request that is still coming in when the time to stop is over is told to come again', async () => {
  const clock = new FakeClock();
  const server = await start({}, { clock });
  const { answer } = raw(server.port, 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 6\r\n\r\nabc');
  await begun(server);
  let stopped = false;
  const stopping = server.stop().then(() => {
    stopped = true;
  });
  while (!stopped) await clock.advance(1000);
  await stopping;
  assert.equal(status(await answer), 503);
  assert.equal(server.events.length, 0);
});

test('an address that is taken is an error when the source is built', async () => {
  await using server = await start();
  const { context } = testContext('source', 'http_server');
  const config = parseConfig(source, { address: `127.0.0.1:${server.port}` });
  await assert.rejects(Promise.resolve(source.build(config, context)), /EADDRINUSE/);
});

test('claims its address, and refuses what cannot work', () => {
  const config = parseConfig(source, { address: '127.0.0.1:8080' });
  assert.deepEqual(source.resources!(config), ['tcp:127.0.0.1:8080']);
  const problems = (raw: Record<string, unknown>) =>
    check(source.options, { address: '127.0.0.1:1', ...raw }).problems.map(({ message }) => message);
  assert.match(problems({ response_code: 100 })[0]!, /from 200 to 999/);
  assert.match(problems({ method: 'post' })[0]!, /unknown value/);
  assert.match(problems({ auth: { strategy: 'custom' } })[0]!, /`source` is required/);
  assert.match(problems({ keepalive: { max_connection_age_jitter_factor: 2 } })[0]!, /from 0 to 1/);
});
