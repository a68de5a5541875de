import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Emit } from '../../component/define.ts';
import { decode, finish, logBatch } from '../../event/batch.ts';
import type { LogEvent } from '../../event/event.ts';
import { Finalizer, type Status } from '../../event/finalizer.ts';
import { EMPTY_METADATA } from '../../event/metadata.ts';
import { Timestamp } from '../../event/timestamp.ts';
import type { Value } from '../../event/value.ts';
import { FakeClock } from '../../std/clock.ts';
import { log, parseConfig, runTransform, testContext } from '../../testing/component.ts';
import { transform } from './reduce.ts';

async function reduced(raw: unknown, ...batches: Value[][]): Promise<Value[]> {
  const { outputs } = await runTransform(
    transform,
    raw,
    batches.map((values) => values.map(log)),
  );
  return (outputs[''] ?? []).map((event) => (event as LogEvent).value);
}

/** A running one, whose time a test moves. */
async function started(raw: unknown) {
  const clock = new FakeClock();
  const setting = testContext('transform', 'reduce', { clock });
  const reduce = await transform.build(parseConfig(transform, raw), setting.context);
  const values: Value[] = [];
  const statuses: Status[] = [];
  let status: Status = 'delivered';
  const emit: Emit = (batch) => {
    const decoded = decode(batch);
    for (const event of decoded.events) values.push((event as LogEvent).value);
    finish(decoded, status);
  };
  reduce.start!(emit);
  return {
    ...setting,
    clock,
    values,
    statuses,
    send(...given: Value[]) {
      const index = statuses.length;
      statuses.push('none' as Status);
      reduce.process(logBatch(given.map(log), new Finalizer((one) => void (statuses[index] = one))), emit);
    },
    end: () => reduce.end!(emit),
    answer: (one: Status) => void (status = one),
  };
}

test('merges members by their kind, and objects member by member', async () => {
  const first = { n: 1, s: 'a', b: true, l: [1], o: { x: 1, y: 'p', z: {} }, only: 1, at: new Timestamp(1, 0) };
  const second = { n: 2.5, s: 'b', b: false, l: [2], o: { x: 2, y: 'q' }, later: 'z', at: new Timestamp(9, 0) };
  assert.deepEqual(await reduced({}, [first], [second]), [
    {
      n: 3.5,
      s: 'a',
      b: true,
      l: [1],
      o: { x: 3, y: 'p', z: {} },
      only: 1,
      at: new Timestamp(1, 0),
      later: 'z',
      at_end: new Timestamp(9, 0),
    },
  ]);
});

test('follows strategies inside of objects and on whole ones', async () => {
  const merge_strategies = { 'o.v': 'array', whole: 'retain', '"a.b".c': 'max' };
  const events = [1, 2].map((n) => ({ o: { v: n, w: n }, whole: { n, [`m${n}`]: 1 }, 'a.b': { c: n, d: n } }));
  assert.deepEqual(await reduced({ merge_strategies }, events), [
    { o: { w: 3, v: [1, 2] }, 'a.b': { d: 3, c: 2 }, whole: { n: 2, m2: 1 } },
  ]);
});

test('groups by the values of fields, their kinds and their absence', async () => {
  const raw = { group_by: ['o.id', 'missing'], merge_strategies: { v: 'array' } };
  const ids = [1, '1', undefined, 1, null, undefined];
  const events = ids.map((id, v) => ({ o: id === undefined ? {} : { id }, v }));
  const groups = (await reduced(raw, events as Value[])).map((value) => (value as { v: number[] }).v);
  assert.deepEqual(groups, [[1], [0, 3], [4], [2, 5]]);
});

test('an event that ends its group is a part of it', async () => {
  const raw = { ends_when: '.end == true', merge_strategies: { m: 'concat_raw' } };
  const events = ['a', 'b', 'c', 'd'].map((m, index) => ({ m, ...(index % 2 ? { end: true } : {}) }));
  assert.deepEqual(await reduced(raw, events), [
    { end: true, m: 'ab' },
    { end: true, m: 'cd' },
  ]);
});

test('an event that starts a group ends the one before', async () => {
  const raw = { starts_when: '.m == "s"', merge_strategies: { m: 'concat_raw' } };
  const events = ['a', 's', 'b', 's'].map((m) => ({ m }));
  assert.deepEqual(await reduced(raw, events), [{ m: 'a' }, { m: 'sb' }, { m: 's' }]);
});

for (const [max, expected] of [
  [1, ['a', 'b', 'c']],
  [2, ['ab', 'c']],
] as const)
  test(`a group has at most ${max} events`, async () => {
    const raw = { max_events: max, merge_strategies: { m: 'concat_raw' } };
    const values = await reduced(
      raw,
      ['a', 'b', 'c'].map((m) => ({ m })),
    );
    assert.deepEqual(
      values,
      expected.map((m) => ({ m })),
    );
  });

