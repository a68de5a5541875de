import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import nodeTls from 'node:tls';
import { certificates } from '../../testing/certificates.ts';
import { temporaryFolder } from '../../testing/component.ts';
import { loadLibc } from '../libc.ts';
import { parseNetwork } from '../tcp/permit_origin.ts';
import type { Connection } from './connection.ts';
import { StreamServer, type StreamServerOptions } from './server.ts';

interface Heard {
  readonly connection: Connection;
  text: string;
  /** Undefined while it is open. */
  over: { readonly error: Error | undefined } | undefined;
}

/** A server that keeps what it hears, and tells of every change. */
async function listen(options: Partial<StreamServerOptions> = {}) {
  const heard: Heard[] = [];
  const refused: string[] = [];
  const failed: Error[] = [];
  const waiting: { condition: () => boolean; resolve: () => void }[] = [];
  const changed = (): void => {
    for (const { resolve } of waiting.filter(({ condition }) => condition())) resolve();
  };
  const server = await StreamServer.listen(
    { listen: { kind: 'tcp', address: { kind: 'ip', host: '127.0.0.1', port: 0 } }, ...options },
    {
      connection(connection) {
        const one: Heard = { connection, text: '', over: undefined };
        heard.push(one);
        connection.receive({
          bytes(bytes) {
            one.text += bytes.toString();
            changed();
            return true;
          },
          over(error) {
            one.over = { error };
            changed();
          },
        });
        changed();
      },
      refused(reason) {
        refused.push(reason);
        changed();
      },
      handshakeFailed(error) {
        failed.push(error);
        changed();
      },
      failed(error) {
        failed.push(error);
        changed();
      },
    },
  );
  return {
    server,
    heard,
    refused,
    failed,
    until: (condition: () => boolean) =>
      condition() ? Promise.resolve() : new Promise<void>((resolve) => waiting.push({ condition, resolve })),
    [Symbol.dispose]() {
      server.close();
      for (const { connection } of heard) connection.destroy();
    },
  };
}

function client(port: number): Socket {
  return connect(port, '127.0.0.1').on('error', () => {});
}

test('what connections send arrives apart, and their ends are told', async () => {
  using on = await listen();
  const [a, b] = [client(on.server.port), client(on.server.port)];
  a.end('from a');
  b.end('from b');
  await on.until(() => on.heard.length === 2 && on.heard.every(({ over }) => over));
  assert.deepEqual(on.heard.map(({ text }) => text).sort(), ['from a', 'from b']);
  assert.deepEqual(
    on.heard.map(({ over, connection }) => [over!.error, connection.host]),
    [
      [undefined, '127.0.0.1'],
      [undefined, '127.0.0.1'],
    ],
  );
});

test('a reset is told as an error', async () => {
  using on = await listen();
  const socket = client(on.server.port);
  socket.write('some');
  await on.until(() => on.heard[0]?.text === 'some');
  socket.resetAndDestroy();
  await on.until(() => on.heard[0]!.over !== undefined);
  assert.match(on.heard[0]!.over!.error?.message ?? '', /ECONNRESET/);
});

test('a paused connection is read again when it is resumed', async () => {
  const bytes = Buffer.alloc(4_000_000, 'x');
  let received = 0;
  const { promise: over, resolve } = Promise.withResolvers<void>();
  const { promise: first, resolve: began } = Promise.withResolvers<Connection>();
  const server = await StreamServer.listen(
    { listen: { kind: 'tcp', address: { kind: 'ip', host: '127.0.0.1', port: 0 } } },
    {
      connection: (connection) =>
        connection.receive({
          bytes(chunk) {
            received += chunk.length;
            setImmediate(() => connection.resume());
            began(connection);
            return false;
          },
          over: () => resolve(),
        }),
      refused() {},
      handshakeFailed() {},
      failed() {},
    },
  );
  client(server.port).end(bytes);
  await first;
  await over;
  server.close();
  assert.equal(received, bytes.length);
});

