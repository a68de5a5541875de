import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logBatch } from '../../event/batch.ts';
import type { LogEvent } from '../../event/event.ts';
import { Timestamp } from '../../event/timestamp.ts';
import { Float, type Value } from '../../event/value.ts';
import { FakeClock } from '../../std/clock.ts';
import { log, parseConfig, runTransform, testContext } from '../../testing/component.ts';
import { transform } from './dedupe.ts';

async function passed(raw: unknown, events: readonly unknown[]): Promise<Value[]> {
  const { outputs } = await runTransform(transform, raw, [events.map((value) => log(value as Value))]);
  return (outputs[''] ?? []).map((event) => (event as LogEvent).value);
}

test('compares timestamp, host and message unless told otherwise', async () => {
  const at = new Timestamp(1, 0);
  const first = { message: 'a', host: 'h', timestamp: at, other: 1 };
  const events = [
    first,
    { ...first, other: 2 },
    { ...first, message: 'b' },
    { ...first, timestamp: new Timestamp(2, 0) },
  ];
  assert.deepEqual(await passed({}, events), [events[0], events[2], events[3]]);
});

test('a value is the same when its kind is, too', async () => {
  const same = [{ v: 1 }, { v: [1] }, { v: { a: 1, b: 2 } }, {}];
  const values = [1, '1', new Float(1), null, [1], { a: 1, b: 2 }, '"a"', true].map((v) => ({ v }));
  const found = await passed({ fields: { match: ['v'] } }, [...values, {}, ...same, { v: { b: 2, a: 1 } }]);
  assert.deepEqual(found, [...values, {}]);
});

test('compares all but what is ignored, member by member', async () => {
  const first = { a: 1, o: { x: 1, y: [{ z: 1 }] } };
  const events = [
    first,
    { a: 2, o: { x: 2, y: [{ z: 1 }] } },
    { a: 1, o: { x: 1, y: [{ z: 2 }] } },
    { a: 1, o: { y: [{ z: 1 }] } },
    { o: first.o, b: 1 },
  ];
  assert.deepEqual(await passed({ fields: { ignore: ['a', 'o.x'] } }, events), [events[0], events[2], events[4]]);
});

test('remembers so many events, those seen last', async () => {
  const values = ['a', 'b', 'a', 'c', 'a', 'b'].map((v) => ({ v }));
  const raw = { fields: { match: ['v'] }, cache: { num_events: 2 } };
  const { outputs, recorder, statuses } = await runTransform(transform, raw, [values.map(log)]);
  assert.deepEqual(
    outputs['']!.map((event) => ((event as LogEvent).value as { v: string }).v),
    ['a', 'b', 'c', 'b'],
  );
  assert.deepEqual(statuses, ['delivered']);
  assert.equal(recorder.read('sluice_state_evictions_total'), 2);
  assert.equal(recorder.read('component_discarded_events_total', { intentional: 'true' }), 2);
});

for (const [refresh_on_drop, expected] of [
  [false, [true, false, true]],
  [true, [true, false, false]],
] as const)
  test(`forgets an event after its time, ${refresh_on_drop ? '' : 'not '}counted from the last drop`, async () => {
    const clock = new FakeClock();
    const { context } = testContext('transform', 'dedupe', { clock });
    const raw = { fields: { match: ['v'] }, time_settings: { max_age_ms: 1000, refresh_on_drop } };
    const dedupe = await transform.build(parseConfig(transform, raw), context);
    const found: boolean[] = [];
    for (let i = 0; i < 3; i++) {
      let isPassed = false;
      dedupe.process(logBatch([log({ v: 1 })]), () => {
        isPassed = true;
      });
      found.push(isPassed);
      await clock.advance(600);
    }
    assert.deepEqual(found, expected);
  });

test('takes a part in segments on the main thread, with the same memory', async () => {
  const { context, recorder } = testContext('transform', 'dedupe');
  const dedupe = await transform.build(parseConfig(transform, { fields: { match: ['o.v'] } }), context);
  const [one, other] = [dedupe.step!(), dedupe.step!()];
  assert.ok(typeof one !== 'string' && typeof other !== 'string');
  assert.deepEqual(one.needs.reads, [{ target: 'event', segments: ['o', 'v'] }]);
  assert.equal(typeof dedupe.recipe, 'function');
  const event = log({ o: { v: 1 } }) as never;
  assert.deepEqual([one.run(event), other.run(event)], [1, 0]);
  other.settle!();
  assert.equal(recorder.read('component_discarded_events_total'), 1);
});

for (const fields of [{}, { match: ['a'], ignore: ['b'] }, { match: ['a..b'] }, { matches: ['a'] }])
  test(`refuses fields of ${JSON.stringify(fields)}`, () => {
    assert.throws(() => parseConfig(transform, { fields }));
  });

test('refuses to remember nothing', () => {
  assert.throws(() => parseConfig(transform, { cache: { num_events: 0 } }), /from 1 to/);
});
