import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import nodeTls from 'node:tls';
import { SLOT_BYTES } from '../../engine/arena/arena.ts';
import type { ObjectValue, Value } from '../../event/value.ts';
import { loadLibc } from '../../net/libc.ts';
import { connectUnixDatagram } from '../../net/unix/datagram.ts';
import { FakeClock } from '../../std/clock.ts';
import { Registry } from '../../telemetry/registry.ts';
import { certificates } from '../../testing/certificates.ts';
import {
  parseConfig,
  type RunningSource,
  type SourceOptions,
  startSource,
  temporaryFolder,
} from '../../testing/component.ts';
import { source } from './socket.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await turn();
}

type Started = RunningSource & { readonly port: number; [Symbol.asyncDispose](): Promise<void> };

/** A running source, listening; stopped at the end of the block. */
async function start(raw: Record<string, unknown>, options?: SourceOptions): Promise<Started> {
  const running = await startSource(source, raw, options);
  const listening = () => running.records.find(({ message }) => message === 'Listening.');
  let failed: unknown;
  running.ended.catch((error: unknown) => {
    failed = error;
  });
  await until(() => failed !== undefined || listening() !== undefined);
  if (failed !== undefined) throw failed;
  return {
    ...running,
    port: (listening()!.fields['port'] as number | undefined) ?? 0,
    [Symbol.asyncDispose]: () => running.stop(),
  };
}

const tcp = (raw: Record<string, unknown> = {}) => ({ mode: 'tcp', address: '127.0.0.1:0', ...raw });

function client(port: number): Socket {
  return connect(port, '127.0.0.1').on('error', () => {});
}

/** The values with their time left out, which is checked to be one. */
function timeless(values: readonly Value[]): ObjectValue[] {
  return values.map((value) => {
    const { timestamp, ...rest } = value as ObjectValue;
    assert.ok(timestamp);
    return rest;
  });
}

test('lines over TCP become events that know their peer', async () => {
  await using on = await start(tcp());
  const socket = client(on.port);
  await once(socket, 'connect');
  const { localPort } = socket;
  socket.end('one\ntwo\nunterminated');
  await on.received(3);
  const known = { source_type: 'socket', host: '127.0.0.1', port: localPort! };
  assert.deepEqual(timeless(on.values), [
    { message: 'one', ...known },
    { message: 'two', ...known },
    { message: 'unterminated', ...known },
  ]);
  await until(() => on.recorder.read('connection_shutdown_total', { mode: 'tcp' }) === 1);
  assert.equal(on.recorder.read('connection_established_total', { mode: 'tcp' }), 1);
  assert.equal(on.recorder.read('open_connections'), 0);
  assert.equal(on.recorder.read('component_received_bytes_total', { protocol: 'tcp' }), 20);
  assert.equal(on.recorder.read('component_received_events_total', { mode: 'tcp' }), 3);
});

test('empty names keep host and port out of events', async () => {
  await using on = await start(tcp({ host_key: '', port_key: '' }));
  client(on.port).end('one\n');
  await on.received(1);
  assert.deepEqual(timeless(on.values), [{ message: 'one', source_type: 'socket' }]);
});

test('in the vector namespace the peer is metadata', async () => {
  await using on = await start(tcp(), { logNamespace: 'vector' });
  client(on.port).end('one\n');
  await on.received(1);
  assert.deepEqual(on.values, ['one']);
  const { metadata } = on.events[0]!;
  const { host, port } = metadata.value['socket'] as ObjectValue;
  assert.equal(host, '127.0.0.1');
  assert.equal(typeof port, 'number');
});

test('each line is decoded, and a field the data has is kept', async () => {
  await using on = await start(tcp({ decoding: { codec: 'json' } }));
  client(on.port).end('{"a":1}\n[{"b":1},{"host":"its own"}]\nnot json\n{"c":1}\n');
  await on.received(4);
  assert.deepEqual(
    timeless(on.values).map(({ port, source_type, ...rest }) => rest),
    [{ a: 1, host: '127.0.0.1' }, { b: 1, host: '127.0.0.1' }, { host: 'its own' }, { c: 1, host: '127.0.0.1' }],
  );
  assert.equal(on.recorder.read('component_errors_total', { error_type: 'parser_failed' }), 1);
});