test('a receiver that names rooms is read to there, and to the shared buffer when it names none', async () => {
  const [taken, rooms]: [string[], number[]] = [[], []];
  let room: Buffer | undefined;
  let isOver = false;
  const server = await StreamServer.listen(
    { listen: { kind: 'tcp', address: { kind: 'ip', host: '127.0.0.1', port: 0 } } },
    {
      connection: (connection) =>
        connection.receive({
          bytes: (bytes) => taken.push(bytes.toString()) > 0,
          room() {
            room = rooms.length < 3 ? Buffer.alloc(4) : undefined;
            return room;
          },
          filled(count) {
            rooms.push(count);
            return taken.push(room!.toString('latin1', 0, count)) > 0;
          },
          over() {
            isOver = true;
          },
        }),
      refused: assert.fail,
      handshakeFailed: assert.fail,
      failed: assert.fail,
    },
  );
  const socket = client(server.port);
  socket.write('first');
  while (taken.join('') !== 'first') await new Promise((resolve) => setImmediate(resolve));
  socket.end('and then fifteen and more');
  while (!isOver) await new Promise((resolve) => setImmediate(resolve));
  server.close();
  assert.equal(taken.join(''), 'firstand then fifteen and more');
  assert.deepEqual([taken[0], ...rooms], ['first', 4, 4, 4]);
});

test('peers from elsewhere are refused', async () => {
  using on = await listen({ permitOrigin: [parseNetwork('10.0.0.0/8')!] });
  const socket = client(on.server.port);
  await once(socket, 'close');
  await on.until(() => on.refused.length === 1);
  assert.deepEqual([on.refused, on.heard.length], [['origin'], 0]);
});

test('connections above the limit wait unread until another one is over', async () => {
  using on = await listen({ connectionLimit: 1 });
  const first = client(on.server.port);
  first.write('first');
  await on.until(() => on.heard[0]?.text === 'first');
  const second = client(on.server.port);
  second.end('second');
  await once(second, 'finish');
  assert.equal(on.heard.length, 1);
  first.end();
  await on.until(() => on.heard[1]?.over !== undefined);
  assert.equal(on.heard[1]!.text, 'second');
});

test('a server that stops refuses what waits and keeps what is open', async () => {
  using on = await listen({ connectionLimit: 1 });
  const first = client(on.server.port);
  await on.until(() => on.heard.length === 1);
  const second = client(on.server.port);
  await once(second, 'connect');
  on.server.close();
  await once(second, 'close');
  first.end('still here');
  await on.until(() => on.heard[0]!.over !== undefined);
  assert.equal(on.heard[0]!.text, 'still here');
});

test('hundreds of quick connections leave nothing behind', async () => {
  using on = await listen();
  const count = 300;
  for (let i = 0; i < count; i++) client(on.server.port).end(`${i}`);
  await on.until(() => on.heard.length === count && on.heard.every(({ over }) => over));
  assert.equal(new Set(on.heard.map(({ text }) => text)).size, count);
});

const tls = {
  cert: readFileSync(certificates.server.cert),
  key: readFileSync(certificates.server.key),
};

test('bytes of TLS connections arrive decrypted, with the subject of the peer', async () => {
  using on = await listen({
    tls: { ...tls, ca: readFileSync(certificates.authority), requestCert: true, rejectUnauthorized: true },
  });
  const socket = nodeTls.connect({
    host: '127.0.0.1',
    port: on.server.port,
    ca: readFileSync(certificates.authority),
    cert: readFileSync(certificates.client.cert),
    key: readFileSync(certificates.client.key),
  });
  socket.end('secret');
  await on.until(() => on.heard[0]?.over !== undefined);
  assert.deepEqual([on.heard[0]!.text, on.heard[0]!.over!.error], ['secret', undefined]);
  assert.match(on.heard[0]!.connection.subject ?? '', /^CN=client,/);
});

test('a peer that does not speak TLS is a failed handshake, and the next one is served', async () => {
  using on = await listen({ tls, connectionLimit: 1 });
  const plain = client(on.server.port);
  plain.write('hello\r\n\r\n');
  await on.until(() => on.failed.length === 1);
  const socket = nodeTls.connect({ host: '127.0.0.1', port: on.server.port, ca: readFileSync(certificates.authority) });
  socket.end('x');
  await on.until(() => on.heard[0]?.over !== undefined);
  assert.equal(on.heard[0]!.text, 'x');
});

