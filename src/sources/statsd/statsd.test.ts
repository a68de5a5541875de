import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import nodeTls from 'node:tls';
import type { MetricEvent } from '../../event/metric.ts';
import { certificates } from '../../testing/certificates.ts';
import { parseConfig, type RunningSource, startSource, temporaryFolder } from '../../testing/component.ts';
import { source } from './statsd.ts';

type Started = RunningSource & { readonly port: number; [Symbol.asyncDispose](): Promise<void> };

/** A running source, listening; stopped at the end of the block. */
async function start(raw: Record<string, unknown>): Promise<Started> {
  const running = await startSource(source, raw, { id: 'in' });
  const listening = running.records.find(({ message }) => message === 'Listening.');
  return {
    ...running,
    port: (listening!.fields['port'] as number | undefined) ?? 0,
    [Symbol.asyncDispose]: () => running.stop(),
  };
}

const tcp = (more: Record<string, unknown> = {}) => ({ mode: 'tcp', address: '127.0.0.1:0', ...more });

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

test('lines over TCP become metrics that know their source', async () => {
  await using on = await start(tcp());
  connect(on.port, '127.0.0.1').end('a:1|c\nb/c:2.5|g|#x:y\n\nd:320|ms');
  await on.received(3);
  const metadata = { value: {}, sourceId: 'in', sourceType: 'statsd' };
  assert.deepEqual(on.events, [
    { name: 'a', kind: 'incremental', value: { type: 'counter', value: 1 }, metadata },
    { name: 'b-c', kind: 'absolute', value: { type: 'gauge', value: 2.5 }, tags: new Map([['x', 'y']]), metadata },
    {
      name: 'd',
      kind: 'incremental',
      value: { type: 'distribution', samples: [{ value: 0.32, rate: 1 }], statistic: 'histogram' },
      metadata,
    },
  ]);
  assert.equal(on.recorder.read('component_received_bytes_total', { protocol: 'tcp' }), 30);
  assert.equal(on.recorder.read('component_received_events_total', { mode: 'tcp' }), 3);
  assert.equal(on.recorder.read('component_errors_total'), 0);
});

test('a line that is no metric is one error, and the next one is read', async () => {
  await using on = await start(tcp());
  connect(on.port, '127.0.0.1').end(
    Buffer.concat([Buffer.from('nonsense\na:1|c|#x:'), Buffer.from([0xff]), Buffer.from('\nok:1|c\n')]),
  );
  await on.received(1);
  assert.equal((on.events[0] as MetricEvent).name, 'ok');
  assert.equal(
    on.recorder.read('component_errors_total', { error_code: 'decoder_deserialize', stage: 'processing' }),
    2,
  );
  assert.equal(on.recorder.read('component_errors_total'), 2);
});

test('a line without an end is dropped at its limit, and counted', async () => {
  await using on = await start(tcp());
  connect(on.port, '127.0.0.1').end(`${'a'.repeat(1_048_577)}:1|c\nok:1|c\n`);
  await on.received(1);
  assert.equal((on.events[0] as MetricEvent).name, 'ok');
  assert.equal(on.recorder.read('component_discarded_events_total', { intentional: 'false' }), 1);
});

test('a datagram holds several lines', async () => {
  await using on = await start({ mode: 'udp', address: '127.0.0.1:0' });
  const client = createSocket('udp4');
  client.send('a:1|c\nb:2|c', on.port, '127.0.0.1');
  await on.received(2);
  client.close();
  assert.deepEqual(
    on.events.map((event) => (event as MetricEvent).name),
    ['a', 'b'],
  );
  assert.equal(on.recorder.read('component_received_bytes_total', { protocol: 'udp' }), 11);
  assert.ok(on.recorder.read('component_received_events_total', { mode: 'udp' }) > 0);
});

test('lines over a unix socket', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'statsd.sock');
  await using on = await start({ mode: 'unix', path });
  connect(path).end('a:1|c\n');
  await on.received(1);
  await until(() => on.recorder.read('connection_shutdown_total', { mode: 'unix' }) === 1);
});

test('lines over TLS', async () => {
  const { authority, server } = certificates;
  await using on = await start(tcp({ tls: { enabled: true, crt_file: server.cert, key_file: server.key } }));
  nodeTls.connect({ port: on.port, host: '127.0.0.1', ca: readFileSync(authority) }).end('a:1|c\n');
  await on.received(1);
});

test('options are checked', () => {
  assert.throws(() => parseConfig(source, {}), /mode/);
  assert.throws(() => parseConfig(source, { mode: 'unix' }), /path/);
  assert.throws(() => parseConfig(source, tcp({ convert_to: 'minutes' })), /convert_to/);
  assert.throws(() => parseConfig(source, { mode: 'udp', address: 'localhost:1' }), /IP address/);
});
