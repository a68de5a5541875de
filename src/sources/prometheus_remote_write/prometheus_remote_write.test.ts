import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { encodeSeries } from '../../codecs/prometheus/write_write_request.ts';
import { finish } from '../../event/batch.ts';
import type { MetricEvent } from '../../event/metric.ts';
import { asBuffer } from '../../std/bytes.ts';
import { snappyCompress } from '../../std/snappy.ts';
import { type SourceOptions, startSource } from '../../testing/component.ts';
import { source } from './prometheus_remote_write.ts';

async function receiving(raw: Record<string, unknown> = {}, options: SourceOptions = {}) {
  const running = await startSource(source, { address: '127.0.0.1:0', ...raw }, options);
  const port = running.records.map(({ fields }) => /:(\d+)$/.exec(String(fields['address']))?.[1]).find(Boolean);
  return {
    ...running,
    metrics: () => running.events as MetricEvent[],
    post: (body: Uint8Array, init: RequestInit = {}, path = '/') =>
      fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', body: Buffer.from(body), ...init }),
    [Symbol.asyncDispose]: () => running.stop(),
  };
}

const request = (name: string, value: number): Buffer =>
  encodeSeries({ name, help: '', labels: [['x', 'y']], timestampMs: 1_600, value: { type: 'counter', value } }, 0);
const snappy = (bytes: Buffer): Buffer => asBuffer(snappyCompress(bytes));

test('makes metrics of a request', async () => {
  await using one = await receiving();
  const body = snappy(request('hits', 3));
  const response = await one.post(body);
  assert.equal(response.status, 200);
  const [metric] = one.metrics();
  assert.deepEqual(
    [metric?.name, Object.fromEntries(metric!.tags!), metric?.kind, metric?.value, metric?.timestamp?.toMs()],
    ['hits', { x: 'y' }, 'absolute', { type: 'counter', value: 3 }, 1_600],
  );
  assert.equal(one.recorder.read('component_received_events_total'), 1);
  assert.equal(one.recorder.read('component_received_bytes_total', { protocol: 'http', http_path: '/' }), body.length);
});

test('takes other compressions where they are named', async () => {
  await using one = await receiving();
  const headers = (encoding: string) => ({ headers: { 'content-encoding': encoding } });
  assert.equal((await one.post(gzipSync(request('a', 1)), headers('gzip'))).status, 200);
  assert.equal((await one.post(request('b', 1), headers('identity'))).status, 200);
  assert.equal((await one.post(request('c', 1), headers('br'))).status, 415);
  assert.deepEqual(
    one.metrics().map(({ name }) => name),
    ['a', 'b'],
  );
});

test('answers with what became of the metrics', async () => {
  for (const [status, code] of [
    ['delivered', 200],
    ['errored', 500],
    ['rejected', 400],
  ] as const) {
    await using one = await receiving({}, { acknowledgements: true, status });
    assert.equal((await one.post(snappy(request('a', 1)))).status, code);
  }
});

test('waits with the answer for the delivery of all of it', async () => {
  await using one = await receiving({}, { acknowledgements: true, hold: true, globals: { chunkSizeEvents: 1 } });
  let answered = false;
  const response = one.post(snappy(Buffer.concat([request('a', 1), request('b', 1)]))).then(() => (answered = true));
  await one.received(2);
  finish(one.held[0]!);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(answered, false);
  finish(one.held[1]!);
  await response;
});

test('refuses what it cannot read, and goes on', async () => {
  await using one = await receiving();
  const broken = await one.post(snappy(Buffer.from([0x0a, 9, 1])));
  assert.equal(broken.status, 400);
  assert.deepEqual(await broken.json(), {
    code: 400,
    message: 'Could not decode write request: the message ends early',
  });
  assert.equal((await one.post(Buffer.from('no snappy'))).status, 422);
  assert.equal((await one.post(snappy(request('a', 1)))).status, 200);
  assert.equal(
    one.recorder.read('component_errors_total', {
      error_type: 'request_failed',
      error_code: 'http_response_400',
      error_stage: 'receiving',
    }),
    1,
  );
});

test('has its own path and method', async () => {
  await using one = await receiving({ path: '/api/v1/write' });
  assert.equal((await one.post(snappy(request('a', 1)), {}, '/api/v1/write/')).status, 200);
  assert.equal((await one.post(snappy(request('a', 1)), {}, '/')).status, 404);
  assert.equal((await one.post(snappy(request('a', 1)), { method: 'PUT' }, '/api/v1/write')).status, 405);
});

test('takes requests only from those who may', async () => {
  await using one = await receiving({ auth: { strategy: 'basic', username: 'u', password: 'p' } });
  assert.equal((await one.post(snappy(request('a', 1)))).status, 401);
  const headers = { authorization: `Basic ${Buffer.from('u:p').toString('base64')}` };
  assert.equal((await one.post(snappy(request('a', 1)), { headers })).status, 200);
});

test('native histograms are counted as lost', async () => {
  await using one = await receiving();
  const label = Buffer.from([0x0a, 13, 0x0a, 8, ...Buffer.from('__name__'), 0x12, 1, 0x6d]);
  const series = Buffer.concat([label, Buffer.from([0x22, 0])]);
  assert.equal((await one.post(snappy(Buffer.concat([Buffer.from([0x0a, series.length]), series])))).status, 200);
  assert.equal(
    one.recorder.read('sluice_discarded_events_total', { intentional: 'false', reason: 'native_histogram' }),
    1,
  );
});
