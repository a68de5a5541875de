import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { Arena, SLOT_BYTES, type Slot } from './arena.ts';
import { Intake } from './intake.ts';

test('gives every slot once, then none, and tells a waiter when one is free', async () => {
  const arena = new Arena(2);
  const first = arena.claim()!;
  const second = arena.claim()!;
  assert.ok(arena.claim() === undefined);
  let told = false;
  const wait = arena.available().then(() => {
    told = true;
  });
  first.retain();
  first.release();
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(told, false);
  first.release();
  await wait;
  assert.equal(arena.freeSlots, 1);
  second.release();
  assert.equal(arena.freeSlots, 2);
});

test('catches a slot that is released or retained once too often', () => {
  const arena = new Arena(1);
  const slot = arena.claim()!;
  slot.release();
  assert.throws(() => slot.release(), /broken promise/);
  const other = new Arena(1);
  const claimed = other.claim()!;
  claimed.release();
  assert.throws(() => claimed.retain(), /broken promise/);
});

test('keeps slots, scratch space and constants apart, where it says they are', () => {
  const arena = new Arena({ slots: 2, threads: 3 });
  const [a, b] = [arena.claim('intake')!, arena.claim('intake')!];
  a.bytes.fill(1);
  b.bytes.fill(2);
  assert.deepEqual([a.bytes[SLOT_BYTES - 1], b.bytes[0]], [1, 2]);
  for (const slot of [a, b]) {
    assert.equal(arena.slotOffset(slot.index), slot.offset);
    assert.equal(arena.bytes[slot.offset], slot.index + 1);
  }
  assert.ok(a.offset >= arena.scratch(2).offset + arena.scratch(2).bytes);
  assert.equal(arena.scratch(1).offset, arena.scratch(0).offset + arena.scratch(0).bytes);
  assert.ok(arena.bytes.length > b.offset + SLOT_BYTES);
});

test('fills a slot region after region and moves on when the rest is too small', () => {
  const arena = new Arena(2);
  const intake = new Intake(arena);
  const first = intake.reserve(1000)!;
  intake.commit(1000);
  const second = intake.reserve(1000)!;
  assert.ok(second.slot === first.slot);
  assert.equal(second.start, 1000);
  intake.commit(SLOT_BYTES - 1500);
  first.slot.retain();
  const third = intake.reserve(1000)!;
  assert.ok(third.slot !== first.slot);
  third.slot.retain();
  assert.equal(third.start, 0);
  intake.commit(SLOT_BYTES);
  assert.ok(intake.reserve(1) === undefined);
  first.slot.release();
  assert.ok(intake.reserve(1));
  assert.throws(() => intake.reserve(1), /reserved twice/);
});

test('sources leave the reserve to others, and less when they are told so', async () => {
  const arena = new Arena({ slots: 4, reserve: 1 });
  const taken = [0, 1, 2].map(() => arena.claim('intake', 'in')!);
  assert.equal(arena.claim('intake'), undefined);
  arena.claim('output', 'segment')!.release();
  arena.limitIntake(1);
  taken[2]!.release();
  taken[1]!.release();
  assert.equal(arena.claim('intake'), undefined);
  const wait = arena.available('intake');
  arena.limitIntake(100);
  await wait;
  assert.equal(arena.intakeLimit, 3);
  assert.ok(arena.claim('intake', 'in'));
  assert.deepEqual([...arena.holders()], [['in', 2]]);
});

/** A thread that runs `code` with its own view of the arena. */
function inThread(arena: Arena, thread: number, code: string): Worker {
  const module = new URL('./arena.ts', import.meta.url).href;
  return new Worker(
    `const { parentPort, workerData } = await import('node:worker_threads');
     const { Arena } = await import(${JSON.stringify(module)});
     const arena = Arena.attach(workerData, ${thread});
     ${code}`,
    { eval: true, workerData: arena.handle },
  );
}