test('many connections at once are kept apart', async () => {
  await using on = await start(tcp());
  const lines = 50;
  const peers = 40;
  for (let peer = 0; peer < peers; peer++) {
    const socket = client(on.port);
    // In pieces that end in the middle of lines.
    for (let line = 0; line < lines; line++) socket.write(`peer ${peer} line ${line}\npeer`.slice(line === 0 ? 0 : 4));
    socket.end();
  }
  await on.received(peers * lines + peers);
  for (let peer = 0; peer < peers; peer++) {
    const own = on.values
      .map((value) => (value as ObjectValue)['message'])
      .filter((text) => String(text).startsWith(`peer ${peer} `));
    assert.deepEqual(
      own,
      Array.from({ length: lines }, (_, line) => `peer ${peer} line ${line}`),
    );
  }
});

test('hostile bytes arrive as they are', async () => {
  await using on = await start(tcp());
  const hostile = Buffer.from([0xff, 0xfe, 0x00, 0x41, 0x0a, 0x00, 0x0a]);
  client(on.port).end(hostile);
  await on.received(2);
  const messages = on.values.map((value) => (value as ObjectValue)['message']);
  assert.deepEqual(messages, [new Uint8Array([0xff, 0xfe, 0x00, 0x41]), '\0']);
});

test('a line without end costs one counted discard and no memory, and the lines behind it arrive', async () => {
  await using on = await start(
    tcp({ framing: { method: 'newline_delimited', newline_delimited: { max_length: 100 } } }),
  );
  const socket = client(on.port);
  const chunk = Buffer.alloc(1 << 20, 'x');
  for (let i = 0; i < 16; i++) if (!socket.write(chunk)) await once(socket, 'drain');
  socket.end('\nafter\n');
  await on.received(1);
  assert.equal((on.values[0] as ObjectValue)['message'], 'after');
  assert.equal(on.recorder.read('component_discarded_events_total', { intentional: 'false' }), 1);
});

test('a connection reset inside a line is a counted loss, the lines before it arrive', async () => {
  await using on = await start(tcp());
  const socket = client(on.port);
  socket.write('whole\nbroken off');
  await on.received(1);
  await until(() => on.recorder.read('component_received_bytes_total') === 16);
  socket.resetAndDestroy();
  await until(() => on.recorder.read('connection_shutdown_total') === 1);
  assert.equal(on.values.length, 1);
  assert.equal(on.recorder.read('component_discarded_events_total', { intentional: 'false' }), 1);
});

test('framing that is beyond repair ends its connection and no other', async () => {
  await using on = await start(
    tcp({ framing: { method: 'length_delimited', length_delimited: { max_frame_length: 10 } } }),
  );
  const bad = client(on.port);
  bad.write(Buffer.from([0xff, 0xff, 0xff, 0xff, 1, 2, 3]));
  await once(bad, 'close');
  client(on.port).end(Buffer.from([0, 0, 0, 2, 0x68, 0x69]));
  await on.received(1);
  assert.equal((on.values[0] as ObjectValue)['message'], 'hi');
  assert.equal(on.recorder.read('component_errors_total', { error_code: 'decoder_frame' }), 1);
});

test('a slow sender gets its line together, byte by byte', async () => {
  await using on = await start(tcp());
  const socket = client(on.port);
  socket.setNoDelay(true);
  for (const char of 'slow loris\n') {
    socket.write(char);
    await turn();
  }
  await on.received(1);
  assert.equal((on.values[0] as ObjectValue)['message'], 'slow loris');
  socket.destroy();
});

for (const slots of [1, 4]) {
  test(`with ${slots} slots and a pipeline that holds every batch, reading stops and nothing is lost`, async () => {
    const held: (() => void)[] = [];
    let open = false;
    await using on = await start(tcp(), {
      slots,
      onBatch: () => (open ? undefined : new Promise((resolve) => held.push(resolve))),
    });
    const peers = 12;
    const linesEach = 3000;
    const line = 'y'.repeat(499);
    let over = 0;
    for (let peer = 0; peer < peers; peer++)
      client(on.port)
        .on('close', () => (over += 1))
        .end(Buffer.alloc(linesEach * 500, `${line}\n`));
    // Everything that can move has moved when the number of received bytes stands still.
    let before = -1;
    for (let still = 0; still < 50; ) {
      const now = on.recorder.read('component_received_bytes_total');
      still = now === before ? still + 1 : 0;
      before = now;
      await turn();
    }
    assert.ok(before <= slots * SLOT_BYTES + SLOT_BYTES, `${before} bytes were read`);
    assert.ok(over < peers);
    open = true;
    for (const resolve of held.splice(0)) resolve();
    await on.received(peers * linesEach);
    assert.equal(on.values.length, peers * linesEach);
    assert.ok(on.values.every((value) => (value as ObjectValue)['message'] === line));
  });
}

