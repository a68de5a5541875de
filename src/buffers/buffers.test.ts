import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Batch, finish, logBatch } from '../event/batch.ts';
import { Finalizer, type Status } from '../event/finalizer.ts';
import { EMPTY_METADATA } from '../event/metadata.ts';
import { FakeClock } from '../std/clock.ts';
import { seededRandom } from '../std/random.ts';
import { Faults } from '../telemetry/component_metrics.ts';
import { memoryLogger } from '../telemetry/log.ts';
import { Registry } from '../telemetry/registry.ts';
import type { Labels } from '../telemetry/telemetry.ts';
import { bufferProblem, buildBuffer, type EventBuffer, type StageOptions } from './buffers.ts';

function buffer(...stages: Partial<StageOptions>[]) {
  const clock = new FakeClock();
  const recorder = new Registry();
  const faults = new Faults(recorder, memoryLogger(clock).logger);
  const context = { id: 'out', recorder, faults, clock };
  const built = buildBuffer(
    stages.map((stage) => ({ type: 'memory', when_full: 'block', ...stage })),
    context,
  );
  /** What was counted so far, whether it was told already or not. */
  const readAll = (name: string, labels: Labels = {}): number => {
    built.close();
    return recorder.read(name, labels);
  };
  return {
    clock,
    recorder,
    buffer: built,
    readAll,
    read: (name: string, stage = '0') => readAll(name, { buffer_id: 'out', stage }),
  };
}

function batch(count: number, name = 0, statuses: Status[] = []): Batch {
  const events = Array.from({ length: count }, () => ({ value: { n: name }, metadata: EMPTY_METADATA }));
  return logBatch(events, new Finalizer((status) => void statuses.push(status)), count * 10);
}

/** The numbers of the batches in the buffer, which is empty afterwards. */
function drain(from: EventBuffer): number[] {
  const names: number[] = [];
  for (let next = from.take(); next; next = from.take()) {
    names.push(((next as ReturnType<typeof logBatch>).events[0]!.value as { n: number }).n);
    finish(next);
  }
  return names;
}

test('takes batches without a promise while there is room, and gives them back in order', () => {
  const { buffer: one } = buffer({ max_events: 10 });
  for (let n = 0; n < 5; n++) assert.equal(one.send(batch(2, n)), undefined);
  assert.deepEqual(drain(one), [0, 1, 2, 3, 4]);
  assert.ok(one.isEmpty);
});

test('makes senders wait in line when it is full, and lets them move up as batches are taken', async () => {
  const { buffer: one } = buffer({ max_events: 4 });
  const moved: number[] = [];
  one.send(batch(3, 0));
  const waits = [1, 2, 3].map((n) => one.send(batch(2, n)));
  assert.ok(waits.every((wait) => wait instanceof Promise));
  waits.forEach((wait, i) => void wait!.then(() => moved.push(i + 1)));
  assert.equal(one.waiting, 3);
  finish(one.take()!);
  await Promise.all([waits[0], waits[1]]);
  assert.deepEqual(moved, [1, 2]);
  assert.equal(one.waiting, 1);
  assert.deepEqual(drain(one), [1, 2, 3]);
  await waits[2];
});

test('a small batch does not overtake a large one that waits', () => {
  const { buffer: one } = buffer({ max_events: 4 });
  one.send(batch(3, 0));
  one.send(batch(4, 1));
  assert.ok(one.send(batch(1, 2)) instanceof Promise);
  assert.deepEqual(drain(one), [0, 1, 2]);
});

test('takes a batch that is larger than the buffer only when it is empty', () => {
  const { buffer: one } = buffer({ max_events: 4 });
  assert.equal(one.send(batch(100, 0)), undefined);
  assert.ok(one.send(batch(1, 1)) instanceof Promise);
  assert.deepEqual(drain(one), [0, 1]);
  assert.equal(one.send(batch(1, 2)), undefined);
  assert.ok(one.send(batch(100, 3)) instanceof Promise);
  assert.deepEqual(drain(one), [2, 3]);
});

