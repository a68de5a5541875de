import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import https from 'node:https';
import { test } from 'node:test';
import { metricBatch } from '../../event/batch.ts';
import { Finalizer, type Status } from '../../event/finalizer.ts';
import type { MetricEvent } from '../../event/metric.ts';
import { FakeClock } from '../../std/clock.ts';
import { certificates } from '../../testing/certificates.ts';
import { parseConfig, testContext } from '../../testing/component.ts';
import { counter, gauge, metric } from '../../testing/metrics.ts';
import { sink } from './prometheus_exporter.ts';

async function exporter(raw: Record<string, unknown> = {}) {
  const clock = new FakeClock();
  const test = testContext('sink', 'prometheus_exporter', { clock });
  const built = await sink.build(parseConfig(sink, { address: '127.0.0.1:0', ...raw }), test.context);
  const port = Number(test.records.map(({ fields }) => /:(\d+)$/.exec(String(fields['address']))?.[1]).find(Boolean));
  const statuses: Status[] = [];
  return {
    ...test,
    clock,
    port,
    statuses,
    write: (...events: MetricEvent[]) =>
      built.write(metricBatch(events, new Finalizer((status) => statuses.push(status)))),
    fetch: (path = '/metrics', init: RequestInit = {}) => fetch(`http://127.0.0.1:${port}${path}`, init),
    async text(): Promise<string> {
      return (await this.fetch()).text();
    },
    [Symbol.asyncDispose]: () => built.end(AbortSignal.abort()),
  };
}

test('shows what metrics stand at', async () => {
  await using one = await exporter({ default_namespace: 'app' });
  one.write(
    counter('hits', 1, { tags: { code: '200' } }),
    counter('hits', 2, { tags: { code: '200' }, timestampMs: 99 }),
  );
  one.write(gauge('temp', 2.5, { namespace: 'room' }));
  const response = await one.fetch();
  assert.equal(response.headers.get('content-type'), 'text/plain; version=0.0.4');
  assert.equal(
    await response.text(),
    '# HELP app_hits hits\n# TYPE app_hits counter\napp_hits{code="200"} 3 99\n# HELP room_temp temp\n# TYPE room_temp gauge\nroom_temp 2.5\n',
  );
  assert.deepEqual(one.statuses, ['delivered', 'delivered']);
  assert.equal(one.recorder.read('component_sent_events_total'), 2);
  assert.equal(one.recorder.read('http_server_requests_received_total', { method: 'GET', path: '/metrics' }), 1);
});

test('shows nothing before there is anything', async () => {
  await using one = await exporter();
  assert.equal(await one.text(), '');
  one.write(gauge('g', 1));
  assert.match(await one.text(), /^g 1$/m);
});

test('leaves times out where that is wanted', async () => {
  await using one = await exporter({ suppress_timestamp: true });
  one.write(gauge('g', 1, { timestampMs: 99 }));
  assert.match(await one.text(), /^g 1$/m);
});