test('threads hand slots over, wait for each other, and every slot comes back', async () => {
  const ROUNDS = 2_000;
  const arena = new Arena({ slots: 3, threads: 3 });
  const code = `
    for (let round = 0; round < ${ROUNDS}; round++) {
      let slot = arena.claim();
      while (!slot) { arena.sleepUntilAvailable('output', 10_000) || process.exit(7); slot = arena.claim(); }
      slot.bytes.writeUInt32LE(round * arena.thread);
      slot.retain();
      arena.handOver(slot.index);
      parentPort.postMessage(slot.index);
      slot.release();
    }`;
  const workers = [1, 2].map((thread) => inThread(arena, thread, code));
  const seen = [0, 0, 0];
  const ends = workers.map(async (worker, index) => {
    const thread = index + 1;
    worker.on('message', (number: number) => {
      const slot = arena.accept(number, thread);
      assert.equal(slot.bytes.readUInt32LE(), seen[thread]! * thread);
      seen[thread]! += 1;
      slot.release();
    });
    return new Promise((resolve) => worker.once('exit', resolve));
  });
  // The main thread wants slots as well.
  for (let round = 0; round < 500; round++) {
    const slot = arena.claim();
    if (slot) slot.release();
    else await arena.available();
  }
  assert.deepEqual(await Promise.all(ends), [0, 0]);
  assert.deepEqual(seen, [0, ROUNDS, ROUNDS]);
  assert.equal(arena.freeSlots, 3);
});

test('a waiter hears of a slot that another thread frees, and of those of a thread that is gone', async () => {
  const arena = new Arena({ slots: 2, threads: 2 });
  const worker = inThread(
    arena,
    1,
    `const [first, second] = [arena.claim(), arena.claim()];
     second.retain();
     arena.handOver(second.index);
     parentPort.postMessage(second.index);
     parentPort.once('message', () => first.release());`,
  );
  const ended = new Promise((resolve) => worker.once('exit', resolve));
  const [index] = await new Promise<[number]>((resolve) => worker.once('message', (one: number) => resolve([one])));
  const accepted = arena.accept(index, 1, 'from a worker');
  assert.equal(arena.freeSlots, 0);
  assert.deepEqual([...arena.holders()].sort(), [
    ['from a worker', 1],
    ['thread 1', 1],
  ]);
  const wait = arena.available();
  worker.postMessage('release');
  await wait;
  await ended;
  assert.equal(arena.freeSlots, 1);
  accepted.release();
  assert.equal(arena.freeSlots, 1, 'the thread that ended held it as well');
  const one = arena.claim()!;
  const next = arena.available();
  assert.equal(arena.reclaim(1), 1);
  await next;
  one.release();
  assert.equal(arena.freeSlots, 2);
});

test('a thread that is ended in the middle of its work leaves no slot behind, and another one takes its number', async () => {
  const arena = new Arena({ slots: 8, threads: 2 });
  const code = `
    for (;;) {
      const slot = arena.claim();
      if (!slot) { arena.sleepUntilAvailable('output', 1_000); continue; }
      slot.retain();
      arena.handOver(slot.index);
      parentPort.postMessage(slot.index);
      slot.release();
    }`;
  let accepted = 0;
  for (let life = 0; life < 8; life++) {
    const worker = inThread(arena, 1, code);
    const kept: Slot[] = [];
    worker.on('message', (index: number) => {
      accepted += 1;
      kept.push(arena.accept(index, 1));
      if (kept.length > 5) kept.shift()!.release();
    });
    await new Promise((resolve) => worker.once('message', resolve));
    await new Promise((resolve) => setTimeout(resolve, life));
    const ended = new Promise((resolve) => worker.once('exit', resolve));
    void worker.terminate();
    await ended;
    arena.reclaim(1);
    assert.equal(arena.freeSlots, 8 - new Set(kept).size);
    for (const slot of kept) slot.release();
    assert.equal(arena.freeSlots, 8);
  }
  assert.ok(accepted >= 8);
});

test('in debug mode a slot that was forgotten or ended twice says who had it and where', () => {
  const arena = new Arena({ slots: 1, debug: true });
  const slot = arena.claim('intake', 'my_source')!;
  slot.retain('my_sink');
  const [held] = arena.held();
  assert.deepEqual([held?.slot, held?.holds, held?.who], [0, 2, 'my_source']);
  assert.match(held!.history!, /claimed by `my_source` at .*arena\.test\.ts/);
  assert.match(held!.history!, /retained by `my_sink` at .*arena\.test\.ts/);
  slot.release('my_sink');
  slot.bytes.fill(1);
  slot.release();
  assert.notEqual(slot.bytes[0], 1, 'bytes of a free slot are no longer those that were there');
  assert.throws(
    () => slot.release('twice'),
    /broken promise: slot 0 .* does not hold it; slot 0 was\n {2}claimed by `my_source`[\s\S]*released by `my_sink`/,
  );
  assert.deepEqual(arena.held(), []);
});
