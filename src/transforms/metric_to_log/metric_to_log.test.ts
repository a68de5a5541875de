import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogEvent } from '../../event/event.ts';
import { DEFAULT_LOG_SCHEMA } from '../../event/log_schema.ts';
import { EMPTY_METADATA } from '../../event/metadata.ts';
import type { MetricEvent, MetricValue, Tags } from '../../event/metric.ts';
import { parsePath } from '../../event/path.ts';
import { Timestamp } from '../../event/timestamp.ts';
import { Float } from '../../event/value.ts';
import { FakeClock } from '../../std/clock.ts';
import { type ContextOptions, parseConfig, runTransform } from '../../testing/component.ts';
import { transform } from './metric_to_log.ts';

const clock = new FakeClock();

const metric = (value: MetricValue, more: Partial<MetricEvent> = {}): MetricEvent => ({
  name: 'm',
  kind: 'absolute',
  value,
  metadata: EMPTY_METADATA,
  ...more,
});

const run = async (config: object, events: readonly MetricEvent[], options: ContextOptions = {}) => {
  const result = await runTransform(transform, config, [events], { clock, eventType: 'metric', ...options });
  assert.deepEqual(result.statuses, ['delivered']);
  return result.outputs['']! as LogEvent[];
};

const gauge = { type: 'gauge', value: 1.5 } as const;

test('makes an object of a metric', async () => {
  const timestamp = new Timestamp(1_600_000_000, 0);
  const [event] = await run({}, [
    metric(gauge, { namespace: 'n', timestamp, intervalMs: 10, tags: new Map([['a', 'b']]) }),
  ]);
  assert.deepEqual(event!.value, {
    name: 'm',
    namespace: 'n',
    tags: { a: 'b' },
    timestamp,
    interval_ms: 10,
    kind: 'absolute',
    gauge: { value: 1.5 },
  });
});

test('gives a metric without a time that of now', async () => {
  const [event] = await run({}, [metric(gauge)]);
  assert.deepEqual((event!.value as { timestamp: Timestamp }).timestamp, Timestamp.fromMs(clock.now()));
});

test('makes the host of a tag', async () => {
  const tags = (): Tags =>
    new Map([
      ['host', 'a'],
      ['my.host', 'b'],
    ]);
  const [byName] = await run({}, [metric(gauge, { tags: tags() })]);
  assert.deepEqual(byName!.value, {
    name: 'm',
    tags: { 'my.host': 'b' },
    kind: 'absolute',
    gauge: { value: 1.5 },
    timestamp: Timestamp.fromMs(clock.now()),
    host: 'a',
  });
  const [named] = await run({ host_tag: 'my.host' }, [metric(gauge, { tags: new Map([['my.host', 'b']]) })]);
  assert.deepEqual(Object.keys(named!.value as object), ['name', 'kind', 'gauge', 'timestamp', 'host']);
});

test('puts time and host where the log schema says', async () => {
  const timestamp = parsePath('%at');
  const host = parsePath('.from.host');
  if (typeof timestamp === 'string' || typeof host === 'string') throw new Error('no path');
  const globals = { logSchema: { ...DEFAULT_LOG_SCHEMA, timestamp, host } };
  const [event] = await run({ host_tag: 'h' }, [metric(gauge, { tags: new Map([['h', 'x']]) })], { globals });
  assert.deepEqual(event!.value, { name: 'm', kind: 'absolute', gauge: { value: 1.5 }, from: { host: 'x' } });
  assert.deepEqual(event!.metadata.value, { at: Timestamp.fromMs(clock.now()) });
});

test('keeps all values of tags when told to', async () => {
  const tags: Tags = new Map<string, string | null | (string | null)[]>([
    ['bare', null],
    ['many', ['x', null, 'y']],
    ['one', 'z'],
  ]);
  const [single] = await run({}, [metric(gauge, { tags })]);
  assert.deepEqual((single!.value as { tags: object }).tags, { many: 'y', one: 'z' });
  const [full] = await run({ metric_tag_values: 'full' }, [metric(gauge, { tags })]);
  assert.deepEqual((full!.value as { tags: object }).tags, { bare: null, many: ['x', null, 'y'], one: 'z' });
});

test('leaves the time as text in the vector namespace', async () => {
  const [event] = await run({ log_namespace: true }, [
    metric(gauge, { timestamp: new Timestamp(0, 0), tags: new Map([['host', 'a']]) }),
  ]);
  assert.deepEqual(event!.value, {
    name: 'm',
    timestamp: '1970-01-01T00:00:00Z',
    kind: 'absolute',
    gauge: { value: 1.5 },
    host: 'a',
  });
  assert.deepEqual(event!.metadata.value, { vector: {} });
});

test('keeps within what values can be', async () => {
  const [event] = await run({}, [
    metric({
      type: 'aggregated_histogram',
      buckets: [{ upperLimit: Number.POSITIVE_INFINITY, count: 2n ** 64n - 1n }],
      count: 2,
      sum: Number.POSITIVE_INFINITY,
    }),
  ]);
  assert.deepEqual((event!.value as { aggregated_histogram: object }).aggregated_histogram, {
    buckets: [{ upper_limit: 'inf', count: new Float(2 ** 64) }],
    count: 2,
    sum: null,
  });
});

test('refuses a time zone that does not exist', () => {
  assert.throws(() => parseConfig(transform, { timezone: 'Mars/Base' }), /there is no time zone/);
});
