import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textLayout } from '../../component/source_fields.ts';
import { frameOf, layoutOf, type RawBatch, type RawLayout } from '../../event/batch.ts';
import { Finalizer } from '../../event/finalizer.ts';
import { DEFAULT_LOG_SCHEMA } from '../../event/log_schema.ts';
import { type Clock, FakeClock, systemClock } from '../../std/clock.ts';
import { memoryLogger } from '../../telemetry/log.ts';
import { Registry } from '../../telemetry/registry.ts';
import type { TestRecipe } from '../../testing/segment_worker.ts';
import { Arena } from '../arena/arena.ts';
import { HeapHold } from '../arena/heap_hold.ts';
import { tell } from './notes.ts';
import { JOBS_PER_WORKER, WorkerPool } from './pool.ts';
import type { Outcome, SharedSegment } from './shared_segment.ts';

const LINES: TestRecipe = {
  form: { form: 'text', delimiter: 10, message: { target: 'event', segments: ['message'] } },
};
const JSON_LINES: TestRecipe = { form: { form: 'json', delimiter: 10, message: undefined } };

const SOURCE = { id: 'in', type: 'test', logSchema: DEFAULT_LOG_SCHEMA, logNamespace: 'legacy' } as const;
const LAYOUT = textLayout(SOURCE, [
  { name: ['host'], legacyKey: { target: 'event', segments: ['host'] }, mode: 'insert_if_empty', value: 'here' },
]);

/** Workers over an arena, and what became of what they were given. */
class Rig {
  readonly arena: Arena;
  readonly pool: WorkerPool;
  readonly log = memoryLogger(systemClock, 'info');
  readonly registry = new Registry();
  readonly outcomes: { readonly name: string; readonly outcome: Outcome }[] = [];
  #woken: (() => void) | undefined;

  constructor({ threads = 2, slots = 32, limits = {}, clock = systemClock as Clock, starts = true } = {}) {
    this.arena = new Arena({ slots, threads });
    const entry = new URL('../../testing/segment_worker.ts', import.meta.url);
    this.pool = new WorkerPool({
      arena: this.arena,
      entry,
      limits,
      clock,
      log: this.log.logger,
      registry: this.registry,
    });
    if (starts) this.pool.start();
  }

  /** A segment that some worker can run. */
  async share(recipe: TestRecipe = LINES): Promise<SharedSegment> {
    const segment = this.pool.share('test', recipe, [recipe.form]);
    await until(() => this.pool.hasRoom(segment) || segment.refused !== undefined);
    return segment;
  }

  batch(messages: readonly string[], layout: RawLayout = LAYOUT): RawBatch {
    const slot = this.arena.claim()!;
    const frames = new Int32Array(2 * messages.length);
    let at = 0;
    for (const [index, one] of messages.entries()) {
      const length = slot.bytes.write(`${one}\n`, at) - 1;
      frames.set([at, length], 2 * index);
      at += length + 1;
    }
    return {
      kind: 'raw',
      type: 'log',
      hold: slot,
      frames,
      count: messages.length,
      sizeBytes: at - messages.length,
      delimiter: 10,
      ingestedMs: 1_700_000_000_000,
      streamOffset: -1,
      layout,
      finalizer: new Finalizer(),
    };
  }

  /** Gives messages to a worker; false when none takes them. */
  offer(segment: SharedSegment, ...messages: string[]): boolean {
    const batch = this.batch(messages);
    const isTaken = this.pool.offer(segment, batch, (outcome) => {
      batch.hold.release();
      this.outcomes.push({ name: messages[0]!, outcome });
      this.#woken?.();
    });
    if (!isTaken) batch.hold.release();
    return isTaken;
  }

  async outcome(count = 1): Promise<Outcome[]> {
    while (this.outcomes.length < count)
      await new Promise<void>((resolve) => {
        this.#woken = resolve;
      });
    return this.outcomes.map(({ outcome }) => outcome);
  }

