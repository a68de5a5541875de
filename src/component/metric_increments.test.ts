import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EMPTY_METADATA } from '../event/metadata.ts';
import type { MetricEvent, MetricValue, Tags } from '../event/metric.ts';
import { testContext } from '../testing/component.ts';
import { MetricIncrements, SERIES_BYTES } from './metric_increments.ts';
import { KEY_BYTES } from './state_key.ts';

function metric(name: string, value: MetricValue, more: Partial<MetricEvent> = {}): MetricEvent {
  return { name, kind: 'absolute', value, metadata: EMPTY_METADATA, ...more };
}

const counter = (value: number): MetricValue => ({ type: 'counter', value });

function increments(bytesMax?: number) {
  const { context, recorder } = testContext('sink', 'statsd');
  return { state: new MetricIncrements(context, bytesMax), recorder };
}

test('a series goes on as the difference to what it was', () => {
  const { state } = increments();
  assert.equal(state.next(metric('a', counter(10))), undefined);
  const next = state.next(metric('a', counter(12.5)));
  assert.deepEqual(next, metric('a', counter(2.5), { kind: 'incremental' }));
});

test('an increment goes on as it is', () => {
  const { state } = increments();
  const event = metric('a', counter(3), { kind: 'incremental' });
  assert.equal(state.next(event), event);
  assert.equal(state.size, 0);
});

test('a counter that fell begins anew', () => {
  const { state } = increments();
  state.next(metric('a', counter(10)));
  assert.equal(state.next(metric('a', counter(4))), undefined);
  assert.deepEqual(state.next(metric('a', counter(5)))?.value, counter(1));
});

test('sets and distributions keep what is new', () => {
  const { state } = increments();
  state.next(metric('s', { type: 'set', values: ['a', 'b'] }));
  assert.deepEqual(state.next(metric('s', { type: 'set', values: ['b', 'c'] }))?.value, { type: 'set', values: ['c'] });
  const distribution = (...values: number[]): MetricValue => ({
    type: 'distribution',
    samples: values.map((value) => ({ value, rate: 1 })),
    statistic: 'summary',
  });
  state.next(metric('d', distribution(1, 2)));
  assert.deepEqual(state.next(metric('d', distribution(1, 2, 3)))?.value, distribution(3));
  assert.equal(state.next(metric('d', counter(1))), undefined);
});

test('namespace, name and tags tell series apart, the order of tags does not', () => {
  const { state } = increments();
  const tags = (...entries: [string, string | null][]): Tags => new Map(entries);
  state.next(metric('a', counter(1), { tags: tags(['x', '1'], ['y', null]) }));
  for (const other of [
    metric('a', counter(1)),
    metric('a', counter(1), { namespace: 'n' }),
    metric('b', counter(1), { tags: tags(['x', '1'], ['y', null]) }),
    metric('a', counter(1), { tags: tags(['x', '1'], ['y', '']) }),
  ])
    assert.equal(state.next(other), undefined);
  assert.deepEqual(state.next(metric('a', counter(3), { tags: tags(['y', null], ['x', '1']) }))?.value, counter(2));
});

test('beyond the limit the series seen longest ago is forgotten and counted', () => {
  const { state, recorder } = increments(2 * (KEY_BYTES + SERIES_BYTES));
  for (const name of ['a', 'b', 'a', 'c']) state.next(metric(name, counter(1)));
  assert.equal(state.size, 2);
  assert.equal(recorder.read('sluice_state_evictions_total'), 1);
  assert.deepEqual(state.next(metric('a', counter(4)))?.value, counter(3));
  assert.equal(state.next(metric('b', counter(4))), undefined);
});

test('a value that is larger than the limit is not remembered', () => {
  const { state, recorder } = increments(1_000);
  const values = Array.from({ length: 100 }, (_, index) => `value ${index}`);
  state.next(metric('s', { type: 'set', values }));
  assert.equal(state.size, 0);
  assert.equal(state.sizeBytes, 0);
  assert.equal(recorder.read('sluice_state_evictions_total'), 1);
});
