import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MetricEvent } from '../../event/metric.ts';
import { Timestamp } from '../../event/timestamp.ts';
import { FakeClock } from '../../std/clock.ts';
import { parseConfig, startSource } from '../../testing/component.ts';
import { source } from './static_metrics.ts';

const metric = (name: string, value: unknown, raw: Record<string, unknown> = {}) => ({
  name,
  kind: 'absolute',
  tags: {},
  value,
  ...raw,
});

test('every value of the metric model is sent as configured', async () => {
  const metrics = [
    metric('a', { counter: { value: 3 } }, { kind: 'incremental', tags: { env: 'prod', constructor: 'x' } }),
    metric('b', { gauge: { value: -1.5 } }),
    metric('c', { set: { values: ['y', 'x', 'y'] } }),
    metric('d', { distribution: { samples: [{ value: 1, rate: 3 }], statistic: 'histogram' } }),
    metric('e', {
      aggregated_histogram: {
        buckets: [
          { upper_limit: 1, count: 2 },
          { upper_limit: 'inf', count: 1 },
        ],
        count: 3,
        sum: 9,
      },
    }),
    metric('f', { aggregated_summary: { quantiles: [{ quantile: 0.5, value: 2 }], count: 3, sum: 9 } }),
    metric('g', {
      sketch: {
        sketch: { AgentDDSketch: { bins: { k: [1, -2], n: [3, 4] }, count: 7, min: 1, max: 9, sum: 20, avg: 2.5 } },
      },
    }),
  ];
  const clock = new FakeClock();
  const on = await startSource(source, { metrics }, { clock });
  await clock.advance(0);
  await on.stop();
  const events = on.events as MetricEvent[];
  assert.deepEqual(
    events.map(({ name, namespace, kind, value }) => ({ name, namespace, kind, value })),
    [
      { name: 'a', kind: 'incremental', value: { type: 'counter', value: 3 } },
      { name: 'b', kind: 'absolute', value: { type: 'gauge', value: -1.5 } },
      { name: 'c', kind: 'absolute', value: { type: 'set', values: ['x', 'y'] } },
      {
        name: 'd',
        kind: 'absolute',
        value: { type: 'distribution', samples: [{ value: 1, rate: 3 }], statistic: 'histogram' },
      },
      {
        name: 'e',
        kind: 'absolute',
        value: {
          type: 'aggregated_histogram',
          buckets: [
            { upperLimit: 1, count: 2 },
            { upperLimit: Number.POSITIVE_INFINITY, count: 1 },
          ],
          count: 3,
          sum: 9,
        },
      },
      {
        name: 'f',
        kind: 'absolute',
        value: { type: 'aggregated_summary', quantiles: [{ quantile: 0.5, value: 2 }], count: 3, sum: 9 },
      },
      {
        name: 'g',
        kind: 'absolute',
        value: {
          type: 'sketch',
          sketch: { keys: [1, -2], counts: [3, 4], count: 7, min: 1, max: 9, sum: 20, avg: 2.5 },
        },
      },
    ].map((event) => ({ ...event, namespace: 'static' })),
  );
  assert.deepEqual(
    [...events[0]!.tags!],
    [
      ['env', 'prod'],
      ['constructor', 'x'],
    ],
  );
  assert.deepEqual(events[0]!.timestamp, Timestamp.fromMs(clock.now()));
});

test('metrics come at once and at every interval, each time with its time', async () => {
  const clock = new FakeClock();
  const on = await startSource(
    source,
    { interval_secs: 2, namespace: 'ours', metrics: [metric('up', { gauge: { value: 1 } })] },
    { clock },
  );
  await clock.advance(0);
  assert.equal(on.events.length, 1);
  await clock.advance(1_999);
  assert.equal(on.events.length, 1);
  await clock.advance(2_001);
  assert.equal(on.events.length, 3);
  await on.stop();
  const times = (on.events as MetricEvent[]).map(({ timestamp }) => timestamp!.toMs());
  assert.deepEqual(
    times.map((time) => time - times[0]!),
    [0, 2_000, 4_000],
  );
  assert.equal((on.events[0] as MetricEvent).namespace, 'ours');
});

test('wrong metrics are named', () => {
  const parse = (value: unknown) => parseConfig(source, { metrics: [metric('x', value)] });
  assert.throws(() => parse({}), /exactly one value/);
  assert.throws(() => parse({ gauge: { value: 1 }, counter: { value: 1 } }), /exactly one value/);
  assert.throws(() => parse({ gauge: {} }), /`value` is required/);
  assert.throws(() => parse({ gouge: { value: 1 } }), /unknown option `gouge`/);
  assert.throws(
    () => parse({ aggregated_summary: { quantiles: [{ quantile: 2, value: 1 }], count: 1, sum: 1 } }),
    /from 0 to 1/,
  );
  assert.throws(() => parseConfig(source, { interval_secs: 0 }), /above 0/);
});
