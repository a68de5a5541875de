import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { type Clock, FakeClock, systemClock } from '../../std/clock.ts';
import { testContext } from '../../testing/component.ts';
import type { Exchange } from './exchange.ts';
import type { HttpReply } from './rejection.ts';
import { HttpServer, type RequestHandler } from './server.ts';

interface Setup {
  readonly clock?: Clock;
  readonly begin?: (exchange: Exchange) => HttpReply | undefined;
  /** What a request is answered with; by default its method, target and body. */
  readonly body?: (exchange: Exchange, text: string) => void;
}

async function setUp({ clock = systemClock, begin = () => undefined, body = echo }: Setup = {}) {
  const { context, recorder, ledger } = testContext('source', 'http', { clock });
  const errors: string[] = [];
  const bodies: string[] = [];
  const handler: RequestHandler = {
    begin,
    body(exchange, received) {
      const text = Buffer.concat(received.pieces).toString('latin1');
      bodies.push(text);
      received.release();
      body(exchange, text);
    },
    gone() {},
  };
  const server = new HttpServer({
    address: { kind: 'ip', host: '127.0.0.1', port: 0 },
    keepalive: { max_connection_age_secs: 300, max_connection_age_jitter_factor: 0 },
    bodyBytesMax: 1_000_000,
    clock,
    random: () => 0.5,
    recorder: context,
    memory: context,
    ownPath: () => undefined,
    handler,
    onError: (kind, error) => errors.push(`${kind}: ${error.message}`),
  });
  const { port } = await server.listen();
  return {
    server,
    recorder,
    ledger,
    errors,
    bodies,
    client: () => client(port),
    async [Symbol.asyncDispose]() {
      server.close();
    },
  };
}

function echo(exchange: Exchange, text: string): void {
  exchange.reply({ status: 200, body: `${exchange.method} ${exchange.path} ${text}` });
}

function client(port: number) {
  const socket: Socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
  let answer = '';
  let ended = false;
  const changed: (() => void)[] = [];
  const tell = (): void => {
    for (const resolve of changed.splice(0)) resolve();
  };
  socket.on('data', (chunk) => {
    answer += chunk.toString('latin1');
    tell();
  });
  socket.on('error', () => {});
  for (const event of ['end', 'close'])
    socket.on(event, () => {
      ended = true;
      tell();
    });
  return {
    socket,
    send: (text: string) => socket.write(text, 'latin1'),
    get answer() {
      return answer;
    },
    get isOver() {
      return ended;
    },
    /** Resolves with all that came once it matches. */
    async until(pattern: RegExp): Promise<string> {
      while (!pattern.test(answer)) {
        assert.ok(!ended, `the connection ended after ${JSON.stringify(answer)}`);
        await new Promise<void>((resolve) => changed.push(resolve));
      }
      return answer;
    },
    async over(): Promise<string> {
      while (!ended) await new Promise<void>((resolve) => changed.push(resolve));
      return answer;
    },
  };
}

/** Lets everything that is on its way arrive. */
async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
}

const post = (body: string, ...headers: string[]): string =>
  ['POST /a HTTP/1.1', 'host: x', ...headers, `content-length: ${body.length}`, '', body].join('\r\n');

test('answers go out in the order of the requests, whenever they are known', async () => {
  const waiting: Exchange[] = [];
  await using it = await setUp({ body: (exchange) => waiting.push(exchange) });
  const peer = it.client();
  peer.send(post('1') + post('2') + post('3', 'connection: close') + post('never read'));
  while (waiting.length < 3) await settle();
  waiting[2]!.reply({ status: 200, body: 'three' });
  waiting[1]!.reply({ status: 200, body: 'two' });
  await settle();
  assert.equal(peer.answer, '');
  waiting[0]!.reply({ status: 200, body: 'one' });
  const answer = await peer.over();
  assert.match(answer, /keep-alive\r\n\r\noneHTTP(?:.+\r\n)+\r\ntwoHTTP(?:.+\r\n)+\r\nthree$/);
  assert.deepEqual(it.bodies, ['1', '2', '3']);
});

test('an answer has its date and length', async () => {
  await using it = await setUp({ clock: new FakeClock(), body: (exchange) => exchange.reply({ status: 202 }) });
  const peer = it.client();
  peer.send(post(''));
  assert.equal(
    await peer.until(/\r\n\r\n/),
    'HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\ndate: Tue, 14 Nov 2023 22:13:20 GMT\r\nconnection: keep-alive\r\n\r\n',
  );
});

