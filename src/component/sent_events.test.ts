import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MetricEvent } from '../event/metric.ts';
import { log, testContext } from '../testing/component.ts';
import { OriginCounts, sentEvents } from './sent_events.ts';

const BOTH = { emitService: true, emitSource: true };

const metric = (service: string | null | string[] | undefined): MetricEvent => ({
  name: 'm',
  kind: 'absolute',
  value: { type: 'gauge', value: 1 },
  metadata: { value: {}, sourceId: 'in' },
  ...(service === undefined ? {} : { tags: new Map([['service', service]]) }),
});

test('the service of a metric is its tag, and `-` stands for none', () => {
  const { context, recorder } = testContext('sink', 'test');
  const origins = new OriginCounts(BOTH);
  for (const service of ['shop', 'shop', 'till', undefined, null, ['a', 'b']])
    origins.add(metric(service), 'metric', 10.25);
  origins.add(log('a line without a source'), 'log', 5);
  sentEvents(context, BOTH).add(7, 66, origins);
  const read = (labels: Record<string, string>) => [
    recorder.read('component_sent_events_total', labels),
    recorder.read('component_sent_event_bytes_total', labels),
  ];
  assert.deepEqual(read({ source: 'in', service: 'shop' }), [2, 21]);
  assert.deepEqual(read({ source: 'in', service: 'till' }), [1, 10]);
  assert.deepEqual(read({ source: 'in', service: '-' }), [3, 31]);
  assert.deepEqual(read({ source: '-', service: '-' }), [1, 5]);
});

test('ever-new services make no more series than the label may have values', () => {
  const { context, recorder } = testContext('sink', 'test');
  const sent = sentEvents(context, BOTH);
  for (let round = 0; round < 5; round++) {
    const origins = new OriginCounts(BOTH);
    for (let i = 0; i < 2_000; i++) origins.add(metric(`s${round}-${i}`), 'metric', 1);
    sent.add(2_000, 2_000, origins);
  }
  assert.equal(recorder.read('component_sent_events_total'), 10_000);
  const series = recorder.all().filter(({ name }) => name === 'component_sent_events_total');
  assert.equal(series.length, 101);
});