test('large streams of busy connections arrive whole and in order while the pipeline falls behind', async () => {
  let batches = 0;
  await using on = await start(tcp(), { slots: 16, onBatch: () => (batches++ % 3 === 0 ? turn() : undefined) });
  const peers = 4;
  const lines = 20_000;
  const pad = 'z'.repeat(150);
  for (let peer = 0; peer < peers; peer++)
    client(on.port).end(Array.from({ length: lines }, (_, i) => `${peer} ${i} ${pad}\n`).join(''));
  await on.received(peers * lines);
  const next = new Array<number>(peers).fill(0);
  for (const value of on.values) {
    const [peer, line, rest] = String((value as ObjectValue)['message']).split(' ');
    assert.deepEqual([Number(line), rest], [next[Number(peer)]!++, pad]);
  }
  assert.deepEqual(next, new Array<number>(peers).fill(lines));
  await until(() => on.recorder.read('open_connections') === 0);
  // The source itself keeps the slot it is filling.
  assert.ok(on.arena.freeSlots >= 15);
});

test('peers beyond the connection limit wait for their turn', async () => {
  await using on = await start(tcp({ connection_limit: 1 }));
  const first = client(on.port);
  first.write('first\n');
  await on.received(1);
  client(on.port).end('second\n');
  first.end('last of first\n');
  await on.received(3);
  assert.deepEqual(
    on.values.map((value) => (value as ObjectValue)['message']),
    ['first', 'last of first', 'second'],
  );
});

test('peers from networks that are not permitted are refused and counted', async () => {
  await using on = await start(tcp({ permit_origin: ['10.0.0.0/8'] }));
  const socket = client(on.port);
  await once(socket, 'close');
  await until(() => on.recorder.read('component_errors_total', { error_type: 'connection_failed' }) === 1);
  assert.equal(on.recorder.read('connection_established_total'), 0);
});

test('a connection that is open for too long is closed from our side, and its last bytes arrive', async () => {
  const clock = new FakeClock();
  await using on = await start(tcp({ max_connection_duration_secs: 60 }), { clock });
  const socket = connect({ port: on.port, host: '127.0.0.1', allowHalfOpen: true });
  await until(() => on.recorder.read('open_connections') === 1);
  socket.resume();
  const closed = once(socket, 'end');
  await clock.advance(60_000);
  await closed;
  socket.end('goodbye\n');
  await on.received(1);
  assert.equal((on.values[0] as ObjectValue)['message'], 'goodbye');
});

test('a stop tells peers, takes what they still send, and cuts off those who stay', async () => {
  const clock = new FakeClock();
  const on = await start(tcp({ shutdown_timeout_secs: 7 }), { clock });
  const polite = connect({ port: on.port, host: '127.0.0.1', allowHalfOpen: true });
  const deaf = connect({ port: on.port, host: '127.0.0.1', allowHalfOpen: true });
  deaf.resume();
  polite.resume();
  deaf.on('error', () => {});
  polite.write('before\n');
  await on.received(1);
  await until(() => on.recorder.read('open_connections') === 2);
  let stopped = false;
  const told = once(polite, 'end');
  const stopping = on.stop().then(() => {
    stopped = true;
  });
  await told;
  polite.end('after\n');
  await on.received(2);
  await until(() => on.recorder.read('open_connections') === 1);
  await clock.advance(6_999);
  assert.equal(stopped, false);
  await clock.advance(1);
  await stopping;
  deaf.destroy();
  assert.deepEqual(
    on.values.map((value) => (value as ObjectValue)['message']),
    ['before', 'after'],
  );
});

test('an address in use is a failure to build, with an error that is counted', async () => {
  await using first = await start(tcp());
  const recorder = new Registry();
  await assert.rejects(startSource(source, tcp({ address: `127.0.0.1:${first.port}` }), { recorder }), /EADDRINUSE/);
  assert.equal(recorder.read('component_errors_total', { error_code: 'socket_bind' }), 1);
});