test('counts bytes in place of events when it is bounded by `max_size`', () => {
  const { buffer: one, read } = buffer({ max_size: 50 });
  assert.equal(one.send(batch(5, 0)), undefined);
  assert.ok(one.send(batch(1, 1)) instanceof Promise);
  assert.equal(read('buffer_max_size_bytes'), 50);
  assert.equal(read('buffer_max_byte_size'), 50);
  assert.equal(read('buffer_max_size_events'), 0);
  assert.equal(read('buffer_size_bytes'), 50);
});

test('holds 500 events unless told otherwise', () => {
  const { buffer: one, read } = buffer({});
  assert.equal(one.send(batch(500)), undefined);
  assert.ok(one.send(batch(1)) instanceof Promise);
  assert.equal(read('buffer_max_size_events'), 500);
});

test('drop_newest drops what finds no room, counted as intended, and the source hears of success', () => {
  const { buffer: one, read, readAll } = buffer({ max_events: 4, when_full: 'drop_newest' });
  const statuses: Status[] = [];
  assert.equal(one.send(batch(4, 0)), undefined);
  assert.equal(one.send(batch(3, 1, statuses)), undefined);
  assert.deepEqual(statuses, ['delivered']);
  assert.equal(readAll('buffer_discarded_events_total', { intentional: 'true', stage: '0' }), 3);
  assert.equal(readAll('buffer_discarded_bytes_total', { intentional: 'true', stage: '0' }), 30);
  assert.equal(readAll('component_discarded_events_total', { intentional: 'true' }), 3);
  assert.equal(readAll('component_discarded_events_total', { intentional: 'false' }), 0);
  assert.equal(read('buffer_received_events_total'), 7);
  assert.deepEqual(drain(one), [0]);
  assert.equal(read('buffer_sent_events_total'), 4);
});

test('overflow goes to the next stage, whose policy applies, and order is kept', () => {
  const stages = [
    { max_events: 2, when_full: 'overflow' },
    { max_events: 3, when_full: 'drop_newest' },
  ] as const;
  const { buffer: one, read } = buffer(...stages);
  for (let n = 0; n < 6; n++) assert.equal(one.send(batch(1, n)), undefined);
  assert.equal(read('buffer_received_events_total', '0'), 2);
  assert.equal(read('buffer_received_events_total', '1'), 4);
  assert.equal(read('buffer_discarded_events_total', '0'), 0);
  assert.equal(read('buffer_discarded_events_total', '1'), 1);
  finish(one.take()!);
  one.send(batch(1, 6));
  assert.deepEqual(drain(one), [1, 2, 3, 4, 6]);
});

test('without a policy to drop, the last stage blocks', () => {
  const { buffer: one } = buffer({ max_events: 1, when_full: 'overflow' }, { max_events: 1 });
  assert.equal(one.send(batch(1, 0)), undefined);
  assert.equal(one.send(batch(1, 1)), undefined);
  assert.ok(one.send(batch(1, 2)) instanceof Promise);
  assert.deepEqual(drain(one), [0, 1, 2]);
});

test('refuses stages that cannot work together', () => {
  const problem = (...stages: Partial<StageOptions>[]) =>
    bufferProblem(stages.map((stage) => ({ type: 'memory', when_full: 'block', ...stage })));
  assert.match(problem()!, /at least one stage/);
  assert.match(problem({ when_full: 'overflow' })!, /nothing to overflow to/);
  assert.match(problem({ when_full: 'drop_newest' }, {})!, /every stage of a buffer but the last/);
  assert.match(problem({ type: 'disk', max_size: 268_435_488 })!, /no disk buffer/);
  assert.equal(problem({ when_full: 'overflow' }, { when_full: 'drop_newest' }), undefined);
});

