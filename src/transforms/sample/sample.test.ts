import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogEvent } from '../../event/event.ts';
import type { Value } from '../../event/value.ts';
import { isPlain } from '../../std/plain.ts';
import { log, parseConfig, runTransform, testContext } from '../../testing/component.ts';
import { transform } from './sample.ts';

/** The fields `i` of what passes. */
async function passed(raw: unknown, events: readonly Value[], eventType: 'log' | 'trace' = 'log'): Promise<number[]> {
  const { outputs } = await runTransform(transform, raw, [events.map(log)], { eventType });
  return (outputs[''] ?? []).map((event) => ((event as LogEvent).value as { i: number }).i);
}

const numbered = (count: number, more: (i: number) => Record<string, Value> = () => ({})) =>
  Array.from({ length: count }, (_, i) => ({ i, ...more(i) }));

test('passes on one of so many, the first one first', async () => {
  const { outputs, recorder, statuses } = await runTransform(transform, { rate: 3 }, [numbered(8).map(log)]);
  assert.deepEqual(
    outputs['']!.map((event) => (event as LogEvent).value),
    [0, 3, 6].map((i) => ({ i, sample_rate: '3' })),
  );
  assert.deepEqual(statuses, ['delivered']);
  assert.equal(recorder.read('component_discarded_events_total', { intentional: 'true' }), 5);
});

test('goes on counting in the next batch', async () => {
  const batches = numbered(4).map((one) => [log(one)]);
  const { outputs } = await runTransform(transform, { rate: 2 }, batches);
  assert.equal(outputs['']!.length, 2);
});

test('passes on a part, evenly', async () => {
  assert.deepEqual(await passed({ ratio: 0.4 }, numbered(10)), [0, 3, 5, 8]);
  assert.equal((await passed({ ratio: 1 }, numbered(10))).length, 10);
  assert.equal((await passed({ ratio: 0.13 }, numbered(1000))).length, 130);
});

test('decides by the value of a field as Vector does', async () => {
  const events = numbered(26, (i) => ({ k: `key${i % 13}` }));
  const raw = { ratio: 0.4, key_field: 'k' };
  assert.deepEqual(await passed(raw, events), [5, 8, 9, 10, 12, 18, 21, 22, 23, 25]);
  const of = await passed(
    { rate: 4, key_field: 'k' },
    numbered(4000, (i) => ({ k: i })),
  );
  assert.ok(of.length > 900 && of.length < 1100);
  assert.deepEqual(await passed({ rate: 2, key_field: 'none' }, numbered(4)), [0, 2]);
});

test('counts each group on its own', async () => {
  const events = numbered(8, (i): Record<string, Value> => (i % 4 === 3 ? {} : { k: i % 2 }));
  assert.deepEqual(await passed({ rate: 2, group_by: '{{ k }}' }, events), [0, 1, 3, 4]);
});

test('takes the rate or ratio of an event from its field', async () => {
  const rates: Value[] = [2, 2, 'x', 0, 1, 1, 1.5, 2];
  const events = numbered(8, (i) => ({ r: rates[i]! }));
  assert.deepEqual(await passed({ rate: 3, rate_field: 'r' }, events), [0, 2, 4, 5, 7]);
  const ratios: Value[] = [0.5, 0.5, 1, 0, 2, 0.5];
  assert.deepEqual(
    await passed(
      { ratio: 0.5, ratio_field: 'r' },
      numbered(6, (i) => ({ r: ratios[i]! })),
    ),
    [0, 2, 3, 5],
  );
});

test('rates that take turns do not starve each other', async () => {
  const events = numbered(1000, (i) => ({ r: i % 2 ? 0.1 : 0.9 }));
  const found = await passed({ rate: 2, ratio_field: 'r' }, events);
  assert.equal(found.filter((i) => i % 2 === 1).length, 50);
});

test('passes on what is excluded as it is', async () => {
  const { outputs } = await runTransform(transform, { rate: 100, exclude: '.i == 7' }, [numbered(12).map(log)]);
  assert.deepEqual(
    outputs['']!.map((event) => (event as LogEvent).value),
    [{ i: 0, sample_rate: '100' }, { i: 7 }],
  );
});

for (const [sample_rate_key, expected] of [
  ['a.b', { i: 0, a: { b: '0.25', c: 1 } }],
  ['', { i: 0, a: { c: 1 } }],
  ['rate', { i: 0, a: { c: 1 }, rate: '0.25' }],
] as const)
  test(`writes the rate to ${sample_rate_key === '' ? 'no field' : sample_rate_key}, and not into events of others`, async () => {
    const event = log({ i: 0, a: { c: 1 } });
    const { outputs } = await runTransform(transform, { ratio: 0.25, sample_rate_key }, [[event]]);
    assert.deepEqual((outputs['']![0] as LogEvent).value, expected);
    assert.deepEqual(event.value, { i: 0, a: { c: 1 } });
  });

test('samples traces', async () => {
  assert.deepEqual(await passed({ rate: 2 }, numbered(4), 'trace'), [0, 2]);
});

test('its steps count together, and no worker counts on its own', async () => {
  const { context, recorder } = testContext('transform', 'sample');
  const raw = { rate: 2, key_field: 'k', group_by: '{{ g }}', exclude: '.e == 1', rate_field: 'r' };
  const sample = await transform.build(parseConfig(transform, raw), context);
  const [one, other] = [sample.step!(), sample.step!()];
  assert.ok(typeof one !== 'string' && typeof other !== 'string');
  assert.deepEqual(one.needs.reads.map(({ segments }) => segments[0]).sort(), ['e', 'g', 'k', 'r']);
  assert.deepEqual(one.needs.writes, [{ target: 'event', segments: ['sample_rate'] }]);
  assert.equal(isPlain(sample.recipe), false);
  const events = [0, 1, 2].map(() => log({}));
  assert.deepEqual(
    [one, other, one].map((step, index) => step.run(events[index] as never)),
    [1, 0, 1],
  );
  assert.deepEqual(events[0]!.value, { sample_rate: '2' });
  other.settle!();
  assert.equal(recorder.read('component_discarded_events_total'), 1);
});

test('remembers so many groups', async () => {
  const events = numbered(50_001);
  const { recorder } = await runTransform(transform, { rate: 2, group_by: '{{ i }}' }, [events.map(log)]);
  assert.equal(recorder.read('sluice_state_evictions_total'), 1);
});

for (const raw of [
  { rate: 0 },
  { ratio: 0 },
  { ratio: 1.1 },
  { rate: 1, rate_field: 'a', ratio_field: 'b' },
  { rate: 1, sample_rate_key: '%a' },
])
  test(`refuses ${JSON.stringify(raw)}`, () => {
    assert.throws(() => parseConfig(transform, raw));
  });

for (const raw of [{}, { rate: 1, ratio: 0.5 }, { rate: 1, exclude: '.a' }])
  test(`says what is wrong with ${JSON.stringify(raw)}`, () => {
    const { context } = testContext('transform', 'sample');
    const problems = transform.verify!(parseConfig(transform, raw), context);
    assert.deepEqual(
      problems.map(({ severity }) => severity),
      ['error'],
    );
  });
