import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MetricEvent } from '../../event/metric.ts';
import { Timestamp } from '../../event/timestamp.ts';
import { Float, type Value } from '../../event/value.ts';
import { FakeClock } from '../../std/clock.ts';
import { log, parseConfig, runTransform, type TransformRun } from '../../testing/component.ts';
import { transform } from './log_to_metric.ts';

const run = (config: unknown, ...values: Value[]): Promise<TransformRun> =>
  runTransform(transform, config, [values.map((value) => log(value))], { clock: new FakeClock() });

const made = ({ outputs }: TransformRun): MetricEvent[] => (outputs[''] ?? []) as MetricEvent[];

const one = async (metric: object, value: Value): Promise<MetricEvent> => {
  const result = await run({ metrics: [metric] }, value);
  return made(result)[0]!;
};

test('counts logs that have the field, or adds its value', async () => {
  const counted = await one({ type: 'counter', field: 'v' }, { v: 'anything' });
  assert.deepEqual([counted.name, counted.kind, counted.value], ['v', 'incremental', { type: 'counter', value: 1 }]);
  const added = await one({ type: 'counter', field: 'v', increment_by_value: true, kind: 'absolute' }, { v: '2.5' });
  assert.deepEqual([added.kind, added.value], ['absolute', { type: 'counter', value: 2.5 }]);
});

test('makes gauges, sets, histograms and summaries', async () => {
  const value = { v: new Float(7) };
  const samples = [{ value: 7, rate: 1 }];
  const gauge = await one({ type: 'gauge', field: 'v' }, value);
  assert.deepEqual([gauge.kind, gauge.value], ['absolute', { type: 'gauge', value: 7 }]);
  const set = await one({ type: 'set', field: 'v' }, value);
  assert.deepEqual([set.kind, set.value], ['incremental', { type: 'set', values: ['7'] }]);
  for (const statistic of ['histogram', 'summary'] as const) {
    const metric = await one({ type: statistic, field: 'v' }, value);
    assert.deepEqual([metric.kind, metric.value], ['incremental', { type: 'distribution', samples, statistic }]);
  }
});

test('takes the time of the log, or of now', async () => {
  const timestamp = new Timestamp(1, 5);
  assert.deepEqual((await one({ type: 'set', field: 'v' }, { v: 'a', timestamp })).timestamp, timestamp);
  assert.deepEqual(
    (await one({ type: 'set', field: 'v' }, { v: 'a' })).timestamp,
    Timestamp.fromMs(new FakeClock().now()),
  );
});

test('renders name, namespace and tags', async () => {
  const metric = await one(
    {
      type: 'counter',
      field: 'a.b',
      name: 'n_{{ k }}',
      namespace: 's_{{ k }}',
      tags: { z: '{{ k }}', bare: null, fixed: 'f', missing: '{{ nowhere }}', list: ['{{ k }}', null, 'b'] },
    },
    { a: { b: 1 }, k: 'x' },
  );
  assert.equal(metric.name, 'n_x');
  assert.equal(metric.namespace, 's_x');
  assert.deepEqual(
    [...metric.tags!],
    [
      ['bare', null],
      ['fixed', 'f'],
      ['list', ['x', null, 'b']],
      ['z', 'x'],
    ],
  );
});

test('takes tags from the members of a JSON object', async () => {
  const config = { type: 'counter', field: 'v', tags: { 'l_*': '{{ labels }}', '{{ k }}': 'named' } };
  const metric = await one(config, { v: 1, k: 'a key', labels: { 'A.b': 'x', n: 2, none: null } });
  assert.deepEqual(
    [...metric.tags!],
    [
      ['a key', 'named'],
      ['l_a_b', 'x'],
      ['l_n', '2'],
    ],
  );
  const result = await run({ metrics: [config] }, { v: 1, labels: 'no object' });
  assert.deepEqual(made(result), []);
  assert.equal(result.recorder.read('component_errors_total', { error_type: 'parser_failed' }), 1);
});

