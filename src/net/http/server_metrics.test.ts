import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Registry } from '../../telemetry/registry.ts';
import { ServerMetrics } from './server_metrics.ts';

function metrics() {
  const recorder = new Registry();
  const it = new ServerMetrics(recorder, (path) => (path.startsWith('/ours') ? '/ours' : undefined));
  const ask = (method: string, path: string, status = 200): void => {
    const series = it.of(method, path);
    series.received();
    series.answered(status, 1);
  };
  return { recorder, ask, read: (name: string, labels = {}) => recorder.read(`http_server_${name}`, labels) };
}

test('a path that is not ours has its name while there are few', () => {
  const { ask, read } = metrics();
  ask('POST', '/nope', 404);
  assert.equal(read('requests_received_total', { method: 'POST', path: '/nope' }), 1);
  assert.equal(read('responses_sent_total', { method: 'POST', path: '/nope', status: '404' }), 1);
});

test('ever-new paths and methods make no ever-new series, and every request is counted', () => {
  const { recorder, ask, read } = metrics();
  const methods = ['GET', 'POST', 'PUT', 'BREW', 'X'];
  for (let i = 0; i < 20_000; i++) {
    ask(methods[i % 5]!, `/p/${i}`, [404, 401, 405, 503, 400][i % 3]);
    if (i % 100 === 0) ask(`M${i}`, `/${'long'.repeat(1_000)}${i}`, 404);
  }
  assert.equal(read('requests_received_total'), 20_200);
  assert.equal(read('responses_sent_total'), 20_200);
  assert.equal(read('handler_duration_seconds'), 20_200);
  const all = recorder.all();
  const requests = all.filter(({ name }) => name === 'http_server_requests_received_total');
  assert.ok(requests.length <= 8 + 10, `${requests.length} series of requests`);
  const responses = all.filter(({ name }) => name === 'http_server_responses_sent_total');
  assert.ok(responses.length <= 12 + 5, `${responses.length} series of responses`);
  for (const { labels } of all) for (const value of Object.values(labels)) assert.ok(value.length <= 128);
});

test('our own paths keep their name after any number of others', () => {
  const { ask, read } = metrics();
  for (let i = 0; i < 1_000; i++) ask('GET', `/x${i}`, 404);
  for (let i = 0; i < 1_000; i++) ask('GET', `/x${i}`, 400 + (i % 50));
  ask('POST', '/ours/job/1');
  ask('POST', '/ours/job/2');
  assert.equal(read('requests_received_total', { method: 'POST', path: '/ours' }), 2);
  assert.equal(read('responses_sent_total', { method: 'POST', path: '/ours', status: '200' }), 2);
});

test('once there are too many series of answers, more share one by status', () => {
  const { ask, read } = metrics();
  for (let status = 400; status < 500; status++) ask('GET', '/ours', status);
  assert.equal(read('responses_sent_total', { method: 'GET', path: '/ours' }), 64);
  assert.equal(read('responses_sent_total', { method: 'other', path: 'other' }), 36);
  assert.equal(read('responses_sent_total'), 100);
});