const tlsOptions = {
  enabled: true,
  crt_file: certificates.server.cert,
  key_file: certificates.server.key,
  ca_file: certificates.authority,
};

test('events over TLS name the certificate of their peer', async () => {
  const { readFileSync } = await import('node:fs');
  await using on = await start(tcp({ tls: { ...tlsOptions, verify_certificate: true, client_metadata_key: 'peer' } }));
  const socket = nodeTls.connect({
    host: '127.0.0.1',
    port: on.port,
    ca: readFileSync(certificates.authority),
    cert: readFileSync(certificates.client.cert),
    key: readFileSync(certificates.client.key),
  });
  socket.end('secret\n');
  await on.received(1);
  const { message, peer } = on.values[0] as ObjectValue;
  assert.deepEqual(
    { message, peer },
    { message: 'secret', peer: { subject: 'CN=client,OU=clients,O=Sluice tests,L=Utrecht,ST=Utrecht,C=NL' } },
  );
});

test('a large stream over TLS under backpressure arrives whole', async () => {
  const { readFileSync } = await import('node:fs');
  await using on = await start(tcp({ tls: tlsOptions }), { slots: 2, onBatch: () => turn() });
  const socket = nodeTls.connect({ host: '127.0.0.1', port: on.port, ca: readFileSync(certificates.authority) });
  const lines = 20_000;
  socket.end(Array.from({ length: lines }, (_, i) => `line ${i} ${'z'.repeat(100)}\n`).join(''));
  await on.received(lines);
  assert.ok(on.values.every((value, i) => String((value as ObjectValue)['message']).startsWith(`line ${i} `)));
});

test('garbage instead of a handshake is a counted error', async () => {
  await using on = await start(tcp({ tls: tlsOptions }));
  client(on.port).end('GET / HTTP/1.1\r\n\r\n');
  await until(() => on.recorder.read('component_errors_total', { error_code: 'connection_failed' }) === 1);
});

test('a wrong certificate file fails the build with its name', async () => {
  await assert.rejects(start(tcp({ tls: { ...tlsOptions, crt_file: '/nowhere.crt' } })), /\/nowhere\.crt/);
});

async function send(port: number, ...datagrams: (string | Buffer)[]): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  for (const datagram of datagrams)
    await new Promise<void>((resolve, reject) =>
      socket.send(datagram, port, '127.0.0.1', (error) => (error ? reject(error) : resolve())),
    );
  const { port: own } = socket.address();
  socket.close();
  return own;
}

const udp = (raw: Record<string, unknown> = {}) => ({ mode: 'udp', address: '127.0.0.1:0', ...raw });

test('a datagram is one event that knows its sender', async () => {
  await using on = await start(udp());
  const port = await send(on.port, 'dgram one\nline two\n', 'dgram two');
  await on.received(2);
  const known = { source_type: 'socket', host: '127.0.0.1', port };
  assert.deepEqual(timeless(on.values), [
    { message: 'dgram one\nline two\n', ...known },
    { message: 'dgram two', ...known },
  ]);
  assert.equal(on.recorder.read('component_received_bytes_total', { protocol: 'udp' }), 28);
});

test('a datagram beyond `max_length` is dropped and counted, an empty one is nothing', async () => {
  await using on = await start(udp({ max_length: 10 }));
  await send(on.port, 'x'.repeat(11), '', 'y'.repeat(10));
  await on.received(1);
  assert.equal((on.values[0] as ObjectValue)['message'], 'y'.repeat(10));
  assert.equal(on.recorder.read('component_discarded_events_total', { intentional: 'false' }), 1);
});

test('of an oversized datagram of lines the whole ones arrive', async () => {
  await using on = await start(udp({ max_length: 12, framing: { method: 'newline_delimited' } }));
  await send(on.port, 'one\ntwo\nthree hundred\n', 'next\nlast');
  await on.received(4);
  assert.deepEqual(
    on.values.map((value) => (value as ObjectValue)['message']),
    ['one', 'two', 'next', 'last'],
  );
});

test('broken datagrams cost an error each and nothing else', async () => {
  await using on = await start(
    udp({ decoding: { codec: 'json' }, framing: { method: 'length_delimited', length_delimited: {} } }),
  );
  await send(
    on.port,
    Buffer.from([0, 0, 0, 9, 1]),
    Buffer.from([0xff, 0xff, 0xff, 0xff]),
    Buffer.from([0, 0, 0, 2, 0x7b, 0x7d]),
  );
  await on.received(1);
  assert.equal(on.recorder.read('component_errors_total', { error_type: 'parser_failed' }), 2);
});