test('gives all metrics of a log or none', async () => {
  const metrics = [
    { type: 'counter', field: 'a' },
    { type: 'gauge', field: 'b' },
  ];
  const result = await run({ metrics }, { a: 1, b: 2 }, { a: 1 }, { a: 1, b: null }, { a: 1, b: 'x' }, { b: 1 });
  assert.deepEqual(
    made(result).map(({ name }) => name),
    ['a', 'b'],
  );
  const errors = (error_code: string) => result.recorder.read('component_errors_total', { error_code });
  assert.deepEqual([errors('field_not_found'), errors('field_null'), errors('failed_parsing_float')], [2, 1, 1]);
  assert.equal(result.recorder.read('component_discarded_events_total', { intentional: 'false' }), 4);
  assert.deepEqual(result.statuses, ['delivered']);
});

test('reads numbers as Vector does', async () => {
  const texts = ['1', '-2.5e3', '.5', '5.', '+1', 'inf', '-Infinity', ' 1', '0x10', '1_0', '', 'true'];
  const result = await run({ metrics: [{ type: 'gauge', field: 'v' }] }, ...texts.map((v) => ({ v })));
  const values = made(result).map(({ value }) => value.type === 'gauge' && value.value);
  assert.deepEqual(values, [1, -2500, 0.5, 5, 1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]);
});

test('takes logs that are metrics', async () => {
  const result = await run(
    { all_metrics: true },
    { name: 'g', namespace: 'n', kind: 'absolute', gauge: { value: 2 }, tags: { b: 'x', a: ['y', null], n: 5 } },
    { name: 'c', kind: 'incremental', counter: { value: 2.5 } },
    { name: 's', kind: 'incremental', set: { values: ['b', 'a', 'b'] } },
    {
      name: 'd',
      kind: 'incremental',
      distribution: { samples: [{ value: 1.5, rate: 2 }], statistic: 'summary' },
    },
    {
      name: 'h',
      kind: 'absolute',
      aggregated_histogram: { buckets: [{ upper_limit: 'inf', count: 1 }], count: 1, sum: 1.5 },
    },
    {
      name: 'q',
      kind: 'absolute',
      aggregated_summary: { quantiles: [{ quantile: 0.5, value: 1.5 }], count: 1, sum: 1.5 },
    },
  );
  const metrics = made(result);
  assert.equal(metrics[0]!.namespace, 'n');
  assert.deepEqual(
    [...metrics[0]!.tags!],
    [
      ['a', ['y', null]],
      ['b', 'x'],
      ['n', null],
    ],
  );
  assert.deepEqual(
    metrics.map(({ value }) => value),
    [
      { type: 'gauge', value: 2 },
      { type: 'counter', value: 2.5 },
      { type: 'set', values: ['a', 'b'] },
      { type: 'distribution', samples: [{ value: 1.5, rate: 2 }], statistic: 'summary' },
      {
        type: 'aggregated_histogram',
        buckets: [{ upperLimit: Number.POSITIVE_INFINITY, count: 1 }],
        count: 1,
        sum: 1.5,
      },
      { type: 'aggregated_summary', quantiles: [{ quantile: 0.5, value: 1.5 }], count: 1, sum: 1.5 },
    ],
  );
});

for (const [code, value] of [
  ['field_not_found', { kind: 'absolute', gauge: { value: 1 } }],
  ['field_not_found', { name: 'a', gauge: { value: 1 } }],
  ['field_not_found', { name: 'a', kind: 'absolute', gauge: {} }],
  ['invalid_field_value', { name: 'a', kind: 'relative', gauge: { value: 1 } }],
  ['missing_metric_details', { name: 'a', kind: 'absolute' }],
  ['failed_parsing_float', { name: 'a', kind: 'absolute', gauge: { value: 'x' } }],
  ['failed_parsing_int', { name: 'a', kind: 'absolute', aggregated_summary: { quantiles: [], count: -1, sum: 1 } }],
  ['failed_parsing_array', { name: 'a', kind: 'absolute', set: { values: 'x' } }],
  ['field_not_found', 'text'],
] as const) {
  test(`counts ${JSON.stringify(value)} as ${code}`, async () => {
    const result = await run({ all_metrics: true }, value as unknown as Value);
    assert.deepEqual(made(result), []);
    assert.equal(result.recorder.read('component_errors_total', { error_code: code }), 1);
    assert.equal(result.recorder.read('component_discarded_events_total', { intentional: 'false' }), 1);
  });
}

test('says which tag has a name that is no template', () => {
  assert.throws(
    () => parseConfig(transform, { metrics: [{ type: 'set', field: 'a', tags: { '{{ ': 'x' } }] }),
    /the name of the tag `\{\{ ` is no template/,
  );
});
