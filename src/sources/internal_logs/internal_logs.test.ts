import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogEvent } from '../../event/event.ts';
import { Timestamp } from '../../event/timestamp.ts';
import type { ObjectValue } from '../../event/value.ts';
import { FakeClock } from '../../std/clock.ts';
import { Logger } from '../../telemetry/log.ts';
import { LogTap } from '../../telemetry/log_tap.ts';
import { parseConfig, type SourceOptions, startSource } from '../../testing/component.ts';
import { source } from './internal_logs.ts';

/** A running source and a logger that it follows, with nothing else on it. */
async function start(raw: Record<string, unknown> = {}, options: SourceOptions = {}) {
  const tap = new LogTap();
  const clock = new FakeClock();
  const log = new Logger({ level: 'trace', clock, rateLimitSecs: 0, write: () => {}, tap });
  const on = await startSource(source, raw, { id: 'own', ...options, log });
  return { on, log, tap, clock };
}

test('a line is an event that says who said it', async () => {
  const { on, log, clock } = await start();
  log
    .child({ component_id: 'out', component_kind: 'sink', component_type: 'http' })
    .error('It failed.', { error_code: 'x', retries: 3, ratio: 0.5, final: true, absent: undefined });
  await on.received(1);
  await on.stop();
  assert.deepEqual(on.values, [
    {
      message: 'It failed.',
      timestamp: Timestamp.fromMs(clock.now()),
      error_code: 'x',
      retries: 3,
      ratio: 0.5,
      final: true,
      metadata: { kind: 'event', level: 'ERROR', module_path: 'sluice::sinks::http', target: 'sluice::sinks::http' },
      vector: { component_id: 'out', component_kind: 'sink', component_type: 'http' },
      host: 'test-host',
      pid: process.pid,
      source_type: 'internal_logs',
    },
  ]);
  assert.equal(on.recorder.read('component_received_events_total'), 1);
  assert.ok(on.recorder.read('component_received_bytes_total', { protocol: 'internal' }) > 100);
});

test('keys are configurable and can be switched off', async () => {
  const { on, log } = await start({ host_key: 'node', pid_key: '' });
  log.info('x');
  await on.received(1);
  await on.stop();
  const value = on.values[0] as ObjectValue;
  assert.equal(value['node'], 'test-host');
  assert.equal('host' in value || 'pid' in value, false);
  assert.equal((value['metadata'] as ObjectValue)['target'], 'sluice');
});

test('in the vector namespace the process is metadata', async () => {
  const { on, log } = await start({}, { logNamespace: 'vector' });
  log.info('x');
  await on.received(1);
  await on.stop();
  const event = on.events[0] as LogEvent;
  assert.deepEqual(event.metadata.value['internal_logs'], { host: 'test-host', pid: process.pid });
  assert.equal('pid' in (event.value as ObjectValue), false);
});

test('lines of the start are sent too, and those at the stop', async () => {
  const tap = new LogTap();
  const log = new Logger({ level: 'info', clock: new FakeClock(), rateLimitSecs: 0, write: () => {}, tap });
  log.info('before');
  const on = await startSource(source, {}, { log });
  tap.started();
  const stopped = on.stop();
  log.info('at the stop');
  await stopped;
  log.info('after');
  assert.deepEqual(
    on.values.map((value) => (value as ObjectValue)['message']),
    ['before', 'at the stop'],
  );
});

test('lines beyond the queue are counted, and nothing is logged about it', async () => {
  let open: () => void = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const { on, log } = await start({}, { onBatch: () => gate });
  for (let i = 0; i < 10_500; i++) log.info(`line ${i}`);
  const dropped = on.recorder.read('component_discarded_events_total', { intentional: 'false' });
  assert.equal(dropped, 500);
  open();
  await on.received(10_000);
  await on.stop();
  assert.equal(on.events.length, 10_000);
  assert.equal(on.recorder.read('component_errors_total'), 0);
});

test('long lines count by their length', async () => {
  const { on, log } = await start();
  const text = 'x'.repeat(1_000_000);
  for (let i = 0; i < 6; i++) log.info(text);
  await on.received(4);
  await on.stop();
  assert.equal(on.recorder.read('component_discarded_events_total'), 2);
});

test('unknown options are refused', () => {
  assert.throws(() => parseConfig(source, { level: 'info' }), /level/);
});
