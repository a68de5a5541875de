import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EMPTY_METADATA } from '../../event/metadata.ts';
import type { MetricEvent, TagValue } from '../../event/metric.ts';
import { parseConfig, runTransform } from '../../testing/component.ts';
import { transform } from './tag_cardinality_limit.ts';

const metric = (tags: Readonly<Record<string, TagValue>>, name = 'm', namespace?: string): MetricEvent => ({
  name,
  ...(namespace === undefined ? {} : { namespace }),
  tags: new Map(Object.entries(tags)),
  kind: 'incremental',
  value: { type: 'counter', value: 1 },
  metadata: EMPTY_METADATA,
});

const run = async (config: object, events: readonly MetricEvent[]) => {
  const result = await runTransform(transform, config, [events], { eventType: 'metric' });
  assert.deepEqual(result.statuses, ['delivered']);
  const out = (result.outputs[''] ?? []) as MetricEvent[];
  return { ...result, tags: out.map(({ tags }) => Object.fromEntries(tags!)) };
};

const users = ['u1', 'u2', 'u3', 'u1', 'u4', 'u2'].map((u) => metric({ u, ok: 'same' }));

for (const mode of ['exact', 'exact_fingerprint', 'probabilistic']) {
  test(`${mode}: drops tags with values beyond the limit`, async () => {
    const { tags, recorder } = await run({ mode, value_limit: 2 }, users);
    assert.deepEqual(tags, [
      { u: 'u1', ok: 'same' },
      { u: 'u2', ok: 'same' },
      { ok: 'same' },
      { u: 'u1', ok: 'same' },
      { ok: 'same' },
      { u: 'u2', ok: 'same' },
    ]);
    assert.equal(recorder.read('tag_value_limit_exceeded_total'), 2);
    assert.equal(recorder.read('value_limit_reached_total'), 1);
    assert.equal(recorder.read('tag_cardinality_tracked_keys'), 2);
    assert.equal(recorder.read('component_discarded_events_total'), 0);
  });

  test(`${mode}: drops events with values beyond the limit`, async () => {
    const { tags, recorder } = await run({ mode, value_limit: 2, limit_exceeded_action: 'drop_event' }, users);
    assert.deepEqual(
      tags.map(({ u }) => u),
      ['u1', 'u2', 'u1', 'u2'],
    );
    assert.equal(recorder.read('tag_value_limit_exceeded_total'), 2);
    assert.equal(recorder.read('component_discarded_events_total', { intentional: 'true' }), 2);
  });
}

test('looks at all tags of an event before it takes a value of any', async () => {
  const config = { mode: 'exact', value_limit: 1, limit_exceeded_action: 'drop_event' };
  const { tags } = await run(config, [
    metric({ b: 'x' }),
    metric({ a: 'new', b: 'y' }),
    metric({ a: 'other', b: 'x' }),
  ]);
  assert.deepEqual(tags, [{ b: 'x' }, { a: 'other', b: 'x' }]);
});

test('takes all values of a tag for one', async () => {
  const { tags } = await run({ mode: 'exact', value_limit: 1 }, [
    metric({ a: ['x', 'y'] }),
    metric({ a: ['x', 'y'] }),
    metric({ a: 'x' }),
    metric({ a: null }),
  ]);
  assert.deepEqual(tags, [{ a: ['x', 'y'] }, { a: ['x', 'y'] }, {}, {}]);
});

test('shares values between metrics, or has them for each', async () => {
  const events = [metric({ a: 'x' }, 'one'), metric({ a: 'y' }, 'two'), metric({ a: 'z' }, 'two', 'ns')];
  const shared = await run({ mode: 'exact', value_limit: 1 }, events);
  assert.deepEqual(shared.tags, [{ a: 'x' }, {}, {}]);
  const apart = await run({ mode: 'exact', value_limit: 1, tracking_scope: 'per_metric' }, events);
  assert.deepEqual(apart.tags, [{ a: 'x' }, { a: 'y' }, { a: 'z' }]);
});

test('has settings for single metrics and tags', async () => {
  const config = {
    mode: 'exact',
    value_limit: 1,
    per_tag_limits: { free: { mode: 'excluded' }, two: { mode: 'limit_override', value_limit: 2 } },
    per_metric_limits: {
      m: { mode: 'probabilistic', value_limit: 2, namespace: 'ns', limit_exceeded_action: 'drop_event' },
      any: { mode: 'excluded' },
    },
  };
  const { tags } = await run(config, [
    ...['1', '2', '3'].map((v) => metric({ free: v, two: v, one: v }, 'other')),
    ...['1', '2', '3'].map((v) => metric({ two: v }, 'm', 'ns')),
    metric({ one: '2' }, 'm', 'elsewhere'),
    metric({ one: '2' }, 'any'),
  ]);
  assert.deepEqual(tags, [
    { free: '1', two: '1', one: '1' },
    { free: '2', two: '2' },
    { free: '3' },
    { two: '1' },
    { two: '2' },
    {},
    { one: '2' },
  ]);
});

test('lets tags pass that are too many to be tracked, and counts them', async () => {
  const { tags, recorder } = await run({ mode: 'exact', value_limit: 1, max_tracked_keys: 1 }, [
    metric({ a: '1', b: '1', c: '1' }),
    metric({ a: '2', b: '2' }),
  ]);
  assert.deepEqual(tags, [{ a: '1', b: '1', c: '1' }, { b: '2' }]);
  assert.equal(recorder.read('tag_cardinality_untracked_events_total'), 2);
  assert.equal(recorder.read('tag_cardinality_tracked_keys'), 1);
});

test('tells metric and tag where it is asked to', async () => {
  const config = { mode: 'exact', value_limit: 1, internal_metrics: { include_extended_tags: true } };
  const { recorder } = await run(config, [metric({ a: '1' }), metric({ a: '2' }), metric({ a: '3' })]);
  assert.equal(recorder.read('tag_value_limit_exceeded_total', { metric_name: 'm', tag_key: 'a' }), 2);
});

test('lets metrics without tags pass, and takes none where the limit is 0', async () => {
  const plain = { ...metric({}), tags: new Map() };
  for (const action of ['drop_tag', 'drop_event']) {
    const config = { mode: 'exact', value_limit: 0, limit_exceeded_action: action };
    const { tags } = await run(config, [plain, metric({ a: '1' })]);
    assert.deepEqual(tags, action === 'drop_tag' ? [{}, {}] : [{}]);
  }
});

test('does not change the events that it was given', async () => {
  const event = metric({ a: '2' });
  await run({ mode: 'exact', value_limit: 1 }, [metric({ a: '1' }), event]);
  assert.deepEqual(event, metric({ a: '2' }));
});

test('needs a mode', () => {
  assert.throws(() => parseConfig(transform, {}), /mode/);
});
