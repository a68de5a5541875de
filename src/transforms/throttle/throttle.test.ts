import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decode, logBatch } from '../../event/batch.ts';
import type { LogEvent } from '../../event/event.ts';
import type { Value } from '../../event/value.ts';
import { FakeClock } from '../../std/clock.ts';
import { log, parseConfig, testContext } from '../../testing/component.ts';
import { transform } from './throttle.ts';

async function started(raw: Record<string, unknown>) {
  const clock = new FakeClock();
  const setting = testContext('transform', 'throttle', { clock });
  const throttle = await transform.build(parseConfig(transform, raw), setting.context);
  return {
    ...setting,
    throttle,
    clock,
    /** Sends events; those that passed. */
    passed(...values: Value[]): Value[] {
      const found: Value[] = [];
      throttle.process(logBatch(values.map(log)), (batch) => {
        for (const event of decode(batch).events) found.push((event as LogEvent).value);
      });
      return found;
    },
  };
}

const times = (count: number, value: Value): Value[] => Array.from({ length: count }, () => value);

test('lets the threshold pass at once, and then one after the other, evenly', async () => {
  const run = await started({ threshold: 4, window_secs: 2 });
  assert.equal(run.passed(...times(10, { a: 1 })).length, 4);
  await run.clock.advance(499);
  assert.equal(run.passed({ a: 1 }).length, 0);
  await run.clock.advance(1);
  assert.equal(run.passed(...times(3, { a: 1 })).length, 1);
  await run.clock.advance(1000);
  assert.equal(run.passed(...times(3, { a: 1 })).length, 2);
  await run.clock.advance(60_000);
  assert.equal(run.passed(...times(10, { a: 1 })).length, 4);
  assert.equal(run.recorder.read('component_discarded_events_total', { intentional: 'true' }), 6 + 1 + 2 + 1 + 6);
});

test('a threshold of one and odd windows', async () => {
  const run = await started({ threshold: 1, window_secs: 0.1 });
  assert.equal(run.passed(...times(3, {})).length, 1);
  await run.clock.advance(100);
  assert.equal(run.passed(...times(3, {})).length, 1);
  const thirds = await started({ threshold: 3, window_secs: 1 });
  for (let window = 0; window < 5; window++) {
    assert.equal(thirds.passed(...times(5, {})).length, 3);
    await thirds.clock.advance(1000);
  }
});

test('limits each key on its own, and those without one together', async () => {
  const run = await started({ threshold: 1, window_secs: 1, key_field: '{{ k }}' });
  const events: Value[] = [{ k: 'a' }, { k: 'b' }, { k: 'a' }, { x: 1 }, { x: 2 }, { k: 'b' }];
  assert.deepEqual(run.passed(...events), [{ k: 'a' }, { k: 'b' }, { x: 1 }]);
  assert.equal(run.recorder.read('component_errors_total'), 0);
  assert.ok(run.records.some(({ level, message }) => level === 'warn' && /key_field/.test(message)));
});

test('lets pass what is excluded, and does not count it', async () => {
  const run = await started({ threshold: 1, window_secs: 60, exclude: '.a == 5' });
  assert.deepEqual(run.passed({ a: 5 }, { a: 0 }, { a: 1 }, { a: 5 }), [{ a: 5 }, { a: 0 }, { a: 5 }]);
});

test('counts what it drops by key when told to', async () => {
  const raw = { threshold: 1, window_secs: 60, key_field: '{{ k }}' };
  const run = await started({ ...raw, internal_metrics: { emit_events_discarded_per_key: true } });
  run.passed(...times(3, { k: 'a' }), ...times(2, { k: 'b' }), ...times(2, {}));
  for (const [key, count] of [
    ['a', 2],
    ['b', 1],
    ['None', 1],
  ] as const)
    assert.equal(run.recorder.read('events_discarded_total', { key }), count);
  const silent = await started(raw);
  silent.passed(...times(3, { k: 'a' }));
  assert.equal(silent.recorder.read('events_discarded_total'), 0);
});

test('the counter of keys has a limit', async () => {
  const raw = { threshold: 1, window_secs: 60, key_field: '{{ k }}' };
  const run = await started({ ...raw, internal_metrics: { emit_events_discarded_per_key: true } });
  for (let k = 0; k < 1010; k++) run.passed({ k }, { k });
  assert.equal(run.recorder.read('events_discarded_total', { key: 'other' }), 10);
});

test('forgets the key seen longest ago beyond its limit, and keys that are over', async () => {
  const run = await started({ threshold: 1, window_secs: 60, key_field: '{{ k }}' });
  const keys = Array.from({ length: 50_001 }, (_, k) => ({ k }));
  assert.equal(run.passed(...keys).length, 50_001);
  assert.equal(run.recorder.read('sluice_state_evictions_total'), 1);
  assert.equal(run.passed({ k: 0 }, { k: 50_000 }).length, 1);
  await run.clock.advance(60_000);
  run.passed(...keys);
  assert.equal(run.recorder.read('sluice_state_evictions_total'), 2 + 1);
});

test('takes a part in segments', async () => {
  const { throttle } = await started({ threshold: 1, window_secs: 60, key_field: '{{ k }} %F', exclude: '.e == 1' });
  const step = throttle.step!();
  assert.ok(typeof step !== 'string');
  const reads = step.needs.reads.map(({ segments }) => segments.join('.'));
  assert.deepEqual(reads.sort(), ['e', 'k', 'timestamp']);
  assert.equal(typeof throttle.recipe, 'function');
});

for (const raw of [
  { threshold: 0, window_secs: 1 },
  { threshold: 1, window_secs: 0 },
  { threshold: 1, window_secs: -1 },
])
  test(`refuses ${JSON.stringify(raw)}`, () => {
    assert.throws(() => parseConfig(transform, raw));
  });

test('says what is wrong with the condition', () => {
  const { context } = testContext('transform', 'throttle');
  const [problem] = transform.verify!(parseConfig(transform, { threshold: 1, window_secs: 1, exclude: '.a' }), context);
  assert.deepEqual(problem!.path, ['exclude']);
});
