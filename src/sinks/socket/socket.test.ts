import assert from 'node:assert/strict';
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type ListenOptions, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import nodeTls from 'node:tls';
import { Arena } from '../../engine/arena/arena.ts';
import { Intake } from '../../engine/arena/intake.ts';
import { type Batch, layoutOf, logBatch, type RawBatch } from '../../event/batch.ts';
import { Finalizer, type Status } from '../../event/finalizer.ts';
import { loadLibc } from '../../net/libc.ts';
import { UnixDatagramReceiver } from '../../net/unix/datagram.ts';
import { FakeClock } from '../../std/clock.ts';
import { certificates } from '../../testing/certificates.ts';
import { log, parseConfig, runSink, temporaryFolder, testContext } from '../../testing/component.ts';
import { sink } from './socket.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await turn();
}

interface Receiver {
  readonly server: Server;
  readonly port: number;
  readonly connections: { readonly socket: Socket; readonly chunks: Buffer[] }[];
  text(connection?: number): string;
  [Symbol.dispose](): void;
}

async function receiver(
  where: ListenOptions = { port: 0, host: '127.0.0.1' },
  tls?: nodeTls.TlsOptions,
): Promise<Receiver> {
  const connections: { readonly socket: Socket; readonly chunks: Buffer[] }[] = [];
  const serve = (socket: Socket): void => {
    const chunks: Buffer[] = [];
    connections.push({ socket, chunks });
    socket.on('error', () => {});
    socket.on('data', (bytes) => chunks.push(Buffer.from(bytes)));
  };
  const server = tls ? nodeTls.createServer(tls, serve) : createServer(serve);
  server.listen(where);
  await once(server, 'listening');
  const address = server.address();
  return {
    server,
    port: typeof address === 'object' && address ? address.port : 0,
    connections,
    text: (connection = 0) => Buffer.concat(connections[connection]?.chunks ?? []).toString(),
    [Symbol.dispose]() {
      server.close();
      for (const { socket } of connections) socket.destroy();
    },
  };
}

const tcp = (port: number, raw: Record<string, unknown> = {}) => ({
  mode: 'tcp',
  address: `127.0.0.1:${port}`,
  encoding: { codec: 'text' },
  ...raw,
});

/** A raw batch of lines in a slot of an arena of its own. */
function rawBatch(text: string, arena: Arena, done: (status: Status) => void = () => {}): RawBatch {
  const intake = new Intake(arena);
  const { slot, start } = intake.reserve(Buffer.byteLength(text))!;
  const length = slot.bytes.write(text, start);
  intake.commit(length);
  slot.retain();
  intake.close();
  const lines = text.split('\n').slice(0, -1);
  const frames = new Int32Array(lines.length * 2);
  let at = start;
  for (const [index, line] of lines.entries()) {
    frames.set([at, line.length], 2 * index);
    at += line.length + 1;
  }
  return {
    kind: 'raw',
    type: 'log',
    hold: slot,
    frames,
    count: lines.length,
    sizeBytes: length - lines.length,
    delimiter: 10,
    ingestedMs: 0,
    streamOffset: -1,
    layout: layoutOf({ decodeFrame: (_, index) => log(lines[index]!) }),
    finalizer: new Finalizer(done),
  };
}

test('events are lines on a connection that is closed in the end', async () => {
  using server = await receiver();
  const { statuses, recorder } = await runSink(sink, tcp(server.port), [[log('one'), log('two')], [log('three')]]);
  await until(() => server.text() === 'one\ntwo\nthree\n');
  assert.deepEqual(statuses, ['delivered', 'delivered']);
  assert.equal(recorder.read('component_sent_events_total'), 3);
  assert.equal(recorder.read('component_sent_bytes_total', { protocol: 'tcp' }), 14);
  assert.equal(recorder.read('connection_established_total', { mode: 'tcp' }), 1);
  assert.equal(recorder.read('open_connections'), 0);
});

