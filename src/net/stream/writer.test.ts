import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { test } from 'node:test';
import nodeTls from 'node:tls';
import { check } from '../../schema/schema.ts';
import { FakeClock, systemClock } from '../../std/clock.ts';
import { seededRandom } from '../../std/random.ts';
import { certificates } from '../../testing/certificates.ts';
import { type TlsConfig, tls as tlsOptions } from '../tls/options.ts';
import { clientTls } from '../tls/tls.ts';
import { type DialOptions, dial } from './dial.ts';
import { StreamWriter } from './writer.ts';

/** A server that keeps what each connection sent. */
async function receiver(tls?: nodeTls.TlsOptions) {
  const connections: { socket: Socket; text: string }[] = [];
  const waiting: { condition: () => boolean; resolve: () => void }[] = [];
  const changed = (): void => {
    for (const { resolve } of waiting.filter(({ condition }) => condition())) resolve();
  };
  const serve = (socket: Socket): void => {
    const connection = { socket, text: '' };
    connections.push(connection);
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      connection.text += bytes.toString();
      changed();
    });
    socket.on('close', changed);
    changed();
  };
  const server: Server = tls ? nodeTls.createServer(tls, serve) : createServer(serve);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    server,
    to: { host: '127.0.0.1', port: (server.address() as AddressInfo).port },
    connections,
    until: (condition: () => boolean) =>
      condition() ? Promise.resolve() : new Promise<void>((resolve) => waiting.push({ condition, resolve })),
    [Symbol.dispose]() {
      server.close();
      for (const { socket } of connections) socket.destroy();
    },
  };
}

function writerTo(options: DialOptions, clock = systemClock) {
  const said: string[] = [];
  const writer = new StreamWriter({
    dial: (stop) => dial(options, stop),
    clock,
    random: seededRandom(1),
    events: {
      connected: () => said.push('connected'),
      failed: (error, delayMs) => said.push(`failed ${(error as NodeJS.ErrnoException).code} ${Math.round(delayMs)}`),
      closed: (error) => said.push(error ? 'broken' : 'closed'),
    },
  });
  return {
    writer,
    said,
    /** Writes text; resolves when the kernel has it. */
    write: (text: string) =>
      new Promise<void>((done) => writer.write({ bytes: Buffer.from(text), done: () => done() })),
  };
}

const tlsConfig = (raw: Record<string, string>): TlsConfig => check(tlsOptions(), raw).value!;

test('pieces arrive in order over one connection, and the end closes it', async () => {
  using server = await receiver();
  const { writer, write, said } = writerTo({ to: server.to });
  await Promise.all(['a', 'b', 'c'].map(write));
  await write('d');
  await writer.end();
  await server.until(() => server.connections[0]?.text === 'abcd');
  assert.deepEqual(said, ['connected', 'closed']);
});

test('nobody is called before there is something to write', async () => {
  using server = await receiver();
  const { writer, said } = writerTo({ to: server.to });
  await writer.end();
  assert.deepEqual([said, server.connections.length], [[], 0]);
});

test('the end waits for what is still to be written', async () => {
  using server = await receiver();
  const { writer } = writerTo({ to: server.to });
  let done = 0;
  for (let i = 0; i < 50; i++) writer.write({ bytes: Buffer.alloc(100_000, 'x'), done: () => (done += 1) });
  await writer.end();
  assert.equal(done, 50);
  await server.until(() => server.connections[0]?.text.length === 5_000_000);
});

test('a slow reader makes the writer wait, and what waits is bounded', async () => {
  using server = await receiver();
  const { writer } = writerTo({ to: server.to });
  server.server.once('connection', (socket) => socket.pause());
  let written = 0;
  let done = 0;
  let wait: Promise<void> | undefined;
  while (!wait) {
    wait = writer.write({ bytes: Buffer.alloc(100_000, 'x'), done: () => (done += 1) });
    written += 1;
    if (!wait) await new Promise((resolve) => setImmediate(resolve));
  }
  await server.until(() => server.connections.length === 1);
  server.connections[0]!.socket.resume();
  await wait;
  assert.ok(written - done <= 6, `${written - done} pieces are still pending`);
  await writer.end();
  assert.equal(done, written);
});

test('what the kernel had not taken is written again after a break', async () => {
  using server = await receiver();
  const { writer, write, said } = writerTo({ to: server.to });
  await write('first ');
  await server.until(() => server.connections[0]?.text === 'first ');
  server.connections[0]!.socket.pause();
  const rest: Promise<void>[] = [];
  const piece = 'x'.repeat(200_000);
  for (let i = 0; i < 60; i++) rest.push(write(piece));
  server.connections[0]!.socket.resetAndDestroy();
  await Promise.all(rest);
  await writer.end();
  await server.until(() => server.connections.length === 2 && server.connections[1]!.socket.closed);
  const second = server.connections[1]!.text;
  assert.equal(second.length % piece.length, 0, 'pieces are written again from their beginning');
  assert.ok(second.length > 0);
  assert.deepEqual(said.slice(0, 3), ['connected', 'broken', 'connected']);
});