test('HEAD is answered without the body, and 204 without a length', async () => {
  const body = (exchange: Exchange): void =>
    exchange.reply(exchange.method === 'HEAD' ? { status: 200, body: 'hello' } : { status: 204 });
  await using it = await setUp({ body });
  const peer = it.client();
  peer.send('HEAD / HTTP/1.1\r\nhost: x\r\n\r\nPUT / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
  const answer = await peer.over();
  assert.match(answer, /^HTTP\/1\.1 200 OK\r\ncontent-length: 5\r\n(?:.+\r\n)+\r\nHTTP\/1\.1 204 No Content\r\ndate: /);
});

test('HTTP/1.0 keeps a connection only when asked to', async () => {
  await using it = await setUp();
  const short = it.client();
  short.send('POST /old HTTP/1.0\r\ncontent-length: 1\r\n\r\nx');
  assert.match(await short.over(), /connection: close\r\n\r\nPOST \/old x$/);
  const long = it.client();
  const kept = 'POST /old HTTP/1.0\r\nConnection: Keep-Alive\r\ncontent-length: 1\r\n\r\n';
  long.send(`${kept}x`);
  await long.until(/old x$/);
  long.send(`${kept}y`);
  assert.match(await long.until(/old y$/), /connection: keep-alive\r\n\r\nPOST \/old y$/);
});

test('a body is asked for when the peer waits to be asked', async () => {
  const begin = ({ path }: Exchange): HttpReply | undefined => (path === '/no' ? { status: 403 } : undefined);
  await using it = await setUp({ begin });
  const head = (path: string): string =>
    `POST ${path} HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 3\r\n\r\n`;
  const peer = it.client();
  peer.send(head('/yes'));
  await peer.until(/^HTTP\/1\.1 100 Continue\r\n\r\n$/);
  peer.send('abc');
  await peer.until(/POST \/yes abc$/);
  const refused = it.client();
  refused.send(head('/no'));
  await refused.until(/^HTTP\/1\.1 403 Forbidden\r\n/);
  assert.match(refused.answer, /connection: close/);
  const other = it.client();
  other.send('POST / HTTP/1.1\r\nhost: x\r\nexpect: miracles\r\n\r\n');
  assert.match(await other.over(), /^HTTP\/1\.1 417 /);
});

test('a peer that ended its side gets its answer', async () => {
  const waiting: Exchange[] = [];
  await using it = await setUp({ body: (exchange) => waiting.push(exchange) });
  const peer = it.client();
  peer.socket.end(post('x'));
  while (waiting.length === 0) await settle();
  await settle();
  waiting[0]!.reply({ status: 200, body: 'here' });
  assert.match(await peer.over(), /connection: close\r\n\r\nhere$/);
  assert.deepEqual(it.errors, []);
});

test('a request may come byte by byte, and a large one in many reads', async () => {
  await using it = await setUp();
  const peer = it.client();
  for (const byte of `\r\n${post('abc')}`) {
    peer.send(byte);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await peer.until(/POST \/a abc$/);
  const large = Array.from({ length: 900_000 }, (_, i) => String.fromCharCode(97 + ((i * 7919) % 26))).join('');
  const chunks = large.match(/.{1,77777}/g)!.map((piece) => `${piece.length.toString(16)}\r\n${piece}\r\n`);
  for (const text of [
    post(large),
    `POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n${chunks.join('')}0\r\n\r\n`,
  ]) {
    const before = it.bodies.length;
    peer.send(text);
    while (it.bodies.length === before) await settle();
    assert.ok(it.bodies.at(-1) === large);
  }
});

test('a refused request leaves the connection open when its body was read, and closes it otherwise', async () => {
  const begin = ({ path }: Exchange): HttpReply | undefined =>
    path === '/a' ? { status: 404, body: 'no' } : undefined;
  await using it = await setUp({ begin });
  const peer = it.client();
  peer.send(`${post('body')}POST /b HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\n\r\nx`);
  assert.match(await peer.until(/POST \/b x$/), /^HTTP\/1\.1 404 Not Found\r\n/);
  const long = it.client();
  long.send('POST /a HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n\r\nbegin');
  await long.until(/connection: close\r\n\r\nno$/);
  // The rest is read and forgotten, so that the peer need not be reset.
  long.send('x'.repeat(100_000 - 5));
  await long.over();
  assert.deepEqual(it.bodies, ['x']);
});

for (const [name, text, expected] of [
  ['an unknown transfer coding', 'POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: gzip, chunked\r\n\r\n', 501],
  [
    'a length that is too long a number',
    `POST / HTTP/1.1\r\nhost: x\r\ncontent-length: ${'9'.repeat(30)}\r\n\r\n`,
    400,
  ],
  ['a folded header', 'POST / HTTP/1.1\r\nhost: x\r\nx-a: b\r\n c: d\r\n\r\n', 400],
  ['a blank in front of a colon', 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length : 3\r\n\r\nabc', 400],
  ['lines that end in LF alone', 'POST / HTTP/1.1\nhost: x\n\r\n\r\n', 400],
  ['two hosts', 'POST / HTTP/1.1\r\nhost: x\r\nhost: x\r\n\r\n', 400],
  ['chunks in HTTP/1.0', 'POST / HTTP/1.0\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n', 400],
  ['HTTP/2 by prior knowledge', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
  [
    'an endless chunk extension',
    `POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n1;${'a'.repeat(5000)}`,
    413,
  ],
  [
    'endless trailers',
    `POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n0\r\n${'x: y\r\n'.repeat(20_000)}`,
    413,
  ],
] as const)
  test(`${name} is answered with ${expected}, and the connection closed`, async () => {
    await using it = await setUp();
    const peer = it.client();
    peer.send(text);
    const answer = await peer.over();
    assert.match(answer, new RegExp(`^HTTP/1\\.1 ${expected} `));
    assert.equal(answer.match(/HTTP/g)!.length, 1);
    assert.deepEqual([it.bodies.length, it.errors.length], [0, 1]);
  });

test('what takes too long is ended', async () => {
  const clock = new FakeClock();
  await using it = await setUp({ clock });
  const [silent, slowHead, slowBody] = [it.client(), it.client(), it.client()];
  slowHead.send('POST / HTTP/1.1\r\nhos');
  slowBody.send('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n');
  while (it.recorder.read('http_server_requests_received_total') === 0) await settle();
  await settle();
  for (let seconds = 0; seconds < 290; seconds += 10) {
    slowBody.send('x');
    await settle();
    assert.equal(slowBody.answer, '');
    await clock.advance(10_000);
    await settle();
    if (seconds <= 10) assert.equal(slowHead.answer, '');
    if (seconds === 40) assert.match(slowHead.answer, /^HTTP\/1\.1 408 /);
    if (seconds === 60) assert.equal(silent.isOver, false);
    if (seconds === 80) assert.equal(silent.isOver, true);
  }
  await clock.advance(20_000);
  assert.match(await slowBody.until(/^HTTP\/1\.1 408 /), /The request came too slowly/);
  assert.deepEqual(it.errors, ['timeout: the head came too slowly']);
});

test('nothing is read from a peer that does not read its answers', async () => {
  let handled = 0;
  const body = (exchange: Exchange): void => {
    handled += 1;
    exchange.reply({ status: 200, body: 'x'.repeat(10_000) });
  };
  await using it = await setUp({ body });
  const peer = it.client();
  peer.socket.pause();
  await new Promise((resolve) => peer.socket.once('connect', resolve));
  const one = post('a');
  for (let i = 0; i < 400; i++) {
    peer.send(one.repeat(100));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await settle();
  const stopped = handled;
  assert.ok(stopped < 20_000, `${stopped} requests were answered`);
  let bytes = 0;
  peer.socket.on('data', (chunk) => {
    bytes += chunk.length;
  });
  peer.socket.resume();
  while (handled < 40_000) await settle();
  assert.ok(bytes > 0);
});

test('heads that come in pieces take no more memory together than allowed', async () => {
  await using it = await setUp();
  const peers = Array.from({ length: 30 }, () => it.client());
  for (const peer of peers) peer.send(`POST / HTTP/1.1\r\nhost: x\r\nx-long: ${'y'.repeat(50_000)}`);
  while (!peers.some(({ isOver }) => isOver)) await settle();
  await settle();
  const refused = peers.filter(({ answer }) => answer.startsWith('HTTP/1.1 503 '));
  assert.ok(refused.length >= 5 && refused.length <= 15, `${refused.length} were refused`);
  for (const { socket } of peers) socket.destroy();
  await settle();
  const late = it.client();
  late.send(post('z'.repeat(900_000)));
  await late.until(/^HTTP\/1\.1 200 /);
});

test('a handler that fails is answered for, and the server goes on', async () => {
  const fail = (): never => {
    throw new Error('broken');
  };
  for (const setup of [{ begin: fail }, { body: fail }]) {
    await using it = await setUp(setup);
    const peer = it.client();
    peer.send(post('x'));
    await peer.until(/^HTTP\/1\.1 500 /);
    assert.deepEqual(it.errors, ['handler: broken']);
    await it.server.idle();
  }
});

test('the ledger knows of connections that are open, and of what is coming in on them', async () => {
  await using it = await setUp();
  const peers = Array.from({ length: 10 }, () => it.client());
  for (const peer of peers) peer.send(post('x'));
  for (const peer of peers) await peer.until(/^HTTP\/1\.1 200 /);
  const idle = it.ledger.bytesOf('connections');
  assert.ok(idle > 10 * 4_000 && idle < 10 * 5_000, String(idle));
  peers[0]!.send(`POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 500000\r\n\r\n${'y'.repeat(400_000)}`);
  while (it.ledger.bytesOf('connections') < idle + 400_000) await settle();
  for (const { socket } of peers) socket.destroy();
  while (it.ledger.bytesOf('connections') > 5_000) await settle();
});
