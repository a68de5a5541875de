import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logBatch, metricBatch } from '../event/batch.ts';
import { EMPTY_METADATA } from '../event/metadata.ts';
import { Timestamp } from '../event/timestamp.ts';
import type { ObjectValue, Value } from '../event/value.ts';
import { FakeClock } from '../std/clock.ts';
import { testContext } from '../testing/component.ts';
import { SourceEdge, transformLevel } from './edge_metrics.ts';

function edge(logNamespace: 'legacy' | 'vector' = 'legacy') {
  const clock = new FakeClock();
  const { context, recorder } = testContext('source', 'syslog', { clock, logNamespace });
  const it = new SourceEdge(context, [[undefined, '_default']]);
  const lag = () => recorder.all().find(({ name }) => name === 'source_lag_time_seconds')!;
  const ago = (secs: number): Timestamp => Timestamp.fromMs(clock.now() - secs * 1000);
  return { clock, recorder, it, lag, ago };
}

const log = (value: Value, metadata: ObjectValue = {}) =>
  logBatch([
    { value, metadata: { ...EMPTY_METADATA, value: metadata } },
    { value: {}, metadata: EMPTY_METADATA },
  ]);

test('lag is how old the first event of a batch is, once per batch', () => {
  const { clock, it, lag, ago } = edge();
  it.sending(log({ timestamp: ago(8) }), undefined, clock.monotonic());
  assert.deepEqual([lag().value, lag().sum], [1, 8]);
  it.sending(log({ message: 'without a time' }), undefined, clock.monotonic());
  it.sending(log({ timestamp: 'yesterday' }), undefined, clock.monotonic());
  assert.equal(lag().value, 1);
  const value = { type: 'gauge', value: 1 } as const;
  const metric = { name: 'm', kind: 'absolute', value, timestamp: ago(2), metadata: EMPTY_METADATA } as const;
  it.sending(metricBatch([metric]), undefined, clock.monotonic());
  assert.deepEqual([lag().value, lag().sum], [2, 10]);
});

test('in the log namespace of Vector the time is in the metadata', () => {
  const { clock, it, lag, ago } = edge('vector');
  it.sending(log({ timestamp: ago(100) }, { syslog: { timestamp: ago(3) } }), undefined, clock.monotonic());
  it.sending(log('text', { vector: { ingest_timestamp: ago(1) } }), undefined, clock.monotonic());
  assert.deepEqual([lag().value, lag().sum], [2, 4]);
});

test('what waits is in the level, and every batch in the histogram and the mean', () => {
  const { clock, recorder, it } = edge();
  const read = (name: string) => recorder.read(`source_buffer_utilization${name}`, { output: '_default' });
  it.sending(log({}), undefined, clock.monotonic());
  it.waits(2, undefined);
  assert.deepEqual([read('_level'), read(''), read('_mean')], [2, 1, 2]);
  it.sending(log({}), undefined, clock.monotonic() + 5_000);
  assert.equal(read('_mean'), 3);
  it.taken(2, undefined);
  assert.deepEqual([read('_level'), read('')], [0, 2]);
});

test('how long it took until a batch was taken is told twice, as sources send batches only', () => {
  const { recorder, it } = edge();
  it.sent(250);
  for (const name of ['source_send_latency_seconds', 'source_send_batch_latency_seconds']) {
    const { value, sum } = recorder.all().find((one) => one.name === name)!;
    assert.deepEqual([value, sum], [1, 0.25]);
  }
});

test('the line in front of a transform is told in the same way', () => {
  const { context, recorder } = testContext('transform', 'remap');
  const level = transformLevel(context);
  level.came(10, 0);
  level.waits(10);
  level.came(5, 0);
  level.taken(10);
  assert.equal(recorder.read('transform_buffer_utilization'), 2);
  assert.equal(recorder.read('transform_buffer_utilization_level'), 0);
  assert.equal(recorder.read('transform_buffer_utilization_mean'), 10);
  assert.equal(recorder.read('transform_buffer_max_size_events'), 1_000);
});
