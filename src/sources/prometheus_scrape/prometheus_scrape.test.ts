import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { MetricEvent } from '../../event/metric.ts';
import { FakeClock } from '../../std/clock.ts';
import { parseConfig, startSource, testContext } from '../../testing/component.ts';
import { type Answers, httpReceiver } from '../../testing/http_receiver.ts';
import { source } from './prometheus_scrape.ts';

const TEXT = '# TYPE hits counter\nhits{code="200",instance="mine"} 3\nup 1 1600\n';

async function scraping(answers: Answers, raw: Record<string, unknown> = {}, path = '/metrics') {
  const server = await httpReceiver(answers);
  const clock = new FakeClock();
  const running = await startSource(source, { endpoints: [`${server.uri}${path}`], ...raw }, { clock });
  return {
    ...running,
    server,
    clock,
    metrics: () => running.events as MetricEvent[],
    async [Symbol.asyncDispose]() {
      await running.stop();
      await server.close();
    },
  };
}

/** Waits until a counter is there, while real time goes by. */
async function until(condition: () => boolean): Promise<void> {
  const started = Date.now();
  while (!condition()) {
    assert.ok(Date.now() - started < 5_000, 'it took too long');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

test('makes metrics of what an endpoint says', async () => {
  await using one = await scraping({ body: TEXT });
  await one.received(2);
  assert.deepEqual(
    one
      .metrics()
      .map(({ name, tags, kind, value, timestamp }) => [
        name,
        tags && Object.fromEntries(tags),
        kind,
        value,
        timestamp?.toMs(),
      ]),
    [
      ['hits', { code: '200', instance: 'mine' }, 'absolute', { type: 'counter', value: 3 }, one.clock.now()],
      ['up', undefined, 'absolute', { type: 'gauge', value: 1 }, 1_600],
    ],
  );
  const { headers, method } = one.server.requests[0]!;
  assert.equal(method, 'GET');
  assert.equal(headers.accept, 'text/plain');
  const uri = `${one.server.uri}/metrics`;
  assert.equal(one.recorder.read('component_received_events_total', { uri }), 2);
  assert.equal(one.recorder.read('component_received_bytes_total', { protocol: 'http', endpoint: uri }), TEXT.length);
});

test('scrapes again at each interval', async () => {
  await using one = await scraping({ body: 'up 1\n' }, { scrape_interval_secs: 10 });
  await one.received(1);
  await one.clock.advance(9_999);
  assert.equal(one.server.requests.length, 1);
  await one.clock.advance(1);
  await one.received(2);
});

test('tags say where metrics come from, and those that were there are renamed', async () => {
  await using one = await scraping({ body: TEXT }, { instance_tag: 'instance', endpoint_tag: 'endpoint' });
  await one.received(2);
  const instance = `127.0.0.1:${one.server.port}`;
  const endpoint = `${one.server.uri}/metrics`;
  assert.deepEqual(Object.fromEntries(one.metrics()[0]!.tags!), {
    code: '200',
    exported_instance: 'mine',
    instance,
    endpoint,
  });
  assert.deepEqual(Object.fromEntries(one.metrics()[1]!.tags!), { instance, endpoint });
});

test('tags that were there stay where they are to be honoured', async () => {
  await using one = await scraping({ body: TEXT }, { instance_tag: 'instance', honor_labels: true });
  await one.received(2);
  assert.equal(one.metrics()[0]!.tags!.get('instance'), 'mine');
});

test('parameters are added to those of the URL, programs run for each request', async () => {
  const query = { 'match[]': ['a b', { value: 'c' }], at: { type: 'vrl', value: 'to_unix_timestamp(now())' } };
  await using one = await scraping({ body: 'up 1\n' }, { query }, '/federate?x=1');
  await one.received(1);
  assert.equal(
    one.server.requests[0]!.path,
    `/federate?x=1&match%5B%5D=a+b&match%5B%5D=c&at=${one.clock.now() / 1000}`,
  );
});

test('a program among the parameters must compile', () => {
  const config = parseConfig(source, { endpoints: ['http://a'], query: { x: { type: 'vrl', value: 'nope(' } } });
  const { context } = testContext('source', 'prometheus_scrape');
  assert.deepEqual(
    source.verify!(config, context).map(({ path }) => path),
    [['query', 'x', 'value']],
  );
});

test('says who asks', async () => {
  await using one = await scraping({ body: 'up 1\n' }, { auth: { strategy: 'bearer', token: 't' } });
  await one.received(1);
  assert.equal(one.server.requests[0]!.headers.authorization, 'Bearer t');
});

test('reads compressed answers', async () => {
  await using one = await scraping({ body: gzipSync(TEXT), headers: { 'content-encoding': 'gzip' } });
  await one.received(2);
});

for (const [title, answer, labels] of [
  ['a refusal', 503, { error_type: 'request_failed', error_code: 'http_response_503', stage: 'receiving' }],
  ['a broken connection', 'reset', { error_type: 'request_failed', stage: 'receiving' }],
  ['text that is none', { body: 'up 1\n{nonsense' }, { error_type: 'parser_failed', stage: 'processing' }],
  ['an endless answer', 'endless', { error_type: 'parser_failed', stage: 'receiving' }],
  [
    'a damaged answer',
    { body: 'no gzip', headers: { 'content-encoding': 'gzip' } },
    { error_type: 'parser_failed', stage: 'receiving' },
  ],
] as const)
  test(`${title} costs an error and no more`, async () => {
    await using one = await scraping([answer, { body: 'up 1\n' }], { scrape_interval_secs: 1 });
    await until(() => one.recorder.read('component_errors_total', labels) === 1);
    assert.deepEqual(one.events, []);
    await one.clock.advance(1_000);
    await one.received(1);
  });

test('an endpoint that does not answer is given up', async () => {
  await using one = await scraping('hang', { scrape_timeout_secs: 2 });
  await one.server.received(1);
  await one.clock.advance(2_000);
  await until(() => one.recorder.read('component_errors_total', { error_type: 'timed_out', stage: 'receiving' }) === 1);
});

test('several endpoints are asked, and many metrics come in several batches', async () => {
  await using first = await httpReceiver({
    body: 'a 1\n'.concat(...Array.from({ length: 2_500 }, (_, i) => `b{n="${i}"} 1\n`)),
  });
  await using second = await httpReceiver({ body: 'c 1\n' });
  const sizes: number[] = [];
  const running = await startSource(
    source,
    { hosts: [first.uri, second.uri] },
    { clock: new FakeClock(), onBatch: (batch) => void sizes.push(batch.count) },
  );
  await running.received(2_502);
  assert.deepEqual(sizes.sort(), [1, 1_000, 1_000, 501]);
  await running.stop();
});