test('a handshake that does not get on is given up', async () => {
  using on = await listen({ tls, handshakeTimeoutSecs: 0.02 });
  const silent = client(on.server.port);
  await once(silent, 'close');
  await on.until(() => on.failed.length === 1);
  assert.equal((on.failed[0] as NodeJS.ErrnoException).code, 'ERR_TLS_HANDSHAKE_TIMEOUT');
});

test('a server that stops ends handshakes', async () => {
  using on = await listen({ tls });
  const silent = client(on.server.port);
  await once(silent, 'connect');
  on.server.close();
  await once(silent, 'close');
  assert.equal(on.heard.length, 0);
});

test('a unix socket has the wanted mode, and its file goes with it', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 's.sock');
  {
    using on = await listen({ listen: { kind: 'unix', path, mode: 0o600 } });
    assert.equal(statSync(path).mode & 0o777, 0o600);
    connect(path).end('over unix');
    await on.until(() => on.heard[0]?.over !== undefined);
    assert.deepEqual([on.heard[0]!.text, on.heard[0]!.connection.host], ['over unix', '']);
  }
  assert.equal(existsSync(path), false);
});

test('a socket file that a crash left behind is replaced, anything else is not', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 's.sock');
  const script = `require('net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))`;
  spawnSync(process.execPath, ['-e', script, path]);
  assert.ok(existsSync(path));
  {
    using on = await listen({ listen: { kind: 'unix', path, mode: undefined } });
    connect(path).end('new');
    await on.until(() => on.heard[0]?.text === 'new');
  }
  writeFileSync(path, 'a file of somebody');
  await assert.rejects(listen({ listen: { kind: 'unix', path, mode: undefined } }), /EADDRINUSE/);
  assert.equal(readFileSync(path, 'utf8'), 'a file of somebody');
});

test('a socket that systemd opened is listened on', async () => {
  const opened = createServer().listen(0, '127.0.0.1');
  await once(opened, 'listening');
  const { port } = opened.address() as { port: number };
  const { fd } = (opened as unknown as { _handle: { fd: number } })._handle;
  const program = `
    import { StreamServer } from ${JSON.stringify(new URL('./server.ts', import.meta.url))};
    const server = await StreamServer.listen({ listen: { kind: 'tcp', address: { kind: 'systemd', index: 0 } } }, {
      connection: (connection) => connection.receive({
        bytes: (bytes) => process.stdout.write(bytes),
        over: () => server.close(),
      }),
    });
    console.log('listening');
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit', fd],
    env: { ...process.env, LISTEN_FDS: '1', LISTEN_PID: undefined },
  });
  let text = '';
  child.stdout!.on('data', (bytes) => (text += bytes));
  const ended = once(child, 'close');
  await once(child.stdout!, 'data');
  opened.close();
  client(port).end('handed over');
  await ended;
  assert.equal(text, 'listening\nhanded over');
});

test('an address in use is an error', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 's.sock');
  using _first = await listen({ listen: { kind: 'unix', path, mode: undefined } });
  await assert.rejects(listen({ listen: { kind: 'unix', path, mode: undefined } }), /EADDRINUSE/);
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as { port: number };
  await assert.rejects(
    listen({ listen: { kind: 'tcp', address: { kind: 'ip', host: '127.0.0.1', port } } }),
    /EADDRINUSE/,
  );
  other.close();
});

test('the kernel’s buffer of a connection is set', async (t) => {
  const libc = await loadLibc();
  if (!libc) return t.skip('no access to the C library here');
  let set: number | undefined;
  const spying = {
    ...libc,
    setReceiveBuffer: (descriptor: number, bytes: number) => (set = libc.setReceiveBuffer(descriptor, bytes)),
  };
  using on = await listen({ receiveBuffer: { bytes: 65_536, libc: spying } });
  client(on.server.port).end('x');
  await on.until(() => on.heard[0]?.over !== undefined);
  assert.equal(set, 0);
});
