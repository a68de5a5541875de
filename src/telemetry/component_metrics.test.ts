import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../std/clock.ts';
import { Faults, Throughput } from './component_metrics.ts';
import { type LogRecord, memoryLogger } from './log.ts';
import { Registry } from './registry.ts';

function faults(rateLimitSecs = 0): { faults: Faults; recorder: Registry; records: LogRecord[] } {
  const recorder = new Registry();
  const { logger, records } = memoryLogger(new FakeClock(), 'trace', rateLimitSecs);
  return { faults: new Faults(recorder, logger), recorder, records };
}

test('an error is counted under its type, stage and code, and logged with them', () => {
  const { faults: it, recorder, records } = faults();
  it.error('Failed framing bytes.', {
    type: 'parser_failed',
    stage: 'processing',
    code: 'decoder_frame',
    fields: { peer: '127.0.0.1' },
  });
  it.error('Failed framing bytes.', { type: 'parser_failed', stage: 'processing', code: 'decoder_frame' }, 4);
  it.error('Unable to connect.', { type: 'parser_failed', stage: 'processing' });
  assert.equal(recorder.read('component_errors_total', { error_code: 'decoder_frame' }), 5);
  assert.deepEqual(recorder.all()[1]!.labels, { error_type: 'parser_failed', stage: 'processing' });
  assert.equal(recorder.all()[1]!.value, 1);
  assert.deepEqual(records[0], {
    timeMs: records[0]!.timeMs,
    level: 'error',
    message: 'Failed framing bytes.',
    fields: { error_type: 'parser_failed', stage: 'processing', error_code: 'decoder_frame', peer: '127.0.0.1' },
  });
});

test('dropped events are counted by reason: a loss is an error line, what was asked for is for debugging', () => {
  const { faults: it, recorder, records } = faults();
  it.discarded(3, 'The buffer is full.', true);
  it.discarded(2, 'encoder_failed', false, { path: '/a' });
  it.discarded(5, 'encoder_failed', false);
  assert.equal(recorder.read('component_discarded_events_total', { intentional: 'true' }), 3);
  assert.equal(recorder.read('sluice_discarded_events_total', { intentional: 'false', reason: 'encoder_failed' }), 7);
  assert.equal(recorder.read('component_discarded_events_total', { intentional: 'false' }), 7);
  assert.deepEqual(
    records.map(({ level, message, fields }) => [level, message, fields]),
    [
      ['debug', 'Events dropped', { count: 3, reason: 'The buffer is full.', intentional: true }],
      ['error', 'Events dropped', { count: 2, reason: 'encoder_failed', intentional: false, path: '/a' }],
      ['error', 'Events dropped', { count: 5, reason: 'encoder_failed', intentional: false }],
    ],
  );
});

test('a line may give the reason in more words than the counter', () => {
  const { faults: it, recorder, records } = faults();
  it.discarded(1, 'request_failed', false, { reason: 'HTTP 413' });
  assert.equal(recorder.read('sluice_discarded_events_total', { reason: 'request_failed' }), 1);
  assert.equal(records[0]!.fields['reason'], 'HTTP 413');
});

test('one reason does not hide another from the log, however often it comes', () => {
  const { faults: it, records } = faults(10);
  for (let i = 0; i < 100; i++) it.discarded(1, 'oversized', false);
  it.discarded(1, 'lost', false);
  for (let i = 0; i < 100; i++) it.error('Failed', { type: 'io_failed', stage: 'sending', code: 'one' });
  it.error('Failed', { type: 'io_failed', stage: 'sending', code: 'two' });
  assert.equal(records.length, 6);
  assert.deepEqual(
    records.map(({ fields }) => fields['reason'] ?? fields['error_code']),
    ['oversized', undefined, 'lost', 'one', undefined, 'two'],
  );
});

test('nothing is said when nothing happened', () => {
  const { faults: it, recorder, records } = faults();
  it.discarded(0, 'lost', false);
  it.error('Failed', { type: 'io_failed', stage: 'sending' }, 0);
  assert.deepEqual(records, []);
  assert.deepEqual(recorder.all(), []);
});

test('reasons without number cost neither memory nor counts', () => {
  const { faults: it, recorder } = faults();
  for (let i = 0; i < 1_000; i++) it.discarded(1, `reason ${i}`, false);
  assert.equal(recorder.read('component_discarded_events_total'), 1_000);
  assert.equal(recorder.read('sluice_discarded_events_total', { reason: 'other' }), 900);
  // The sum, a hundred reasons and `other`, and the count of those that became `other`.
  assert.equal(recorder.all().length, 1 + 101 + 1);
});

test('throughput is counted in events, bytes and events per batch; what is sent, by output', () => {
  const recorder = new Registry();
  Throughput.received(recorder).add(1_000, 50_000);
  Throughput.sent(recorder, '_default').add(10, 200);
  Throughput.sent(recorder, 'errors').add(1, 20);
  Throughput.sent(recorder).add(5, 100);
  assert.equal(recorder.read('component_received_events_total'), 1_000);
  assert.equal(recorder.read('component_received_event_bytes_total'), 50_000);
  assert.equal(recorder.read('component_received_events_count'), 1);
  assert.equal(recorder.read('component_sent_events_total', { output: 'errors' }), 1);
  assert.equal(recorder.read('component_sent_event_bytes_total', { output: '_default' }), 200);
  assert.equal(recorder.read('component_sent_events_total'), 16);
});