test('unblocking lets senders go and keeps what they brought', async () => {
  const { buffer: one } = buffer({ max_events: 1 });
  one.send(batch(1, 0));
  const wait = one.send(batch(1, 1));
  one.unblock();
  await wait;
  assert.equal(one.send(batch(1, 2)), undefined);
  assert.deepEqual(drain(one), [0, 1, 2]);
});

test('clearing finishes everything, in the stages and in line, as lost', async () => {
  const { buffer: one, read, readAll } = buffer({ max_events: 1, when_full: 'overflow' }, { max_events: 1 });
  const statuses: Status[] = [];
  const waits = [0, 1, 2, 3].map((n) => one.send(batch(1, n, statuses)));
  assert.equal(one.clear('errored', 'over'), 4);
  await Promise.all(waits);
  assert.deepEqual(statuses, ['errored', 'errored', 'errored', 'errored']);
  assert.equal(readAll('sluice_discarded_events_total', { intentional: 'false', reason: 'over' }), 4);
  assert.equal(readAll('buffer_discarded_events_total', { intentional: 'false' }), 4);
  assert.equal(read('buffer_size_events'), 0);
});

test('records how long senders waited', async () => {
  const { buffer: one, recorder, clock } = buffer({ max_events: 1 });
  one.send(batch(1, 0));
  one.send(batch(1, 1));
  await clock.advance(2500);
  drain(one);
  const series = recorder.all().find(({ name }) => name === 'buffer_send_duration_seconds');
  assert.deepEqual([series?.value, series?.sum], [2, 2.5]);
});

test('at every moment received is sent, dropped and held, within the limits', () => {
  for (let seed = 1; seed <= 30; seed++) {
    const random = seededRandom(seed);
    const policies = ['block', 'drop_newest'] as const;
    const stages: Partial<StageOptions>[] = [{ max_events: 5, when_full: policies[seed % 2]! }];
    if (seed % 3 === 0) stages.unshift({ max_size: 40, when_full: 'overflow' });
    const { buffer: one, readAll } = buffer(...stages);
    const statuses: Status[] = [];
    let sent = 0;
    let taken = 0;
    for (let i = 0; i < 300; i++) {
      if (random() < 0.55) {
        one.send(batch(1 + Math.floor(random() * 7), i, statuses));
        sent += 1;
      } else {
        const next = one.take();
        if (next) {
          finish(next);
          taken += 1;
        }
      }
      for (let stage = 0; stage < stages.length; stage++) {
        const read = (what: string) => readAll(`buffer_${what}_events_total`, { stage: String(stage) });
        const held = readAll('buffer_size_events', { stage: String(stage) });
        assert.equal(read('received'), read('sent') + read('discarded') + held, `seed ${seed}, step ${i}`);
      }
      assert.ok(readAll('buffer_size_events', { stage: String(stages.length - 1) }) <= 7);
    }
    taken += drain(one).length;
    assert.equal(statuses.length, sent);
    assert.ok(taken <= sent);
    assert.equal(readAll('buffer_size_events'), 0);
    assert.equal(readAll('buffer_size_bytes'), 0);
  }
});

test('tells what it counted every two seconds, and the rest at its end', async () => {
  const { buffer: one, recorder, clock } = buffer({ max_events: 10 });
  one.send(batch(2));
  assert.equal(recorder.read('buffer_received_events_total'), 0);
  await clock.advance(2_000);
  assert.equal(recorder.read('buffer_received_events_total'), 2);
  assert.equal(recorder.read('buffer_size_events'), 2);
  drain(one);
  one.close();
  assert.equal(recorder.read('buffer_sent_events_total'), 2);
  assert.equal(recorder.read('buffer_size_events'), 0);
  assert.equal(clock.pending, 0);
});

test('series without anything to tell do not exist', async () => {
  const { recorder, clock } = buffer({ max_events: 10 });
  await clock.advance(10_000);
  assert.deepEqual(
    recorder
      .all()
      .map(({ name }) => name)
      .sort(),
    ['buffer_max_event_size', 'buffer_max_size_events', 'buffer_send_duration_seconds'],
  );
});