test('a group that gets no event for a while is over', async () => {
  const run = await started({ expire_after_ms: 3000, group_by: ['k'] });
  run.send({ k: 'a', n: 1 }, { k: 'b', n: 1 });
  await run.clock.advance(2000);
  run.send({ k: 'b', n: 1 });
  await run.clock.advance(1000);
  assert.deepEqual(run.values, [{ k: 'a', n: 1 }]);
  await run.clock.advance(2000);
  assert.deepEqual(run.values[1], { k: 'b', n: 2 });
  assert.deepEqual(run.statuses, ['delivered', 'delivered']);
  assert.equal(run.recorder.read('stale_events_flushed_total'), 2);
  run.end();
  assert.equal(run.clock.pending, 0);
});

test('a group is over after its time, whatever comes', async () => {
  const run = await started({ end_every_period_ms: 2000, flush_period_ms: 500 });
  for (let i = 0; i < 5; i++) {
    run.send({ n: 1 });
    await run.clock.advance(1000);
  }
  assert.deepEqual(run.values, [{ n: 2 }, { n: 2 }]);
});

test('a batch is delivered when all that its events went into is', async () => {
  const run = await started({ group_by: ['k'], ends_when: '.end == true' });
  run.send({ k: 'a' }, { k: 'b' });
  run.send({ k: 'a', end: true });
  assert.deepEqual(run.statuses, ['none', 'delivered']);
  run.answer('rejected');
  run.send({ k: 'b', end: true });
  assert.deepEqual(run.statuses, ['rejected', 'delivered', 'rejected']);
});

test('keeps metadata of the first event and the secrets of all', async () => {
  const events: LogEvent[] = [
    { value: { a: 1 }, metadata: { value: { m: 1 }, sourceId: 's', secrets: new Map([['x', '1']]) } },
    {
      value: { a: 1 },
      metadata: {
        value: { m: 2 },
        sourceId: 't',
        secrets: new Map([
          ['x', '2'],
          ['y', '3'],
        ]),
      },
    },
  ];
  const { outputs } = await runTransform(transform, { merge_strategies: { '%m': 'sum' } }, [events]);
  const { metadata } = outputs['']![0] as LogEvent;
  const secrets = new Map([
    ['x', '1'],
    ['y', '3'],
  ]);
  assert.deepEqual(metadata, { value: { m: 3 }, sourceId: 's', secrets });
});

test('says what it could not merge and goes on', async () => {
  const run = await started({ merge_strategies: { v: 'sum' } });
  run.send({ v: 'x', w: { a: 1 } }, { v: 1, w: 5 }, { v: 'y' }, { v: 2, n: 'x' }, { n: 1 });
  run.end();
  assert.deepEqual(run.values, [{ w: { a: 1 }, n: 'x', v: 3 }]);
  const lines = run.records.filter(({ level }) => level === 'warn').map(({ fields }) => fields);
  assert.deepEqual(lines[0], { path: 'v', error: 'expected a number, found `x`' });
});

test('takes events that are no objects', async () => {
  const events = ['a', 'b'].map((value) => ({ value, metadata: EMPTY_METADATA }));
  const { outputs } = await runTransform(transform, {}, [events]);
  assert.equal((outputs['']![0] as LogEvent).value, 'a');
});

test('beyond its limit of groups the one that has waited longest ends early', async () => {
  const run = await started({ group_by: ['k'] });
  const many = Array.from({ length: 50_000 }, (_, k) => ({ k }));
  run.send(...many);
  run.send({ k: 0 });
  assert.equal(run.values.length, 0);
  run.send({ k: -1 });
  assert.deepEqual(run.values, [{ k: 1 }]);
  assert.equal(run.recorder.read('sluice_state_evictions_total'), 1);
});

test('a group that grows beyond its limit ends early', async () => {
  const run = await started({ merge_strategies: { m: 'concat_raw' } });
  for (let i = 0; i < 40; i++) run.send({ m: 'x'.repeat(1_048_576) });
  assert.equal(run.values.length, 2);
  assert.equal(run.recorder.read('sluice_state_evictions_total'), 2);
  run.end();
  const total = run.values.reduce<number>((sum, value) => sum + (value as { m: string }).m.length, 0);
  assert.equal(total, 40 * 1_048_576);
  assert.ok(run.statuses.every((status) => status === 'delivered'));
});

for (const [raw, message] of [
  [{ ends_when: '.a == 1', starts_when: '.a == 1' }, /only one of `ends_when` and `starts_when`/],
  [{ merge_strategies: { 'a[0]': 'sum' } }, /not for an element of a list/],
  [{ merge_strategies: { '.': 'retain' } }, /not for the whole event/],
  [{ merge_strategies: { a: 'average' } }, /merge_strategies/],
  [{ max_events: 0 }, /at least 1/],
  [{ group_by: ['a..b'] }, /is not a path/],
] as const)
  test(`refuses ${JSON.stringify(raw)}`, () => {
    assert.throws(() => parseConfig(transform, raw), message);
  });

test('says which condition is wrong', () => {
  const { context } = testContext('transform', 'reduce');
  const [problem] = transform.verify!(parseConfig(transform, { ends_when: '.a' }), context);
  assert.deepEqual(problem!.path, ['ends_when']);
});
