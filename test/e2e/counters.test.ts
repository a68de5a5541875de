// The counters of a whole pipeline agree: at every edge, what comes in goes out, is dropped and counted, or is held.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { httpReceiver } from '../../src/testing/http_receiver.ts';
import { exchange } from './hostile.ts';
import { startInProcess } from './in_process.ts';

const tcp = { type: 'socket', mode: 'tcp', address: '127.0.0.1:0' };
const text = { codec: 'text' };

const RECEIVED = 'component_received_events_total';
const SENT = 'component_sent_events_total';
const DISCARDED = 'component_discarded_events_total';
const ERRORS = 'component_errors_total';

test('what a dead sink drops, and what it held when it was cut off, is all that it was given', async () => {
  await using dead = await httpReceiver('hang');
  await using it = await startInProcess({
    sources: { in: tcp },
    sinks: {
      fast: { type: 'blackhole', inputs: ['in'], print_interval_secs: 0 },
      dead: {
        type: 'http',
        inputs: ['in'],
        uri: dead.uri,
        encoding: text,
        batch: { max_events: 50, timeout_secs: 0.05 },
        request: { concurrency: 1 },
        healthcheck: false,
        buffer: { max_events: 1000, when_full: 'drop_newest' },
      },
    },
  });
  const lines = 200_000;
  const line = `${'x'.repeat(99)}\n`;
  await exchange(it.port('in'), line.repeat(lines), { end: true });
  await it.until('all lines at the fast sink', () => it.counted('fast', SENT) === lines);
  await it.until('drops', () => it.counted('dead', DISCARDED, { intentional: 'true' }) > 0);
  assert.equal(it.counted('dead', DISCARDED, { intentional: 'false' }), 0);
  const { forced, abandonedBatches } = await it.topology.stop(200);
  assert.deepEqual(forced, ['dead']);
  assert.equal(abandonedBatches, 0);
  assert.equal(it.counted('in', RECEIVED), lines);
  assert.equal(it.counted('in', SENT), lines);
  assert.equal(it.counted('fast', RECEIVED), lines);
  assert.equal(it.counted('dead', SENT), 0);
  assert.equal(it.counted('dead', DISCARDED), lines);
  assert.equal(it.counted('dead', 'buffer_received_events_total'), lines);
  assert.equal(
    it.counted('dead', 'buffer_sent_events_total') + it.counted('dead', 'buffer_discarded_events_total'),
    lines,
  );
});

test('what a server refuses or never takes is counted once for each event', async () => {
  await using server = await httpReceiver(({ body }) =>
    body.includes('bad') ? 400 : body.includes('busy') ? 503 : 200,
  );
  await using it = await startInProcess({
    sources: { in: { ...tcp, decoding: { codec: 'json' } } },
    sinks: {
      out: {
        type: 'http',
        inputs: ['in'],
        uri: server.uri,
        encoding: { codec: 'json' },
        batch: { max_events: 1 },
        request: { retry_attempts: 1, retry_initial_backoff_secs: 1, concurrency: 50 },
        healthcheck: false,
      },
    },
  });
  const kinds = ['good', 'bad', 'busy', 'no JSON'];
  const lines = Array.from({ length: 40 }, (_, i) => kinds[i % 4]).map((kind) =>
    kind === 'no JSON' ? '{"kind":' : JSON.stringify({ kind }),
  );
  await exchange(it.port('in'), `${lines.join('\n')}\n`, { end: true });
  await it.until('all outcomes', () => it.counted('out', SENT) + it.counted('out', DISCARDED) === 30);
  assert.equal(it.counted('in', ERRORS, { error_code: 'decoder_deserialize' }), 10);
  assert.equal(it.counted('in', RECEIVED), 30);
  assert.equal(it.counted('out', RECEIVED), 30);
  assert.equal(it.counted('out', SENT), 10);
  assert.equal(it.counted('out', DISCARDED, { intentional: 'false' }), 20);
  assert.equal(it.counted('out', ERRORS, { stage: 'sending' }), 20);
  assert.equal(server.bodies.filter((body) => body.includes('busy')).length, 20);
  assert.deepEqual((await it.topology.stop(1000)).forced, []);
});
