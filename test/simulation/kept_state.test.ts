// What transforms keep over restarts: after a stop nothing is missing and nothing is there twice; after a crash nothing
// that a source has let go of is missing.

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Event, LogEvent } from '../../src/event/event.ts';
import type { MetricEvent } from '../../src/event/metric.ts';
import { Timestamp } from '../../src/event/timestamp.ts';
import { Float, type ObjectValue, type Value } from '../../src/event/value.ts';
import { FakeClock } from '../../src/std/clock.ts';
import { seededRandom } from '../../src/std/random.ts';
import { log, temporaryFolder } from '../../src/testing/component.ts';
import { keptTransform } from '../../src/testing/kept_state.ts';
import { counter, gauge } from '../../src/testing/metrics.ts';
import { transform as aggregate } from '../../src/transforms/aggregate/aggregate.ts';
import { transform as dedupe } from '../../src/transforms/dedupe/dedupe.ts';
import { transform as delay } from '../../src/transforms/delay/delay.ts';
import { transform as reduce } from '../../src/transforms/reduce/reduce.ts';
import { transform as sample } from '../../src/transforms/sample/sample.ts';
import { transform as throttle } from '../../src/transforms/throttle/throttle.ts';
import { transform as window } from '../../src/transforms/window/window.ts';

const START = 1_800_000_000_000;

const values = (events: readonly Event[]): Value[] => events.map((event) => (event as LogEvent).value);
const ns = (events: readonly Event[]): unknown[] => values(events).map((value) => (value as ObjectValue)['n']);
const n = (...numbers: number[]): LogEvent[] => numbers.map((one) => log({ n: one }));