test('length-delimited frames', async () => {
  using server = await receiver();
  const framing = { method: 'length_delimited', length_delimited: {} };
  await runSink(sink, tcp(server.port, { framing }), [[log('one'), log('three')]]);
  await until(() => server.text() === '\0\0\0\x03one\0\0\0\x05three');
});

test('lines of a raw batch go out from their slot, which is free again afterwards', async () => {
  using server = await receiver();
  const arena = new Arena(2);
  const statuses: Status[] = [];
  const lines = 'as they\nwere read\n';
  await runSink(sink, tcp(server.port), [
    rawBatch(lines, arena, (status) => statuses.push(status)),
    rawBatch('and more\n', arena, (status) => statuses.push(status)),
  ]);
  await until(() => server.text() === `${lines}and more\n`);
  assert.deepEqual([statuses, arena.freeSlots], [['delivered', 'delivered'], 2]);
});

test('lines of a raw batch that are encoded let go of their slot at once', async () => {
  using server = await receiver();
  const arena = new Arena(1);
  const { context } = testContext('sink', 'socket');
  const running = await sink.build(parseConfig(sink, tcp(server.port, { encoding: { codec: 'json' } })), context);
  await running.write(rawBatch('one\n', arena));
  assert.equal(arena.freeSlots, 1);
  await running.end();
  await until(() => server.text() === '{"message":"one"}\n');
});

test('what was not in the kernel yet is sent again after a break, and no batch is lost', async () => {
  using server = await receiver();
  const { context, recorder } = testContext('sink', 'socket');
  const running = await sink.build(parseConfig(sink, tcp(server.port)), context);
  server.server.once('connection', (socket) => {
    // Nothing of the first connection is read, and then it breaks.
    socket.pause();
    setImmediate(() => setImmediate(() => socket.resetAndDestroy()));
  });
  const line = 'x'.repeat(9_999);
  const statuses: Status[] = [];
  const arena = new Arena(64);
  for (let i = 0; i < 300; i++) {
    while (arena.freeSlots === 0) await arena.available();
    await running.write(rawBatch(`${line}\n`.repeat(20), arena, (status) => statuses.push(status)));
  }
  await running.end();
  assert.equal(statuses.length, 300);
  assert.ok(statuses.every((status) => status === 'delivered'));
  await until(() => server.connections.at(-1)!.socket.readableEnded || server.connections.at(-1)!.socket.closed);
  assert.equal(arena.freeSlots, 64);
  assert.ok(server.connections.length >= 2);
  const text = server.text(server.connections.length - 1);
  assert.equal(text.length % (20 * 10_000), 0, 'batches are sent again from their beginning');
  assert.equal(recorder.read('connection_send_errors_total', { mode: 'tcp' }), server.connections.length - 1);
});

test('a server that is not there yet is called again, and the failures are counted', async () => {
  const probe = await receiver();
  const { port } = probe;
  probe.server.close();
  await once(probe.server, 'close');
  const clock = new FakeClock();
  const { context, recorder } = testContext('sink', 'socket', { clock });
  const running = await sink.build(parseConfig(sink, tcp(port)), context);
  let status: Status | undefined;
  await running.write(logBatch([log('patience')], new Finalizer((final) => (status = final))));
  await until(() => recorder.read('component_errors_total', { error_code: 'failed_connecting' }) === 1);
  await assert.rejects(running.healthcheck!(new AbortController().signal), /ECONNREFUSED/);
  assert.equal(status, undefined);
  using server = await receiver({ port, host: '127.0.0.1' });
  while (status === undefined) await clock.advance(500);
  await running.healthcheck!(new AbortController().signal);
  await running.end();
  assert.equal(status, 'delivered');
  await until(() => server.text() === 'patience\n');
});

