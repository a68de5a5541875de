import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { metricBatch } from '../../event/batch.ts';
import { Finalizer, type Status } from '../../event/finalizer.ts';
import { EMPTY_METADATA } from '../../event/metadata.ts';
import type { MetricEvent, MetricValue } from '../../event/metric.ts';
import { loadLibc } from '../../net/libc.ts';
import { UnixDatagramReceiver } from '../../net/unix/datagram.ts';
import { FakeClock } from '../../std/clock.ts';
import { parseConfig, runSink, temporaryFolder, testContext } from '../../testing/component.ts';
import { sink } from './statsd.ts';

const counter = (name: string, value: number, kind: MetricEvent['kind'] = 'incremental') =>
  metric(name, { type: 'counter', value }, kind);

function metric(name: string, value: MetricValue, kind: MetricEvent['kind'] = 'incremental'): MetricEvent {
  return { name, kind, value, metadata: EMPTY_METADATA };
}

const isMetric = { type: 'metric' } as const;

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

async function streamReceiver(where: { port: number; host: string } | { path: string }) {
  const chunks: Buffer[] = [];
  const server: Server = createServer((socket) => socket.on('data', (bytes) => chunks.push(Buffer.from(bytes))));
  server.listen(where);
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    text: () => Buffer.concat(chunks).toString(),
    [Symbol.dispose]: () => void server.close(),
  };
}

async function udpReceiver() {
  const socket = createSocket('udp4');
  const messages: string[] = [];
  socket.on('message', (bytes) => messages.push(bytes.toString()));
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { port: socket.address().port, messages, [Symbol.dispose]: () => void socket.close() };
}

test('lines go out over TCP, and the batch is delivered', async () => {
  using server = await streamReceiver({ port: 0, host: '127.0.0.1' });
  const run = await runSink(
    sink,
    { mode: 'tcp', address: `127.0.0.1:${server.port}`, namespace: 'ns' },
    [[counter('a', 1), metric('g', { type: 'gauge', value: 2 }, 'absolute')], [counter('b', 2)]],
    isMetric,
  );
  await until(() => server.text().length >= 27);
  assert.equal(server.text(), 'ns.a:1|c\nns.g:2|g\nns.b:2|c\n');
  assert.deepEqual(run.statuses, ['delivered', 'delivered']);
  assert.equal(run.recorder.read('component_sent_events_total'), 3);
  assert.equal(run.recorder.read('component_sent_bytes_total', { protocol: 'tcp' }), 27);
});

test('lines go out over a unix socket', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'statsd.sock');
  using server = await streamReceiver({ path });
  await runSink(sink, { mode: 'unix', path }, [[counter('a', 1)]], isMetric);
  await until(() => server.text() === 'a:1|c\n');
});

test('datagrams hold as many lines as fit', async () => {
  using server = await udpReceiver();
  const samples = Array.from({ length: 30 }, (_, value) => ({ value, rate: 1 }));
  const run = await runSink(
    sink,
    { mode: 'udp', address: `127.0.0.1:${server.port}`, batch: { max_bytes: 100 } },
    [[counter('a', 1), counter('b', 2)], [metric('many', { type: 'distribution', samples, statistic: 'summary' })]],
    isMetric,
  );
  const expected = `a:1|c\nb:2|c\n${samples.map(({ value }) => `many:${value}|d\n`).join('')}`;
  await until(() => server.messages.join('').length === expected.length);
  assert.equal(server.messages.join(''), expected);
  assert.equal(server.messages[0], 'a:1|c\nb:2|c\n');
  for (const message of server.messages) assert.ok(message.length <= 100 && message.endsWith('\n'));
  assert.deepEqual(run.statuses, ['delivered', 'delivered']);
});

test('datagrams go out over a unix socket', async (t) => {
  const libc = await loadLibc();
  if (!libc) return t.skip('unix datagram sockets are not available here');
  using folder = temporaryFolder();
  const path = join(folder.path, 'statsd.sock');
  const messages: string[] = [];
  const receiver = new UnixDatagramReceiver(libc, path, undefined, 1000, {
    datagram: (bytes) => messages.push(bytes.toString()),
    failed: (error) => assert.fail(error),
  });
  await runSink(sink, { mode: 'unix', path, unix_mode: 'Datagram' }, [[counter('a', 1), counter('b', 2)]], isMetric);
  await until(() => messages.length > 0);
  receiver.close();
  assert.deepEqual(messages, ['a:1|c\nb:2|c\n']);
});