test('while the pipeline is busy datagrams wait in a queue that is bounded, and what it drops is counted', async () => {
  const held: (() => void)[] = [];
  let open = false;
  await using on = await start(udp(), {
    onBatch: () => (open ? undefined : new Promise((resolve) => held.push(resolve))),
  });
  let sent = 0;
  const dropped = () => on.recorder.read('component_discarded_events_total', { intentional: 'false' });
  while (dropped() === 0) {
    await send(on.port, ...Array.from({ length: 20 }, () => Buffer.alloc(50_000, 'q')));
    sent += 20;
    await turn();
  }
  open = true;
  for (const resolve of held.splice(0)) resolve();
  await until(() => on.recorder.read('component_received_bytes_total') === 50_000 * (on.values.length + dropped()));
  assert.ok(on.values.length > 0 && on.values.length <= sent);
  await send(on.port, 'after');
  await until(() => (on.values.at(-1) as ObjectValue)['message'] === 'after');
});

test('lines over a unix socket come from nobody in particular', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 's.sock');
  {
    await using on = await start({ mode: 'unix', path, socket_file_mode: 0o600 });
    connect(path).end('one\ntwo\n');
    await on.received(2);
    assert.deepEqual(timeless(on.values), [
      { message: 'one', source_type: 'socket', host: '(unnamed)' },
      { message: 'two', source_type: 'socket', host: '(unnamed)' },
    ]);
    assert.equal(on.recorder.read('component_received_bytes_total', { protocol: 'unix' }), 8);
  }
  assert.equal(existsSync(path), false);
});

test('unix datagrams are events, and a busy pipeline makes their senders wait', async (t) => {
  const libc = await loadLibc();
  if (!libc) return t.skip('no access to the C library here');
  using folder = temporaryFolder();
  const path = join(folder.path, 'd.sock');
  await using on = await startDatagrams(path);
  const socket = connectUnixDatagram(libc, path);
  const write = (bytes: Buffer | string) =>
    new Promise<void>((resolve, reject) => socket.write(bytes, (error) => (error ? reject(error) : resolve())));
  await write('one\ntwo\n');
  await write('x'.repeat(102_401));
  const count = 500;
  for (let i = 0; i < count; i++) await write(`${i}`);
  await on.received(count + 2);
  const messages = on.values.map((value) => (value as ObjectValue)['message']);
  assert.equal(messages[0], 'one\ntwo\n');
  assert.equal((messages[1] as string).length, 102_400);
  assert.deepEqual(
    messages.slice(2),
    Array.from({ length: count }, (_, i) => `${i}`),
  );
  assert.equal(on.recorder.read('component_errors_total', { error_code: 'message_too_long' }), 1);
  assert.deepEqual(timeless(on.values)[0], { message: 'one\ntwo\n', source_type: 'socket', host: '(unnamed)' });
  socket.destroy();
});

async function startDatagrams(path: string) {
  const running = await startSource(source, { mode: 'unix_datagram', path }, { onBatch: () => turn() });
  await until(() => existsSync(path));
  return Object.assign(running, { [Symbol.asyncDispose]: () => running.stop() });
}

test('options are those of the mode', () => {
  assert.deepEqual(source.resources?.(parseConfig(source, tcp())), ['tcp:127.0.0.1:0']);
  assert.deepEqual(source.resources?.(parseConfig(source, { mode: 'unix', path: '/x' })), ['unix:/x']);
  assert.throws(() => parseConfig(source, { mode: 'tcp' }), /`address` is required/);
  assert.throws(() => parseConfig(source, { mode: 'tcp', address: 'localhost:1' }), /IP address and a port/);
  assert.throws(() => parseConfig(source, tcp({ permit_origin: ['10.0.0.0'] })), /CIDR/);
  assert.throws(() => parseConfig(source, udp({ multicast_groups: ['ff02::1'] })), /no IPv4 address/);
  assert.throws(() => parseConfig(source, { mode: 'unix_stream' }), /`path` is required/);
  // Vector ignores what it does not know here.
  assert.ok(parseConfig(source, tcp({ max_length: 5 })));
});
