import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MetricEvent } from '../../event/metric.ts';
import { Timestamp } from '../../event/timestamp.ts';
import { FakeClock } from '../../std/clock.ts';
import { Registry } from '../../telemetry/registry.ts';
import { defineCounter, defineGauge, defineHistogram } from '../../telemetry/telemetry.ts';
import { parseConfig, startSource } from '../../testing/component.ts';
import { source } from './internal_metrics.ts';

const requests = defineCounter({ name: 'requests_total', doc: 'Requests.', labels: [{ name: 'reason' }] });
const open = defineGauge({ name: 'open_files', doc: 'Files.' });
const own = defineGauge({ name: 'sluice_arena_bytes', doc: 'Bytes.' });
const took = defineHistogram({ name: 'took_seconds', doc: 'Seconds.' });

/** The first round of a source, by name. */
async function firstRound(raw: Record<string, unknown>, recorder = new Registry()) {
  const clock = new FakeClock();
  const on = await startSource(source, raw, { clock, recorder, id: 'internal' });
  await clock.advance(0);
  await on.stop();
  const events = on.events as MetricEvent[];
  return { events, clock, find: (name: string) => events.find((event) => event.name === name) };
}

test('series are metrics with their labels, absolute, in the namespace', async () => {
  const recorder = new Registry();
  recorder.labelled({ component_id: 'x' }).counter(requests, { reason: 'status' }).add(3);
  recorder.gauge(open).set(7);
  const { find, clock } = await firstRound({}, recorder);
  assert.deepEqual(find('requests_total'), {
    name: 'requests_total',
    namespace: 'vector',
    tags: new Map([
      ['component_id', 'x'],
      ['reason', 'status'],
      ['host', 'test-host'],
    ]),
    timestamp: Timestamp.fromMs(clock.now()),
    kind: 'absolute',
    value: { type: 'counter', value: 3 },
    metadata: { value: {}, sourceId: 'internal', sourceType: 'internal_metrics' },
  });
  assert.deepEqual(find('open_files')?.value, { type: 'gauge', value: 7 });
});

test('a histogram has its buckets, not added up', async () => {
  const recorder = new Registry();
  const histogram = recorder.histogram(took);
  for (const value of [0.25, 0.25, 3, 1e9]) histogram.record(value);
  const { find } = await firstRound({}, recorder);
  const value = find('took_seconds')!.value;
  assert.ok(value.type === 'aggregated_histogram');
  assert.equal(value.count, 4);
  assert.equal(value.sum, 1e9 + 3.5);
  assert.equal(value.buckets.length, 26);
  assert.equal(value.buckets[0]!.upperLimit, 2 ** -12);
  assert.deepEqual(
    value.buckets.filter(({ count }) => count !== 0),
    [
      { upperLimit: 0.25, count: 2 },
      { upperLimit: 4, count: 1 },
      { upperLimit: Number.POSITIVE_INFINITY, count: 1 },
    ],
  );
});

test('series that only we have stand outside of the namespace', async () => {
  const recorder = new Registry();
  recorder.gauge(own).set(1);
  const { find } = await firstRound({}, recorder);
  assert.equal(find('sluice_arena_bytes')?.namespace, undefined);
});

test('namespace and tags are configurable', async () => {
  const recorder = new Registry();
  recorder.gauge(open).set(1);
  const round = async (raw: Record<string, unknown>) => (await firstRound(raw, recorder)).find('open_files')!;
  assert.equal((await round({ namespace: 'ours' })).namespace, 'ours');
  assert.equal((await round({ namespace: '' })).namespace, undefined);
  assert.equal((await round({ tags: { host_key: '' } })).tags, undefined);
  assert.deepEqual(
    [...(await round({ tags: { host_key: 'node', pid_key: 'pid' } })).tags!],
    [
      ['node', 'test-host'],
      ['pid', String(process.pid)],
    ],
  );
  assert.deepEqual([...(await round({ tags: { pid_key: '' } })).tags!.keys()], ['host']);
});

test('rounds come at once and at every interval, and count themselves', async () => {
  const clock = new FakeClock();
  const on = await startSource(source, { scrape_interval_secs: 2 }, { clock });
  const rounds = () => on.events.filter((event) => (event as MetricEvent).name === 'internal_metrics_cardinality');
  await clock.advance(0);
  assert.equal(rounds().length, 1);
  await clock.advance(1_999);
  assert.equal(rounds().length, 1);
  await clock.advance(2_001);
  assert.equal(rounds().length, 3);
  await on.stop();
  assert.equal(on.recorder.read('component_received_events_total'), on.events.length);
  assert.ok(on.recorder.read('component_received_bytes_total', { protocol: 'internal' }) > 0);
  const last = rounds().at(-1) as MetricEvent;
  assert.deepEqual(last.value, { type: 'gauge', value: on.recorder.all().length });
});

test('the number of series in a steady state does not grow', async () => {
  const clock = new FakeClock();
  const on = await startSource(source, {}, { clock });
  await clock.advance(0);
  const before = on.recorder.all().length;
  await clock.advance(60_000);
  await on.stop();
  assert.equal(on.recorder.all().length, before);
});

test('unknown options are refused', () => {
  assert.throws(() => parseConfig(source, { interval: 1 }), /interval/);
  assert.throws(() => parseConfig(source, { scrape_interval_secs: -1 }), /below 0/);
  assert.throws(() => parseConfig(source, { tags: { host_key: 'a[' } }), /host_key/);
});