/** A folder for state, and a clock that goes on over restarts. */
function place() {
  const folder = temporaryFolder();
  const clock = new FakeClock(START);
  return {
    clock,
    options: { clock, dataDir: folder.path },
    path: join(folder.path, 'test', 'state'),
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

test('without the option nothing is kept', async () => {
  using at = place();
  const run = await keptTransform(dedupe, { fields: { match: ['n'] } }, at.options);
  run.give(n(1));
  run.end();
  assert.equal(existsSync(at.path), false);
});

test('dedupe remembers after a restart, as long as it would have without', async () => {
  using at = place();
  const raw = { fields: { match: ['n'] }, time_settings: { max_age_ms: 10_000 }, state: true };
  const before = await keptTransform(dedupe, raw, at.options);
  before.give(n(1, 2));
  before.end();
  await at.clock.advance(4_000);
  const after = await keptTransform(dedupe, raw, at.options);
  after.give(n(1, 3));
  assert.deepEqual(ns(after.out), [3]);
  await at.clock.advance(6_000);
  after.give(n(1, 3));
  assert.deepEqual(ns(after.out), [3, 1]);
});

test('dedupe forgets after a crash what was not delivered, so that it passes when it comes again', async () => {
  using at = place();
  const raw = { fields: { match: ['n'] }, state: { interval_secs: 1 } };
  const before = await keptTransform(dedupe, raw, at.options);
  before.give(n(1));
  before.hold = true;
  before.give(n(2));
  await at.clock.advance(1_000);
  const after = await keptTransform(dedupe, { ...raw, state: { path: at.path } }, { clock: new FakeClock(START) });
  // The one that crashed has never ended; a process of its own would not know of it.
  assert.deepEqual(after.out, []);
  const saved = readFileSync(at.path, 'utf8');
  assert.equal(saved.split('\n')[1]!.match(/i1:/g)?.length, 1);
  before.deliver('errored');
  before.give(n(2));
  assert.deepEqual(ns(before.out), [1, 2, 2]);
});

test('throttle and sample go on counting', async () => {
  using at = place();
  const limits = { threshold: 2, window_secs: 10, state: true };
  const before = await keptTransform(throttle, limits, at.options);
  before.give(n(1, 2));
  before.end();
  await at.clock.advance(5_000);
  const after = await keptTransform(throttle, limits, at.options);
  after.give(n(3, 4));
  assert.deepEqual(ns(after.out), [3]);
  using other = place();
  const rates = { rate: 3, state: true };
  const first = await keptTransform(sample, rates, other.options);
  first.give(n(1, 2));
  first.end();
  const second = await keptTransform(sample, rates, other.options);
  second.give(n(3, 4));
  assert.deepEqual(ns(second.out), [4]);
});

const groups = {
  group_by: ['id'],
  ends_when: '.end == true',
  merge_strategies: {
    text: 'concat_newline',
    list: 'array',
    all: 'concat',
    long: 'longest_array',
    few: 'shortest_array',
    most: 'max',
    least: 'min',
    last: 'retain',
    one: 'discard',
    unique: 'flat_unique',
  },
};

const part = (i: number): LogEvent =>
  log({
    id: 'g',
    text: i % 2 === 0 ? `t${i}` : new Uint8Array([0xff, i]),
    list: [i],
    all: [i],
    long: Array.from({ length: (i * 3) % 5 }, () => i),
    few: Array.from({ length: (i * 3) % 5 }, () => i),
    most: i,
    least: -i,
    last: i % 3 === 0 ? null : i,
    one: i,
    unique: [i % 3, new Float(i % 2)],
    sum: 2 ** 52 + i,
    at: new Timestamp(i, i),
    inner: { deep: { first: i, float: i + 0.5 } },
    end: i === 9,
  });

test('a group of reduce is the same with a restart after each of its events', async () => {
  using at = place();
  const whole = await keptTransform(reduce, groups, { clock: at.clock });
  for (let i = 0; i < 10; i++) whole.give([part(i)]);
  const raw = { ...groups, state: true };
  for (let i = 0; i < 10; i++) {
    const run = await keptTransform(reduce, raw, at.options);
    run.give([part(i)]);
    run.end();
    assert.deepEqual(run.statuses, ['delivered']);
    if (i === 9) assert.deepEqual(values(run.out), values(whole.out));
    else assert.deepEqual(run.out, []);
  }
});

test('groups expire when they would have without a restart', async () => {
  using at = place();
  const raw = { group_by: ['n'], expire_after_ms: 10_000, state: true };
  const before = await keptTransform(reduce, raw, at.options);
  before.give(n(1));
  before.end();
  await at.clock.advance(8_000);
  const after = await keptTransform(reduce, raw, at.options);
  await at.clock.advance(1_000);
  assert.deepEqual(after.out, []);
  await at.clock.advance(1_000);
  assert.deepEqual(ns(after.out), [1]);
});

test('a source is told of an event in a group when that is safe, and not before', async () => {
  using at = place();
  const run = await keptTransform(reduce, { group_by: ['n'], state: { interval_secs: 5 } }, at.options);
  run.give(n(1));
  await at.clock.advance(4_999);
  assert.deepEqual(run.statuses, [undefined]);
  await at.clock.advance(1);
  assert.deepEqual(run.statuses, ['delivered']);
  assert.equal(run.recorder.read('sluice_state_saves_total'), 1);
});

test('what was saved and went out stays in the file until it is delivered', async () => {
  using at = place();
  const raw = { group_by: ['n'], ends_when: '.end == true', state: { interval_secs: 5 } };
  const run = await keptTransform(reduce, raw, at.options);
  run.give(n(1));
  await at.clock.advance(5_000);
  run.hold = true;
  run.give([log({ n: 1, end: true })]);
  await at.clock.advance(5_000);
  // It fails, and the source was told already of its first part: the next start sends it again.
  run.deliver('errored');
  run.end();
  assert.deepEqual(run.statuses, ['delivered', 'errored']);
  const again = await keptTransform(reduce, raw, at.options);
  assert.deepEqual(ns(again.out), [2]);
  again.end();
  const last = await keptTransform(reduce, raw, at.options);
  assert.deepEqual(last.out, []);
});

test('deliveries that come in after the end are saved too', async () => {
  using at = place();
  const raw = { group_by: ['n'], ends_when: '.end == true', state: { interval_secs: 5 } };
  const run = await keptTransform(reduce, raw, at.options);
  run.give(n(1));
  await at.clock.advance(5_000);
  run.hold = true;
  run.give([log({ n: 1, end: true })]);
  run.end();
  run.deliver();
  const next = await keptTransform(reduce, raw, at.options);
  assert.deepEqual(next.out, []);
});

test('groups made by other options are ended, and nothing of them is lost', async () => {
  using at = place();
  const before = await keptTransform(reduce, { merge_strategies: { n: 'array' }, state: true }, at.options);
  before.give(n(1, 2));
  before.end();
  const after = await keptTransform(reduce, { merge_strategies: { n: 'max' }, state: true }, at.options);
  assert.deepEqual(ns(after.out), [[1, 2]]);
});

test('in a reload the one that comes takes over from the one that goes', async () => {
  using at = place();
  const raw = { group_by: ['n'], merge_strategies: { v: 'array' }, ends_when: '.end == true', state: true };
  const old = await keptTransform(reduce, raw, at.options);
  old.give([log({ n: 1, v: 'a' }), log({ n: 2, v: 'b' })]);
  const young = await keptTransform(reduce, raw, at.options);
  young.give([log({ n: 2, v: 'c' })]);
  old.give([log({ n: 1, v: 'd' })]);
  old.end();
  assert.deepEqual(old.statuses, ['delivered', 'delivered']);
  await Promise.resolve();
  young.give([log({ n: 1, v: 'e', end: true }), log({ n: 2, v: 'f', end: true })]);
  assert.deepEqual(
    values(young.out).map((value) => (value as ObjectValue)['v']),
    [['b'], ['a', 'd', 'e'], ['c', 'f']],
  );
});

test('window keeps what waits, in order, and lets its sources go', async () => {
  using at = place();
  const raw = { flush_when: '.n == 9', num_events_before: 3, num_events_after: 2, state: true };
  const before = await keptTransform(window, raw, at.options);
  before.give(n(1, 2, 3, 4));
  before.end();
  assert.deepEqual([before.out, before.statuses], [[], ['delivered']]);
  const after = await keptTransform(window, raw, at.options);
  after.give(n(5, 9, 10));
  after.end();
  assert.deepEqual(ns(after.out), [3, 4, 5, 9, 10]);
  const last = await keptTransform(window, raw, at.options);
  last.give(n(11, 12));
  assert.deepEqual(ns(last.out), [11]);
});

test('without it, what waits in a window at the end is counted as dropped', async () => {
  const run = await keptTransform(window, { flush_when: 'false' }, {});
  run.give(n(1, 2));
  run.end();
  assert.equal(run.recorder.read('component_discarded_events_total', { intentional: 'true' }), 2);
  assert.deepEqual(run.statuses, ['delivered']);
});

test('delay keeps what waits, and the time of the restart counts', async () => {
  using at = place();
  const raw = { delay_ms: 10_000, state: true };
  const before = await keptTransform(delay, raw, at.options);
  before.give(n(1));
  await at.clock.advance(5_000);
  before.give(n(2));
  before.end();
  assert.deepEqual([before.out, before.statuses], [[], ['delivered', 'delivered']]);
  await at.clock.advance(2_000);
  const after = await keptTransform(delay, raw, at.options);
  await at.clock.advance(2_999);
  assert.deepEqual(after.out, []);
  await at.clock.advance(1);
  assert.deepEqual(ns(after.out), [1]);
  await at.clock.advance(5_000);
  assert.deepEqual(ns(after.out), [1, 2]);
});

test('aggregate goes on with its interval, in every mode', async () => {
  const gauges = (...all: number[]): MetricEvent[] => all.map((value) => gauge('g', value));
  for (const mode of ['Auto', 'Count', 'Diff', 'Latest', 'Max', 'Mean', 'Min', 'Stdev', 'Sum']) {
    using at = place();
    const raw = { interval_ms: 10_000, mode };
    const given = [
      [...gauges(3, 1), counter('c', 2)],
      [...gauges(7, 4), counter('c', 5)],
    ];
    const whole = await keptTransform(aggregate, raw, { clock: at.clock });
    for (const events of given) whole.give(events, 'metric');
    whole.end();
    const before = await keptTransform(aggregate, { ...raw, state: true }, at.options);
    before.give(given[0]!, 'metric');
    before.end();
    const after = await keptTransform(aggregate, { ...raw, state: true }, at.options);
    after.give(given[1]!, 'metric');
    await at.clock.advance(10_000);
    const found = [...before.out, ...after.out];
    assert.deepEqual(found.sort(byName), whole.out.sort(byName), mode);
    assert.deepEqual(before.statuses, ['delivered']);
  }
});

function byName(a: Event, b: Event): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1;
}

test('a state that is damaged is set aside and counted, and the component begins with none', async () => {
  for (const damage of ['', 'nonsense', '{"sluice_state":2,"type":"dedupe","saved_ms":1,"bytes":0,"crc64":""}\n']) {
    using at = place();
    mkdirSync(join(at.options.dataDir, 'test'), { recursive: true });
    writeFileSync(at.path, damage);
    const run = await keptTransform(dedupe, { fields: { match: ['n'] }, state: true }, at.options);
    assert.equal(run.recorder.read('component_errors_total', { error_code: 'state_damaged' }), 1);
    run.give(n(1));
    run.end();
    assert.deepEqual([ns(run.out), readFileSync(`${at.path}.damaged`, 'utf8')], [[1], damage]);
  }
});

test('a state that cannot be saved is an error, and what waits goes out as if nothing were kept', async () => {
  using at = place();
  mkdirSync(join(at.options.dataDir, 'test', 'state.new'), { recursive: true });
  const run = await keptTransform(reduce, { group_by: ['n'], state: true }, at.options);
  run.give(n(1));
  await at.clock.advance(10_000);
  assert.deepEqual(run.statuses, [undefined]);
  run.end();
  assert.deepEqual([ns(run.out), run.statuses], [[1], ['delivered']]);
  assert.equal(run.recorder.read('component_errors_total', { error_code: 'state_save' }), 2);
});

test('whatever fails when, an event that its source has let go of arrives', async () => {
  for (let seed = 1; seed <= 4; seed++) {
    using at = place();
    const random = seededRandom(seed);
    const raw = { delay_ms: 3_000, queue_capacity: 100, state: { interval_secs: 2 } };
    const arrived = new Set<number>();
    let acknowledged: number[] = [];
    let next = 0;
    for (let life = 0; life < 6; life++) {
      const run = await keptTransform(delay, raw, at.options);
      // What comes out at the start was delivered at once.
      for (const one of ns(run.out)) arrived.add(one as number);
      run.hold = true;
      const given: number[] = [];
      for (let step = 0; step < 12; step++) {
        given.push(next);
        run.give(n(next++));
        await at.clock.advance(Math.floor(random() * 1_500));
        if (random() < 0.5) deliver(run, random() < 0.3 ? 'errored' : 'delivered');
      }
      run.end();
      deliver(run, random() < 0.5 ? 'errored' : 'delivered');
      acknowledged = [...acknowledged, ...given.filter((_, index) => run.statuses[index] === 'delivered')];
    }
    const last = await keptTransform(delay, raw, at.options);
    await at.clock.advance(3_000);
    for (const one of ns(last.out)) arrived.add(one as number);
    last.end();
    assert.deepEqual(
      acknowledged.filter((one) => !arrived.has(one)),
      [],
      `seed ${seed}`,
    );

    function deliver(
      run: { held: { kind: string }[]; deliver(status: 'errored' | 'delivered'): void },
      status: 'errored' | 'delivered',
    ): void {
      if (status === 'delivered')
        for (const batch of run.held)
          for (const one of ns((batch as unknown as { events: Event[] }).events)) arrived.add(one as number);
      run.deliver(status);
    }
  }
});
