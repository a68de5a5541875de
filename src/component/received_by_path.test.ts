import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Registry } from '../telemetry/registry.ts';
import { ReceivedByPath } from './received_by_path.ts';

test('bytes and events are counted by path, and sizes of batches without it', () => {
  const recorder = new Registry();
  const at = new ReceivedByPath(recorder, 'https').at('/a');
  at.bytes.add(10);
  at.events.add(2, 30);
  const labels = { protocol: 'https', http_path: '/a' };
  assert.equal(recorder.read('component_received_bytes_total', labels), 10);
  assert.equal(recorder.read('component_received_events_total', labels), 2);
  assert.equal(recorder.read('component_received_event_bytes_total', labels), 30);
  const sizes = recorder.all().find(({ name }) => name === 'component_received_events_count');
  assert.deepEqual([sizes?.labels, sizes?.value], [{}, 1]);
});

test('ever-new paths make no ever-new series, and everything is counted', () => {
  const recorder = new Registry();
  const received = new ReceivedByPath(recorder, 'http');
  for (let i = 0; i < 10_000; i++) {
    const at = received.at(`/${i}/${'x'.repeat(i % 500)}`);
    at.bytes.add(1);
    at.events.add(1, 1);
  }
  assert.equal(recorder.read('component_received_bytes_total'), 10_000);
  assert.equal(recorder.read('component_received_events_total'), 10_000);
  assert.equal(recorder.read('component_received_events_total', { http_path: 'other' }), 10_000 - 99);
  assert.equal(recorder.all().length, 3 * 100 + 1);
});
