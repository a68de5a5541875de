import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MetricEvent } from '../../event/metric.ts';
import { type SourceOptions, startSource } from '../../testing/component.ts';
import { labelsOfPath } from './labels_of_path.ts';
import { source } from './prometheus_pushgateway.ts';

async function receiving(raw: Record<string, unknown> = {}, options: SourceOptions = {}) {
  const running = await startSource(source, { address: '127.0.0.1:0', ...raw }, options);
  const port = running.records.map(({ fields }) => /:(\d+)$/.exec(String(fields['address']))?.[1]).find(Boolean);
  return {
    ...running,
    metrics: () => running.events as MetricEvent[],
    push: (path: string, body: string, method = 'POST') => fetch(`http://127.0.0.1:${port}${path}`, { method, body }),
    [Symbol.asyncDispose]: () => running.stop(),
  };
}

test('labels of the path stand over those of the metrics', async () => {
  await using one = await receiving();
  const response = await one.push('/metrics/job/backup/instance/db', '# TYPE runs counter\nruns{job="x",a="b"} 2\n');
  assert.equal(response.status, 200);
  const [metric] = one.metrics();
  assert.deepEqual([metric?.name, metric?.kind, metric?.value], ['runs', 'absolute', { type: 'counter', value: 2 }]);
  assert.deepEqual(Object.fromEntries(metric!.tags!), { job: 'backup', a: 'b', instance: 'db' });
});

test('counters and histograms add up where that is wanted', async () => {
  await using one = await receiving({ aggregate_metrics: true });
  await one.push('/metrics/job/x', '# TYPE c counter\nc 1\n# TYPE h histogram\nh_count 1\ng 1\n', 'PUT');
  assert.deepEqual(
    one.metrics().map(({ name, kind }) => [name, kind]),
    [
      ['c', 'incremental'],
      ['h', 'incremental'],
      ['g', 'absolute'],
    ],
  );
});

for (const [path, body, method, status, message] of [
  ['/metrics', 'a 1\n', 'POST', 404, "Path must begin with '/metrics/job'"],
  ['/metrics/job/x/y', 'a 1\n', 'POST', 400, 'Incomplete label pair in the path'],
  ['/metrics/job@base64/!', 'a 1\n', 'POST', 400, 'The value of the label `job@base64` cannot be decoded'],
  ['/metrics/job/x', 'a b\n', 'POST', 422, 'Failed to parse metrics body: line 1: a number is expected at "b"'],
] as const)
  test(`answers ${status} to ${method} ${path} with ${JSON.stringify(body)}`, async () => {
    await using one = await receiving();
    const response = await one.push(path, body, method);
    assert.equal(response.status, status);
    assert.deepEqual(await response.json(), { code: status, message });
    assert.deepEqual(one.events, []);
  });

test('other methods are refused', async () => {
  await using one = await receiving();
  assert.equal((await one.push('/metrics/job/x', '', 'DELETE')).status, 405);
});

test('names of jobs do not become labels', async () => {
  await using one = await receiving();
  for (let i = 0; i < 10; i++) await one.push(`/metrics/job/made-up-${i}`, 'a 1\n');
  assert.equal(one.recorder.read('http_server_requests_received_total', { method: 'POST', path: '/metrics/job' }), 10);
});

test('a push is answered with what became of it', async () => {
  await using one = await receiving({}, { acknowledgements: true, status: 'errored' });
  assert.equal((await one.push('/metrics/job/x', 'a 1\n')).status, 500);
});

test('labels of paths may be encoded', () => {
  assert.deepEqual(
    labelsOfPath('/metrics/job/a%2Fb/path@base64/L3Zhci90bXA/empty@base64/=/u@base64/w7w='),
    new Map([
      ['job', 'a/b'],
      ['path', '/var/tmp'],
      ['empty', ''],
      ['u', 'ü'],
    ]),
  );
  assert.equal(typeof labelsOfPath('/metrics/job/%ff'), 'string');
  assert.equal(typeof labelsOfPath('/metrics/job@base64/_w'), 'string');
});
