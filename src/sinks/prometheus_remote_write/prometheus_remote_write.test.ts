import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { readWriteRequest } from '../../codecs/prometheus/read_write_request.ts';
import { metricBatch } from '../../event/batch.ts';
import { EMPTY_METADATA } from '../../event/metadata.ts';
import type { MetricEvent } from '../../event/metric.ts';
import { asBuffer } from '../../std/bytes.ts';
import { FakeClock } from '../../std/clock.ts';
import { snappyDecompress } from '../../std/snappy.ts';
import { parseConfig, runSink, testContext } from '../../testing/component.ts';
import { type Answers, httpReceiver, type ReceivedRequest } from '../../testing/http_receiver.ts';
import { counter, gauge, metric } from '../../testing/metrics.ts';
import { sink } from './prometheus_remote_write.ts';

/** What the requests of a sink that is given these batches say. */
async function sent(batches: MetricEvent[][], raw: Record<string, unknown> = {}, answers: Answers = 200) {
  await using server = await httpReceiver(answers);
  const clock = new FakeClock();
  const run = await runSink(sink, { endpoint: `${server.uri}/write`, ...raw }, batches, { type: 'metric', clock });
  return { ...run, clock, requests: server.requests, series: server.requests.map((request) => seriesOf(request)) };
}

function seriesOf({ raw, headers }: ReceivedRequest) {
  const encoding = headers['content-encoding'];
  const bytes =
    encoding === 'snappy' ? asBuffer(snappyDecompress(raw, 1_000_000)) : encoding === 'gzip' ? gunzipSync(raw) : raw;
  const { families } = readWriteRequest(bytes, 'reject');
  return [...families.metrics({ nowMs: 0, metadata: EMPTY_METADATA })].map(({ name, tags, value, timestamp }) => ({
    name,
    tags: Object.fromEntries(tags ?? []),
    value,
    at: timestamp?.toMs(),
  }));
}

test('writes what metrics stand at', async () => {
  const { series, requests, statuses, clock, recorder } = await sent([
    [
      counter('hits', 1, { tags: { b: '1', a: '2' }, timestampMs: 10 }),
      counter('hits', 2, { tags: { a: '2', b: '1' } }),
    ],
    [gauge('temp', 2.5, { namespace: 'room', timestampMs: 30 })],
  ]);
  assert.deepEqual(series, [
    [
      { name: 'hits', tags: { a: '2', b: '1' }, value: { type: 'counter', value: 3 }, at: clock.now() },
      { name: 'room_temp', tags: {}, value: { type: 'gauge', value: 2.5 }, at: 30 },
    ],
  ]);
  const { method, path, headers } = requests[0]!;
  assert.deepEqual([method, path], ['POST', '/write']);
  assert.equal(headers['content-type'], 'application/x-protobuf');
  assert.equal(headers['content-encoding'], 'snappy');
  assert.equal(headers['x-prometheus-remote-write-version'], '0.1.0');
  assert.deepEqual(statuses, ['delivered', 'delivered']);
  assert.equal(recorder.read('component_sent_events_total'), 3);
});

test('without aggregation every value is written', async () => {
  const events = [gauge('g', 1, { timestampMs: 10 }), gauge('g', 2, { timestampMs: 20 })];
  const { series } = await sent([events], { batch: { aggregate: false } });
  assert.deepEqual(
    series[0]!.map(({ value, at }) => [value, at]),
    [
      [{ type: 'gauge', value: 1 }, 10],
      [{ type: 'gauge', value: 2 }, 20],
    ],
  );
});

test('the same event twice counts twice', async () => {
  const event = counter('c', 1);
  const { series } = await sent([[event, event, event]], { batch: { max_events: 2 } });
  assert.deepEqual(
    series.map(([one]) => one?.value),
    [
      { type: 'counter', value: 2 },
      { type: 'counter', value: 3 },
    ],
  );
});

test('distributions are written as what they say they are', async () => {
  const samples = [
    { value: 0.3, rate: 2 },
    { value: 4, rate: 1 },
  ];
  const { series } = await sent(
    [
      [
        metric('h', { type: 'distribution', samples, statistic: 'histogram' }, { kind: 'incremental' }),
        metric('s', { type: 'distribution', samples, statistic: 'summary' }, { kind: 'incremental' }),
      ],
    ],
    { buckets: [1], quantiles: [0.5], compression: 'gzip' },
  );
  assert.deepEqual(
    series[0]!.map(({ name, value }) => [name, value]),
    [
      ['h', { type: 'aggregated_histogram', buckets: [{ upperLimit: 1, count: 2 }], count: 3, sum: 4.6 }],
      ['s', { type: 'aggregated_summary', quantiles: [{ quantile: 0.5, value: 0.3 }], count: 3, sum: 4.6 }],
      ['s_min', { type: 'gauge', value: 0.3 }],
      ['s_max', { type: 'gauge', value: 4 }],
      ['s_avg', { type: 'gauge', value: 4.6 / 3 }],
    ],
  );
});

test('each tenant has requests of its own', async () => {
  const { requests, statuses, recorder } = await sent(
    [[gauge('a', 1, { tags: { t: 'x' } }), gauge('a', 1, { tags: { t: 'y' } }), gauge('a', 1)]],
    { tenant_id: '{{ tags.t }}' },
  );
  assert.deepEqual(requests.map(({ headers }) => headers['x-scope-orgid']).sort(), ['x', 'y']);
  assert.deepEqual(statuses, ['rejected']);
  assert.equal(recorder.read('sluice_discarded_events_total', { intentional: 'false', reason: 'template_failed' }), 1);
});

test('requests have the headers and credentials they are given', async () => {
  const { requests } = await sent([[gauge('a', 1)]], {
    auth: { strategy: 'basic', user: 'u', password: 'p' },
    request: { headers: { 'X-Mine': 'yes' } },
    default_namespace: 'app',
    compression: 'none',
  });
  assert.equal(requests[0]!.headers.authorization, `Basic ${Buffer.from('u:p').toString('base64')}`);
  assert.equal(requests[0]!.headers['x-mine'], 'yes');
  assert.equal(seriesOf(requests[0]!)[0]?.name, 'app_a');
});

test('a refusal rejects the batch', async () => {
  const { statuses } = await sent([[gauge('a', 1)]], {}, 400);
  assert.deepEqual(statuses, ['rejected']);
});

test('a series that had no update for a while begins anew', async () => {
  await using server = await httpReceiver();
  const clock = new FakeClock();
  const { context } = testContext('sink', 'prometheus_remote_write', { clock });
  const raw = { endpoint: server.uri, expire_metrics_secs: 10, batch: { max_events: 1 } };
  const built = await sink.build(parseConfig(sink, raw), context);
  for (const waitMs of [0, 9_000, 1_000, 11_000, 11_000]) {
    await clock.advance(waitMs);
    await built.write(metricBatch([counter('c', 1)]));
    await server.received(1);
  }
  await built.end();
  assert.deepEqual(
    server.requests.map((request) => seriesOf(request)[0]?.value),
    [1, 2, 3, 1, 1].map((value) => ({ type: 'counter', value })),
  );
});

test('the health check asks the endpoint', async () => {
  await using server = await httpReceiver([200, 404]);
  const { context } = testContext('sink', 'prometheus_remote_write');
  const built = await sink.build(parseConfig(sink, { endpoint: `${server.uri}/write` }), context);
  await built.healthcheck!(new AbortController().signal);
  await assert.rejects(built.healthcheck!(new AbortController().signal), /status 404/);
  assert.deepEqual([server.requests[0]?.method, server.requests[0]?.path], ['GET', '/write']);
  await built.end();
});