test('a server that closed is called again for the next piece', async () => {
  using server = await receiver();
  const { writer, write, said } = writerTo({ to: server.to });
  await write('one');
  await server.until(() => server.connections[0]?.text === 'one');
  server.connections[0]!.socket.end();
  await server.until(() => server.connections[0]!.socket.closed);
  await write('two');
  await writer.end();
  await server.until(() => server.connections[1]?.text === 'two');
  assert.deepEqual(said, ['connected', 'closed', 'connected', 'closed']);
});

test('what is pending is given up when the time is over', async () => {
  using server = await receiver();
  server.server.once('connection', (socket) => socket.pause());
  const { writer } = writerTo({ to: server.to });
  const results: boolean[] = [];
  for (let i = 0; i < 60; i++) writer.write({ bytes: Buffer.alloc(200_000), done: (written) => results.push(written) });
  await server.until(() => server.connections.length === 1);
  const abort = new AbortController();
  const ended = writer.end(abort.signal);
  abort.abort();
  await ended;
  assert.equal(results.length, 60);
  assert.equal(results.at(-1), false);
  const unreachable = writerTo({ to: { host: '127.0.0.1', port: 1 } });
  const lost: boolean[] = [];
  unreachable.writer.write({ bytes: Buffer.from('x'), done: (written) => lost.push(written) });
  await unreachable.writer.end(AbortSignal.abort());
  assert.deepEqual(lost, [false]);
});

test('attempts grow further apart, with jitter, up to a minute', async () => {
  const clock = new FakeClock();
  const delays: number[] = [];
  const { promise: enough, resolve } = Promise.withResolvers<void>();
  const writer = new StreamWriter({
    dial: () => Promise.reject(new Error('refused')),
    clock,
    random: () => 0.5,
    events: {
      connected() {},
      closed() {},
      failed(_error, delayMs) {
        delays.push(delayMs);
        if (delays.length === 10) resolve();
      },
    },
  });
  writer.write({ bytes: Buffer.from('x'), done() {} });
  while (delays.length < 10) await clock.advance(60_000);
  await enough;
  assert.deepEqual(delays, [375, 750, 1500, 3000, 6000, 12_000, 24_000, 45_000, 45_000, 45_000]);
});

test('a server that comes up later gets everything', async () => {
  using probe = await receiver();
  const { to } = probe;
  probe.server.close();
  await once(probe.server, 'close');
  const clock = new FakeClock();
  const { writer, write, said } = writerTo({ to }, clock);
  const written = write('patience');
  while (said.length === 0) await new Promise((resolve) => setImmediate(resolve));
  assert.match(said[0]!, /^failed ECONNREFUSED \d+$/);
  using server = await receiverAt(to.port);
  while (said.at(-1) !== 'connected') await clock.advance(500);
  await written;
  await writer.end();
  await server.until(() => server.text === 'patience');
});

async function receiverAt(port: number) {
  const state = {
    text: '',
    until: async (condition: () => boolean) => {
      while (!condition()) await new Promise((resolve) => setImmediate(resolve));
    },
  };
  const server = createServer((socket) => socket.on('data', (bytes) => (state.text += bytes.toString())));
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(state, { [Symbol.dispose]: () => void server.close() });
}

test('a server that closes every connection at once is not called again without a pause', async () => {
  using server = await receiver();
  server.server.on('connection', (socket) => socket.destroy());
  const clock = new FakeClock();
  const { writer, said } = writerTo({ to: server.to }, clock);
  writer.write({ bytes: Buffer.alloc(8_000_000), done() {} });
  while (said.length < 2) await new Promise((resolve) => setImmediate(resolve));
  // The next attempt waits for the clock and for nothing else.
  while (clock.pending === 0) await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(said, ['connected', 'broken']);
  await clock.advance(500);
  while (said.length < 4) await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(said.slice(2), ['connected', 'broken']);
});

test('writes go through TLS, and a server that is not trusted gets nothing', async () => {
  const identity = { cert: readFileSync(certificates.server.cert), key: readFileSync(certificates.server.key) };
  using server = await receiver(identity);
  const trusting = writerTo({ to: server.to, tls: clientTls(tlsConfig({ ca_file: certificates.authority })) });
  await trusting.write('secret');
  await trusting.writer.end();
  await server.until(() => server.connections[0]?.text === 'secret');
  await assert.rejects(dial({ to: server.to, tls: clientTls(tlsConfig({})) }), /unable to verify|self-signed/);
});

test('dialling stops when it is told to', async () => {
  const stop = new AbortController();
  const dialling = dial({ to: { host: '127.0.0.1', port: 1 } }, stop.signal);
  stop.abort();
  await assert.rejects(dialling, /stopped|ECONNREFUSED/);
  await assert.rejects(dial({ to: { host: '127.0.0.1', port: 1 } }, stop.signal), /stopped/);
});
