import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import https from 'node:https';
import { test } from 'node:test';
import { metricBatch } from '../../event/batch.ts';
import { Finalizer, type Status } from '../../event/finalizer.ts';
import type { MetricEvent } from '../../event/metric.ts';
import { sign } from '../../net/aws/sigv4.ts';
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

for (const [auth, right] of [
  [{ strategy: 'bearer', token: 't' }, 'Bearer t'],
  [{ strategy: 'custom', value: 'ApiKey k' }, 'ApiKey k'],
] as const) {
  test(`takes the whole header of the strategy ${auth.strategy}, and nothing like it`, async () => {
    await using one = await exporter({ auth });
    const status = async (authorization: string): Promise<number> =>
      (await one.fetch('/metrics', { headers: { authorization } })).status;
    assert.equal(await status(right), 200);
    for (const wrong of [`${right}x`, right.slice(0, -1), right.toUpperCase(), right.split(' ')[1]!, 'Basic dDp0'])
      assert.equal(await status(wrong), 401, wrong);
    assert.equal((await one.fetch()).status, 401);
  });
}

const KEYS = { access_key_id: 'id', secret_access_key: 'secret', region: 'eu-west-1' };

test('takes scrapes that are signed with the access key, and no others', async () => {
  await using one = await exporter({ auth: { strategy: 'aws', service: 'aps', auth: KEYS } });
  const url = new URL(`http://127.0.0.1:${one.port}/metrics`);
  const status = async (secretAccessKey: string, signedMs: number): Promise<number> => {
    const credentials = { accessKeyId: 'id', secretAccessKey };
    const scope = { service: 'aps', region: 'eu-west-1' };
    const headers = sign({ method: 'GET', url, headers: {} }, credentials, scope, signedMs);
    return (await one.fetch('/metrics', { headers })).status;
  };
  assert.equal(await status('secret', one.clock.now()), 200);
  assert.equal(await status('another', one.clock.now()), 401);
  assert.equal(await status('secret', one.clock.now() - 301_000), 401);
  assert.equal((await one.fetch()).status, 401);
});

test('with AWS and no access key to check signatures with, every scrape is refused, and the log says so', async () => {
  const auth = { ...KEYS, assume_role: 'arn:aws:iam::1:role/r' };
  await using one = await exporter({ auth: { strategy: 'aws', service: 'aps', auth } });
  const told = one.records.filter(({ fields }) => fields['strategy'] === 'aws');
  assert.deepEqual(
    told.map(({ level }) => level),
    ['warn'],
  );
  assert.equal((await one.fetch()).status, 401);
});

test('of the paths that peers make up, the first have a name in metrics', async () => {
  await using one = await exporter();
  for (let i = 0; i < 20; i++) await one.fetch(`/made-up-${i}`);
  assert.equal(one.recorder.read('http_server_requests_received_total', { method: 'GET', path: '/made-up-0' }), 1);
  assert.equal(one.recorder.read('http_server_requests_received_total', { method: 'GET', path: 'other' }), 12);
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

test('over TLS, a scraper without a certificate of the right authority is refused where one is wanted', async () => {
  const { cert, key } = certificates.server;
  const files = { crt_file: cert, key_file: key, ca_file: certificates.authority, verify_certificate: true };
  await using one = await exporter({ tls: { enabled: true, ...files } });
  const scrape = (client: { readonly cert?: Buffer; readonly key?: Buffer }): Promise<number | 'refused'> =>
    new Promise((resolve) => {
      const ca = readFileSync(certificates.authority);
      const options = { host: '127.0.0.1', port: one.port, path: '/metrics', ca, ...client };
      https.get(options, (response) => resolve(response.resume().statusCode!)).on('error', () => resolve('refused'));
    });
  assert.equal(await scrape({}), 'refused');
  const { client } = certificates;
  assert.equal(await scrape({ cert: readFileSync(client.cert), key: readFileSync(client.key) }), 200);
  assert.equal(
    await fetch(`http://127.0.0.1:${one.port}/metrics`).then(
      ({ status }) => status,
      () => 'refused',
    ),
    'refused',
  );
});

test('a series that was let go begins anew', async () => {
  await using one = await exporter({ flush_period_secs: 10 });
  one.write(counter('hits', 5), metric('users', { type: 'set', values: ['a', 'b'] }, { kind: 'incremental' }));
  await one.clock.advance(11_000);
  await one.clock.advance(10_000);
  assert.equal(await one.text(), '');
  one.write(counter('hits', 1), metric('users', { type: 'set', values: ['a'] }, { kind: 'incremental' }));
  const text = await one.text();
  assert.match(text, /^hits 1$/m);
  assert.match(text, /^users 1$/m);
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