test('when the time to stop is over, what is left counts as errored', async () => {
  const { context, recorder } = testContext('sink', 'socket');
  const running = await sink.build(parseConfig(sink, tcp(1)), context);
  const statuses: Status[] = [];
  const arena = new Arena(2);
  await running.write(logBatch([log('a'), log('b')], new Finalizer((status) => statuses.push(status))));
  await running.write(rawBatch('c\n', arena, (status) => statuses.push(status)));
  await running.end(AbortSignal.abort());
  assert.deepEqual([statuses, arena.freeSlots], [['errored', 'errored'], 2]);
  assert.equal(recorder.read('component_discarded_events_total', { intentional: 'false' }), 3);
});

test('events go through TLS to a server that is trusted', async () => {
  const tls = { cert: readFileSync(certificates.server.cert), key: readFileSync(certificates.server.key) };
  using server = await receiver(undefined, tls);
  const options = { enabled: true, ca_file: certificates.authority };
  const { statuses } = await runSink(sink, tcp(server.port, { tls: options }), [[log('secret')]]);
  await until(() => server.text() === 'secret\n');
  assert.deepEqual(statuses, ['delivered']);
});

test('events go to a unix socket', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 's.sock');
  using server = await receiver({ path });
  const { recorder } = await runSink(sink, { mode: 'unix', path, encoding: { codec: 'json' } }, [[log('one')]]);
  await until(() => server.text() === '{"message":"one"}\n');
  assert.equal(recorder.read('component_sent_bytes_total', { protocol: 'unix' }), 18);
});

async function udpReceiver() {
  const socket: UdpSocket = createSocket({ type: 'udp4', recvBufferSize: 4_000_000 });
  const datagrams: Buffer[] = [];
  socket.on('message', (bytes) => datagrams.push(bytes));
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return {
    port: socket.address().port,
    datagrams,
    texts: () => datagrams.map((bytes) => bytes.toString()),
    [Symbol.dispose]: () => void socket.close(),
  };
}

const udp = (port: number, codec: Record<string, unknown>, raw: Record<string, unknown> = {}) => ({
  mode: 'udp',
  address: `127.0.0.1:${port}`,
  encoding: codec,
  ...raw,
});

test('each event is a datagram', async () => {
  using server = await udpReceiver();
  const { statuses, recorder } = await runSink(
    sink,
    udp(server.port, { codec: 'json' }, { send_buffer_bytes: 100_000 }),
    [[log('one'), log('two')], [log('three')]],
  );
  await until(() => server.datagrams.length === 3);
  assert.deepEqual(server.texts(), ['{"message":"one"}', '{"message":"two"}', '{"message":"three"}']);
  assert.deepEqual(statuses, ['delivered', 'delivered']);
  assert.equal(recorder.read('component_sent_bytes_total', { protocol: 'udp' }), 53);
  assert.equal(recorder.read('component_sent_events_total'), 3);
});

test('lines of a raw batch are datagrams without their line ends', async () => {
  using server = await udpReceiver();
  const arena = new Arena(1);
  await runSink(sink, udp(server.port, { codec: 'text' }), [rawBatch('one\n\ntwo\n', arena) satisfies Batch]);
  await until(() => server.datagrams.length === 3);
  assert.deepEqual([server.texts(), arena.freeSlots], [['one', '', 'two'], 1]);
});

test('an event too long for a datagram is dropped and counted, the others are sent', async () => {
  using server = await udpReceiver();
  const { statuses, recorder } = await runSink(sink, udp(server.port, { codec: 'text' }), [
    [log('before'), log('x'.repeat(70_000)), log('after')],
  ]);
  await until(() => server.datagrams.length === 2);
  assert.deepEqual(server.texts(), ['before', 'after']);
  assert.deepEqual(statuses, ['rejected']);
  assert.equal(recorder.read('component_errors_total', { error_code: 'message_too_long' }), 1);
  assert.equal(recorder.read('component_discarded_events_total'), 1);
});