test('what waits is sent when its time is over', async () => {
  using server = await udpReceiver();
  const clock = new FakeClock();
  const { context } = testContext('sink', 'statsd', { clock });
  const config = parseConfig(sink, { mode: 'udp', address: `127.0.0.1:${server.port}`, batch: { timeout_secs: 2 } });
  const running = await sink.build(config, context);
  let status: Status | undefined;
  const finalizer = new Finalizer((end) => {
    status = end;
  });
  await running.write(metricBatch([counter('a', 1)], finalizer));
  await clock.advance(1_999);
  assert.equal(status, undefined);
  await clock.advance(1);
  await until(() => server.messages.length === 1);
  await until(() => status === 'delivered');
  await running.end();
});

test('absolute counters go out as increments, and what is only compared with is delivered', async () => {
  using server = await udpReceiver();
  const run = await runSink(
    sink,
    { mode: 'udp', address: `127.0.0.1:${server.port}` },
    [[counter('a', 10, 'absolute')], [counter('a', 13, 'absolute'), counter('b', 1)]],
    isMetric,
  );
  await until(() => server.messages.length === 1);
  assert.equal(server.messages[0], 'a:3|c\nb:1|c\n');
  assert.deepEqual(run.statuses, ['delivered', 'delivered']);
});

test('what the protocol has no word for is refused and counted', async () => {
  using server = await udpReceiver();
  const summary: MetricValue = { type: 'aggregated_summary', quantiles: [], count: 0, sum: 0 };
  const run = await runSink(
    sink,
    { mode: 'udp', address: `127.0.0.1:${server.port}` },
    [[metric('s', summary), counter('a', 1)]],
    isMetric,
  );
  await until(() => server.messages.length === 1);
  assert.deepEqual(run.statuses, ['rejected']);
  assert.equal(run.recorder.read('component_errors_total', { error_code: 'invalid_metric' }), 1);
  assert.equal(run.recorder.read('component_discarded_events_total', { intentional: 'false' }), 1);
  assert.equal(run.recorder.read('component_sent_events_total'), 1);
});

test('nobody who listens is an error, not a stall', async () => {
  const closed = await udpReceiver();
  const address = `127.0.0.1:${closed.port}`;
  closed[Symbol.dispose]();
  const batches = Array.from({ length: 20 }, () => [counter('a', 1)]);
  const run = await runSink(sink, { mode: 'udp', address, batch: { max_events: 1 } }, batches, isMetric);
  assert.equal(run.statuses.length, 20);
  const sent = run.recorder.read('component_sent_events_total');
  assert.equal(sent + run.recorder.read('component_discarded_events_total', { intentional: 'false' }), 20);
});

test('a stop whose time is over gives up what cannot be sent', async () => {
  const { context, recorder } = testContext('sink', 'statsd');
  const running = await sink.build(parseConfig(sink, { mode: 'tcp', address: '127.0.0.1:1' }), context);
  let status: Status | undefined;
  const finalizer = new Finalizer((end) => {
    status = end;
  });
  await running.write(metricBatch([counter('a', 1)], finalizer));
  await running.end(AbortSignal.abort());
  assert.equal(status, 'errored');
  assert.equal(recorder.read('component_discarded_events_total', { intentional: 'false' }), 1);
});

test('the health check asks whether somebody listens', async () => {
  using server = await streamReceiver({ port: 0, host: '127.0.0.1' });
  const check = async (port: number): Promise<void> => {
    const { context } = testContext('sink', 'statsd');
    const config = parseConfig(sink, { mode: 'tcp', address: `127.0.0.1:${port}` });
    await (await sink.build(config, context)).healthcheck!(new AbortController().signal);
  };
  await check(server.port);
  await assert.rejects(check(1), /ECONNREFUSED/);
});

test('options are checked', () => {
  assert.throws(() => parseConfig(sink, { mode: 'tcp' }), /address/);
  assert.throws(() => parseConfig(sink, { mode: 'unix', path: '/x', unix_mode: 'Packet' }), /unix_mode/);
  const { batch } = parseConfig(sink, { mode: 'unix', path: '/x' });
  assert.deepEqual(batch, { max_bytes: 1300, max_events: 1000, timeout_secs: 1 });
});