  /** What was written, and lets go of it. */
  written(outcome: Outcome): string[] {
    assert.equal(outcome.kind, 'run');
    if (outcome.kind !== 'run') return [];
    return outcome.result.leaves.flatMap(({ written }) =>
      written.flatMap((one) => {
        const batch = { ...one, finalizer: new Finalizer() } as unknown as RawBatch;
        const texts = Array.from({ length: one.count }, (_, index) => frameOf(batch, index).toString());
        one.hold.release();
        return texts;
      }),
    );
  }

  /** Ends everything; whatever happened, all slots are free then. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.pool.close();
    assert.deepEqual(this.arena.held(), []);
  }
}

async function until(isTrue: () => boolean): Promise<void> {
  for (let i = 0; !isTrue(); i++) {
    assert.ok(i < 2_000, 'it takes too long');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test('a worker writes to slots of its own and hands them over', async () => {
  await using rig = new Rig();
  const segment = await rig.share();
  assert.ok(rig.offer(segment, 'one', 'two'));
  const [outcome] = await rig.outcome();
  assert.deepEqual(rig.written(outcome!), ['one', 'two']);
  assert.ok(outcome!.kind === 'run');
  assert.deepEqual([outcome.result.received, outcome.result.sent], [[2], [[2]]]);
});

test('a worker adds the fields of the source, and events that it has to decode have them too', async () => {
  await using rig = new Rig();
  const segment = await rig.share(JSON_LINES);
  assert.ok(rig.offer(segment, 'one', '\udc80 is replaced', 'é'));
  const [outcome] = await rig.outcome();
  const texts = rig.written(outcome!);
  const shape = (message: string): string =>
    `{"host":"here","message":${JSON.stringify(message)},"source_type":"test","timestamp":"2023-11-14T22:13:20Z"}`;
  assert.deepEqual(texts, [shape('one'), shape('\ufffd is replaced'), shape('é')]);
});

test('what finds no slot comes as bytes', async () => {
  await using rig = new Rig({ slots: 1 });
  const segment = await rig.share();
  assert.ok(rig.offer(segment, 'one', 'two'));
  const [outcome] = await rig.outcome();
  assert.ok(outcome!.kind === 'run' && outcome.result.leaves[0]!.written[0]!.hold instanceof HeapHold);
  assert.deepEqual(rig.written(outcome!), ['one', 'two']);
});

test('what a worker measures of itself is there with its answer, and stays when it has died', async () => {
  await using rig = new Rig({ clock: new FakeClock() });
  const segment = await rig.share();
  for (const name of ['one', 'two']) assert.ok(rig.offer(segment, name));
  for (const outcome of await rig.outcome(2)) rig.written(outcome);
  const name = 'sluice_worker_batch_seconds';
  assert.equal(rig.registry.read(name, { worker: '1' }), 2);
  assert.ok(rig.offer(segment, 'exit'));
  assert.equal((await rig.outcome(3))[2]!.kind, 'lost');
  assert.equal(rig.registry.read(name, { worker: '1' }), 2);
});

test('a worker takes a few batches at a time, and answers them in order', async () => {
  await using rig = new Rig();
  const segment = await rig.share();
  const taken = ['sleep', 'b', 'c', 'd', 'e'].map((name) => rig.offer(segment, name));
  assert.deepEqual(taken, [true, true, true, false, false]);
  assert.equal(JOBS_PER_WORKER, 3);
  await rig.outcome(3);
  assert.deepEqual(
    rig.outcomes.map(({ name, outcome }) => [name, ...rig.written(outcome)]),
    [
      ['sleep', 'sleep'],
      ['b', 'b'],
      ['c', 'c'],
    ],
  );
  assert.ok(rig.pool.hasRoom(segment));
});

test('batches are spread over workers', async () => {
  await using rig = new Rig({ threads: 3 });
  const segment = await rig.share();
  let taken = 0;
  // The other worker may not have started yet.
  for (let total = 0; taken <= JOBS_PER_WORKER; ) {
    for (taken = 0; rig.offer(segment, `batch ${taken}`); ) taken += 1;
    total += taken;
    await rig.outcome(total);
  }
  assert.equal(taken, 2 * JOBS_PER_WORKER);
  for (const { outcome } of rig.outcomes) rig.written(outcome);
});

test('only batches in slots, with a layout that is plain data, are for workers', async () => {
  await using rig = new Rig();
  const segment = await rig.share();
  const inSlot = rig.batch(['a']);
  const onHeap = { ...inSlot, hold: new HeapHold(Buffer.from('a\n')) };
  const layouts = [
    layoutOf({ decodeFrame: () => assert.fail() }),
    textLayout(SOURCE, [{ name: ['offset'], legacyKey: undefined, mode: 'overwrite', value: (offset) => offset }]),
  ];
  for (const batch of [onHeap, ...layouts.map((layout) => ({ ...inSlot, layout }))])
    assert.equal(
      rig.pool.offer(segment, batch, () => assert.fail()),
      false,
    );
  inSlot.hold.release();
});

test('more layouts than a worker keeps', async () => {
  await using rig = new Rig();
  const segment = await rig.share(JSON_LINES);
  const layouts = Array.from({ length: 300 }, (_, index) => textLayout({ ...SOURCE, type: `type ${index}` }, []));
  for (const layout of [...layouts, layouts[0]!, layouts[299]!]) {
    const batch = rig.batch(['a'], layout);
    const outcome = await new Promise<Outcome>((resolve) => assert.ok(rig.pool.offer(segment, batch, resolve)));
    batch.hold.release();
    const type = (JSON.parse(rig.written(outcome)[0]!) as Record<string, unknown>)['source_type'];
    assert.equal(type, `type ${layouts.indexOf(layout)}`);
  }
});

test('what steps count and say comes with the answer, once', async () => {
  await using rig = new Rig();
  const segment = await rig.share();
  assert.ok(rig.offer(segment, ...new Array<string>(250).fill('drop')));
  const [outcome] = await rig.outcome();
  assert.ok(outcome!.kind === 'run' && outcome.notes);
  const recorder = new Registry();
  const { logger, records } = memoryLogger(systemClock, 'info', 10);
  tell(outcome.notes, [{ log: logger, counter: (definition, labels) => recorder.counter(definition, labels) }]);
  assert.equal(recorder.read('sluice_discarded_events_total', { intentional: 'true', reason: 'dropped' }), 250);
  assert.deepEqual(
    records.map(({ message }) => message),
    ['dropped', 'Internal log [dropped] is being suppressed to avoid flooding.'],
  );
  assert.ok(outcome.notes.lines.length <= 101);
});

test('a segment that cannot be built is for the main thread, and others are not in the way', async () => {
  await using rig = new Rig();
  const refused = await rig.share({ ...LINES, refuse: 'it looks into tables' });
  assert.equal(refused.refused, 'it looks into tables');
  assert.equal(rig.offer(refused, 'a'), false);
  assert.ok(rig.offer(await rig.share(), 'a'));
  const [outcome] = await rig.outcome();
  assert.deepEqual(rig.written(outcome!), ['a']);
});

test('a segment that is dropped while it is built', async () => {
  await using rig = new Rig();
  const [first, second] = [rig.pool.share('test', LINES, [LINES.form]), rig.pool.share('test', LINES, [LINES.form])];
  rig.pool.forget(first);
  await until(() => rig.pool.hasRoom(second));
  assert.equal(rig.pool.hasRoom(first), false);
  rig.pool.forget(second);
  assert.ok(rig.offer(await rig.share(), 'a'));
  rig.written((await rig.outcome())[0]!);
});

test('a segment that throws fails on the batch, and goes on with the next', async () => {
  await using rig = new Rig();
  const segment = await rig.share();
  rig.offer(segment, 'a', 'throw', 'b');
  rig.offer(segment, 'c');
  const [failed, next] = await rig.outcome(2);
  assert.ok(failed!.kind === 'failed');
  assert.equal(failed.reason, 'thrown on purpose');
  assert.deepEqual(rig.written(next!), ['c']);
});

test('a worker that ends gives its batches back, its slots are free, and it is started again', async () => {
  await using rig = new Rig();
  const segment = await rig.share();
  for (const message of ['a', 'exit', 'b']) rig.offer(segment, message);
  const outcomes = await rig.outcome(3);
  assert.deepEqual(
    outcomes.map(({ kind }) => kind),
    ['run', 'lost', 'lost'],
  );
  assert.deepEqual(rig.written(outcomes[0]!), ['a']);
  assert.equal(rig.arena.held().length, 0);
  await until(() => rig.offer(segment, 'c'));
  assert.deepEqual(rig.written((await rig.outcome(4))[3]!), ['c']);
  assert.deepEqual(
    rig.log.records.map(({ message, fields }) => [message, fields['reason']]),
    [['A worker ended unexpectedly and is started again', 'it ended with code 3']],
  );
});

test('a batch that a worker ran out of memory with is not given back', async () => {
  await using rig = new Rig({ limits: { maxOldGenerationSizeMb: 24, maxYoungGenerationSizeMb: 2 } });
  const segment = await rig.share();
  for (const message of ['memory', 'b']) rig.offer(segment, message);
  const outcomes = await rig.outcome(2);
  assert.deepEqual(
    outcomes.map(({ kind }) => kind),
    ['fatal', 'lost'],
  );
  await until(() => rig.offer(segment, 'c'));
  assert.deepEqual(rig.written((await rig.outcome(3))[2]!), ['c']);
});

test('a worker that ends again and again is given up', async () => {
  const clock = new FakeClock();
  await using rig = new Rig({ clock });
  rig.pool.share('test', { ...LINES, dies: true }, [LINES.form]);
  const timer = setInterval(() => void clock.advance(200), 20);
  await until(() => rig.log.records.some(({ message }) => message.includes('goes on without it')));
  clearInterval(timer);
  const restarts = rig.log.records.filter(({ message }) => message.includes('started again'));
  assert.equal(restarts.length, 5);
});

test('a worker that is at one batch for very long is told of, and left alone', async () => {
  const clock = new FakeClock();
  await using rig = new Rig({ clock });
  const segment = await rig.share();
  rig.offer(segment, 'sleep');
  await clock.advance(60_000);
  const [outcome] = await rig.outcome();
  assert.deepEqual(rig.written(outcome!), ['sleep']);
  const messages = rig.log.records.map(({ message, fields }) => [message, fields['busy_secs']]);
  assert.deepEqual(messages, [['A worker has been running one batch for very long', 30]]);
});

test('workers are started when the main thread did enough in their place, within a second', async () => {
  const clock = new FakeClock();
  await using rig = new Rig({ clock, starts: false });
  const segment = rig.pool.share('test', LINES, [LINES.form]);
  rig.pool.missed(90);
  await clock.advance(1_500);
  rig.pool.missed(90);
  assert.equal(rig.pool.hasStarted, false);
  rig.pool.missed(10);
  assert.equal(rig.pool.hasStarted, true);
  await until(() => rig.pool.hasRoom(segment));
});

test('batches of a pool that is closed are lost', async () => {
  await using rig = new Rig();
  const segment = await rig.share();
  for (const message of ['sleep', 'b']) rig.offer(segment, message);
  await rig.pool.close();
  const outcomes = await rig.outcome(2);
  for (const outcome of outcomes) if (outcome.kind === 'run') rig.written(outcome);
  assert.equal(outcomes.at(-1)!.kind, 'lost');
  assert.deepEqual(rig.log.records, []);
});