test('a long GELF message is sent in chunks', async () => {
  using server = await udpReceiver();
  const event = log({ host: 'h', short_message: 'y'.repeat(1000) });
  await runSink(sink, udp(server.port, { codec: 'gelf', gelf: { max_chunk_size: 400 } }), [[event]]);
  await until(() => server.datagrams.length === 3);
  assert.ok(server.datagrams.every((bytes) => bytes.length <= 400 && bytes[0] === 0x1e && bytes[1] === 0x0f));
  const message = Buffer.concat(server.datagrams.map((bytes) => bytes.subarray(12))).toString();
  assert.equal((JSON.parse(message) as { short_message: string }).short_message.length, 1000);
});

test('a refusal of an earlier datagram does not cost a later one', async () => {
  const gone = await udpReceiver();
  const { port } = gone;
  gone[Symbol.dispose]();
  const { context } = testContext('sink', 'socket');
  const running = await sink.build(parseConfig(sink, udp(port, { codec: 'text' })), context);
  await running.write(logBatch([log('to nobody')]));
  const back = createSocket('udp4');
  const heard: string[] = [];
  back.on('message', (bytes) => heard.push(bytes.toString()));
  await new Promise<void>((resolve) => back.bind(port, '127.0.0.1', resolve));
  let status: Status | undefined;
  await running.write(logBatch([log('to somebody')], new Finalizer((final) => (status = final))));
  await running.end();
  await until(() => heard.length > 0);
  back.close();
  assert.deepEqual([heard, status], [['to somebody'], 'delivered']);
});

test('a host that does not exist is looked up again until the time is over', async () => {
  const { context, recorder } = testContext('sink', 'socket');
  const config = { mode: 'udp', address: 'host.invalid:9', encoding: { codec: 'text' } };
  const running = await sink.build(parseConfig(sink, config), context);
  let status: Status | undefined;
  const writing = running.write(logBatch([log('x')], new Finalizer((final) => (status = final))));
  await until(() => recorder.read('component_errors_total', { error_code: 'failed_connecting' }) >= 1);
  await running.end(AbortSignal.abort());
  await writing;
  assert.equal(status, 'errored');
});

test('events are datagrams on a unix socket, with their framing', async (t) => {
  const libc = await loadLibc();
  if (!libc) return t.skip('no access to the C library here');
  using folder = temporaryFolder();
  const path = join(folder.path, 'd.sock');
  const heard: string[] = [];
  const on = new UnixDatagramReceiver(libc, path, undefined, 10_000, {
    datagram: (bytes) => void heard.push(bytes.toString()),
    failed: (error) => assert.fail(error),
  });
  assert.ok(existsSync(path));
  const events = Array.from({ length: 500 }, (_, i) => log(`${i}`));
  const { statuses } = await runSink(sink, { mode: 'unix_datagram', path, encoding: { codec: 'text' } }, [events]);
  await until(() => heard.length === 500);
  on.close();
  assert.deepEqual(
    heard,
    Array.from({ length: 500 }, (_, i) => `${i}\n`),
  );
  assert.deepEqual(statuses, ['delivered']);
});

test('wrong options are named', async () => {
  const encoding = { codec: 'text' };
  assert.throws(() => parseConfig(sink, { mode: 'tcp', encoding }), /`address` is required/);
  assert.throws(() => parseConfig(sink, { mode: 'tcp', address: 'no-port', encoding }), /a host and a port/);
  assert.throws(() => parseConfig(sink, { mode: 'smoke', encoding }), /unknown value `smoke`/);
  assert.throws(() => parseConfig(sink, { mode: 'tcp', address: 'a:1' }), /`(encoding|codec)` is required/);
  const tls = { enabled: true, ca_file: '/nowhere.crt' };
  const { context } = testContext('sink', 'socket');
  await assert.rejects(async () => sink.build(parseConfig(sink, tcp(1, { tls })), context), /\/nowhere\.crt/);
});
