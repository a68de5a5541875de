import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decode, decodedBatch, finish } from '../../event/batch.ts';
import type { Event, EventType, LogEvent } from '../../event/event.ts';
import { Finalizer, type Status } from '../../event/finalizer.ts';
import { EMPTY_METADATA } from '../../event/metadata.ts';
import { FakeClock } from '../../std/clock.ts';
import { log, parseConfig, testContext } from '../../testing/component.ts';
import { transform } from './delay.ts';

async function started(raw: Record<string, unknown>) {
  const clock = new FakeClock();
  const setting = testContext('transform', 'delay', { clock });
  const delay = await transform.build(parseConfig(transform, { delay_ms: 1000, ...raw }), setting.context);
  const numbers: number[] = [];
  const types: EventType[] = [];
  const statuses: (Status | undefined)[] = [];
  const taken: (() => void)[] = [];
  const options = { isSlow: false, status: 'delivered' as Status };
  const emit = (given: Parameters<Parameters<typeof delay.process>[1]>[0]): Promise<void> | undefined => {
    const batch = decode(given);
    types.push(batch.type);
    for (const event of batch.events)
      numbers.push(
        batch.type === 'metric'
          ? Number((event as { name: string }).name)
          : ((event as LogEvent).value as { n: number }).n,
      );
    finish(batch, options.status);
    return options.isSlow ? new Promise((resolve) => taken.push(resolve)) : undefined;
  };
  delay.start!(emit);
  const sendAs = (type: EventType, events: readonly Event[]): unknown => {
    const index = statuses.push(undefined) - 1;
    const finalizer = new Finalizer((status) => void (statuses[index] = status));
    return delay.process(decodedBatch(type, events, finalizer), emit);
  };
  return {
    ...setting,
    clock,
    numbers,
    types,
    statuses,
    taken,
    options,
    sendAs,
    send: (...given: number[]) =>
      sendAs(
        'log',
        given.map((n) => log({ n })),
      ),
    end: () => delay.end!(emit),
    discarded: (intentional: boolean) =>
      setting.recorder.read('component_discarded_events_total', { intentional: String(intentional) }),
  };
}

test('passes events on after their time, in their order', async () => {
  const run = await started({});
  run.send(1, 2);
  await run.clock.advance(600);
  run.send(3);
  await run.clock.advance(399);
  assert.deepEqual(run.numbers, []);
  await run.clock.advance(1);
  assert.deepEqual(run.numbers, [1, 2]);
  assert.deepEqual(run.statuses, ['delivered', undefined]);
  await run.clock.advance(600);
  assert.deepEqual(run.numbers, [1, 2, 3]);
  assert.equal(run.clock.pending, 0);
});

test('holds back those that meet the condition alone', async () => {
  const run = await started({ condition: 'int!(.n) > 1' });
  run.send(2, 1, 3, 0);
  assert.deepEqual(run.numbers, [1, 0]);
  assert.deepEqual(run.statuses, [undefined]);
  run.options.status = 'rejected';
  await run.clock.advance(1000);
  assert.deepEqual(run.numbers, [1, 0, 2, 3]);
  assert.deepEqual(run.statuses, ['rejected']);
});

test('blocks when the queue is full, until there is room', async () => {
  const run = await started({ queue_capacity: 2 });
  let isFree = false;
  const wait = run.send(1, 2, 3, 4, 5);
  assert.ok(wait instanceof Promise);
  void wait.then(() => {
    isFree = true;
  });
  await run.clock.advance(1000);
  assert.deepEqual([run.numbers, isFree], [[1, 2], false]);
  await run.clock.advance(1000);
  assert.deepEqual([run.numbers, isFree], [[1, 2, 3, 4], true]);
  assert.equal(run.send(6), undefined);
  await run.clock.advance(1000);
  assert.deepEqual(run.numbers, [1, 2, 3, 4, 5, 6]);
  assert.deepEqual(run.statuses, ['delivered', 'delivered']);
});

test('who does not wait although the queue is full is refused', async () => {
  const run = await started({ queue_capacity: 1 });
  run.send(1, 2);
  run.send(3);
  assert.equal(run.discarded(false), 1);
  await run.clock.advance(2000);
  assert.deepEqual(run.numbers, [1, 2]);
  assert.deepEqual(run.statuses, ['delivered', 'errored']);
});

test('drops the newest when told to', async () => {
  const run = await started({ queue_capacity: 2, overflow_strategy: 'drop_newest' });
  run.send(1, 2, 3);
  run.send(4);
  assert.equal(run.discarded(true), 2);
  await run.clock.advance(1000);
  assert.deepEqual(run.numbers, [1, 2]);
  assert.deepEqual(run.statuses, ['delivered', 'delivered']);
});

test('forwards what has no room when told to', async () => {
  const run = await started({ queue_capacity: 2, overflow_strategy: 'forward' });
  run.send(1, 2, 3);
  assert.deepEqual(run.numbers, [3]);
  await run.clock.advance(1000);
  assert.deepEqual(run.numbers, [3, 1, 2]);
  assert.deepEqual(run.statuses, ['delivered']);
});

test('the queue is full with so many bytes', async () => {
  const run = await started({ queue_capacity: 1000, overflow_strategy: 'drop_newest' });
  for (let n = 0; n < 70; n++) run.sendAs('log', [log({ n, m: 'x'.repeat(1_048_576) })]);
  assert.equal(run.discarded(true), 6);
});

test('emits nothing while what it emitted has not been taken', async () => {
  const run = await started({});
  run.options.isSlow = true;
  run.send(1);
  await run.clock.advance(100);
  run.send(2);
  await run.clock.advance(5000);
  assert.deepEqual(run.numbers, [1]);
  run.taken.shift()!();
  await run.clock.advance(1);
  assert.deepEqual(run.numbers, [1, 2]);
});

test('passes on everything at once when the input is over', async () => {
  const run = await started({ queue_capacity: 2 });
  const wait = run.send(1, 2, 3, 4);
  run.end();
  await wait;
  assert.deepEqual(run.numbers, [1, 2, 3, 4]);
  assert.deepEqual(run.statuses, ['delivered']);
  assert.equal(run.clock.pending, 0);
});

test('takes metrics and traces', async () => {
  const run = await started({});
  const value = { type: 'gauge', value: 1 } as const;
  run.sendAs('metric', [{ name: '1', kind: 'absolute', value, metadata: EMPTY_METADATA }]);
  run.sendAs('trace', [log({ n: 2 })]);
  run.send(3);
  await run.clock.advance(1000);
  assert.deepEqual(
    [run.numbers, run.types],
    [
      [1, 2, 3],
      ['metric', 'trace', 'log'],
    ],
  );
});

test('what it holds back is a copy', async () => {
  const run = await started({});
  const event = log({ n: 1 });
  run.sendAs('log', [event]);
  event.value = { n: 2 };
  await run.clock.advance(1000);
  assert.deepEqual(run.numbers, [1]);
});

for (const raw of [{}, { delay_ms: 1, queue_capacity: 0 }, { delay_ms: 1, overflow_strategy: 'drop_oldest' }])
  test(`refuses ${JSON.stringify(raw)}`, () => {
    assert.throws(() => parseConfig(transform, raw));
  });

test('says what is wrong with the condition', () => {
  const { context } = testContext('transform', 'delay');
  const [problem] = transform.verify!(parseConfig(transform, { delay_ms: 1, condition: '.a' }), context);
  assert.deepEqual(problem!.path, ['condition']);
});