test('shows distributions as histograms, or as summaries', async () => {
  const event = metric(
    'd',
    { type: 'distribution', samples: [{ value: 0.3, rate: 2 }], statistic: 'summary' },
    { kind: 'incremental' },
  );
  await using histogram = await exporter({ buckets: [0.5] });
  histogram.write(event, event);
  assert.match(await histogram.text(), /d_bucket\{le="0.5"\} 4\nd_bucket\{le="\+Inf"\} 4\nd_sum 1.2\nd_count 4\n/);
  await using summary = await exporter({ distributions_as_summaries: true, quantiles: [0.5] });
  summary.write(event);
  assert.match(await summary.text(), /# TYPE d summary\nd\{quantile="0.5"\} 0.3\nd_sum 0.6\nd_count 2\n/);
});

test('lets go of series that nothing comes for', async () => {
  await using one = await exporter({ flush_period_secs: 10 });
  one.write(gauge('old', 1), gauge('kept', 1));
  await one.clock.advance(9_000);
  one.write(gauge('kept', 2));
  await one.clock.advance(1_000);
  assert.match(await one.text(), /^old 1$/m);
  await one.clock.advance(9_000);
  one.write(gauge('kept', 3));
  await one.clock.advance(1_000);
  assert.equal(await one.text(), '# HELP kept kept\n# TYPE kept gauge\nkept 3\n');
  assert.equal(one.recorder.read('sluice_metric_series_expired_total'), 1);
});

test('answers those who may ask only, and only at its path', async () => {
  await using one = await exporter({ auth: { strategy: 'basic', user: 'u', password: 'p' } });
  const refused = await one.fetch();
  assert.equal(refused.status, 401);
  assert.equal(refused.headers.get('www-authenticate'), 'Basic, Bearer');
  const headers = { authorization: `Basic ${Buffer.from('u:p').toString('base64')}` };
  assert.equal((await one.fetch('/metrics', { headers })).status, 200);
  assert.equal((await one.fetch('/', { headers })).status, 404);
  assert.equal((await one.fetch('/metrics', { headers, method: 'POST' })).status, 404);
});

test('of the paths that peers make up, the first have a name in metrics', async () => {
  await using one = await exporter();
  for (let i = 0; i < 20; i++) await one.fetch(`/made-up-${i}`);
  assert.equal(one.recorder.read('http_server_requests_received_total', { method: 'GET', path: '/made-up-0' }), 1);
  assert.equal(one.recorder.read('http_server_requests_received_total', { method: 'GET', path: 'other' }), 4);
});

test('compresses for those who like it so', async () => {
  await using one = await exporter();
  for (let i = 0; i < 100; i++) one.write(gauge('g', i, { tags: { n: String(i) } }));
  const plain = await one.fetch('/metrics', { headers: { 'accept-encoding': 'identity, gzip; q=0.0' } });
  assert.equal(plain.headers.get('content-encoding'), null);
  const response = await one.fetch('/metrics', { headers: { 'accept-encoding': 'deflate, gzip;q=0.5' } });
  assert.equal(response.headers.get('content-encoding'), 'gzip');
  assert.equal(await response.text(), await plain.text());
});

test('scrapes at the same time are all answered', async () => {
  await using one = await exporter();
  for (let i = 0; i < 3_000; i++) one.write(gauge('g', i, { tags: { n: String(i) } }));
  const texts = await Promise.all(Array.from({ length: 20 }, () => one.text()));
  assert.equal(new Set(texts).size, 1);
  assert.equal(texts[0]?.split('\n').length, 3_003);
  one.write(gauge('last', 1));
  assert.match(await one.text(), /^last 1$/m);
  assert.equal(one.recorder.read('component_sent_events_total'), 20 * 3_000 + 3_001);
});

test('speaks TLS', async () => {
  const { cert, key } = certificates.server;
  await using one = await exporter({ tls: { enabled: true, crt_file: cert, key_file: key } });
  one.write(gauge('g', 1));
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const options = { host: '127.0.0.1', port: one.port, path: '/metrics', ca: readFileSync(certificates.authority) };
    https.get(options, (response) => resolve(response.resume().statusCode)).on('error', reject);
  });
  assert.equal(status, 200);
});

test('metrics that find no room are dropped and counted', async () => {
  await using one = await exporter();
  const values = (n: number) => Array.from({ length: 25_000 }, (_, i) => `${n} ${'x'.repeat(200)} ${i}`);
  for (let i = 0; i < 3; i++) one.write(metric(`set_${i}`, { type: 'set', values: values(i) }));
  assert.deepEqual(one.statuses, ['delivered', 'rejected', 'rejected']);
  assert.equal(one.recorder.read('sluice_discarded_events_total', { intentional: 'false', reason: 'series_limit' }), 2);
});

test('a bad option is told', () => {
  for (const raw of [{ buckets: [2, 1] }, { quantiles: [1.5] }, { flush_period_secs: 0 }, { address: 'localhost:1' }])
    assert.throws(() => parseConfig(sink, raw));
});
