import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Arena } from '../engine/arena/arena.ts';
import { FakeClock } from '../std/clock.ts';
import { Ledger } from '../telemetry/ledger.ts';
import { memoryLogger } from '../telemetry/log.ts';
import { watchMemory } from './memory_watch.ts';

const MEBIBYTE = 2 ** 20;

function watched({ memory = 100, isGiven = true } = {}) {
  const arena = new Arena({ slots: 40, reserve: 8 });
  const clock = new FakeClock();
  const { logger, records } = memoryLogger(clock);
  const process = { rss: 50 * MEBIBYTE };
  const budget = { memoryBytes: memory * MEBIBYTE, isGiven, slots: 40, reservedSlots: 8, stateBytes: 20 * MEBIBYTE };
  const usage = () => ({ rss: process.rss, heapUsed: 20 * MEBIBYTE, external: MEBIBYTE });
  const ledger = new Ledger();
  const stop = watchMemory({ arena, budget, clock, log: logger, usage, ledger });
  return { arena, clock, records, process, stop, ledger };
}

test('near the limit sources get fewer slots and it is said once who has them; later they get them back', async () => {
  const { arena, clock, records, process } = watched();
  for (let i = 0; i < 3; i++) arena.claim('intake', 'tcp_in');
  arena.claim('output', 'segment');
  await clock.advance(10_000);
  assert.deepEqual([arena.intakeLimit, records.length], [32, 0]);
  process.rss = 97 * MEBIBYTE;
  await clock.advance(2_000);
  assert.equal(arena.intakeLimit, 16);
  await clock.advance(60_000);
  assert.equal(arena.intakeLimit, 4);
  assert.deepEqual(
    records.map(({ level, fields }) => [level, fields['resident_mib'], fields['memory_mib'], fields['slots']]),
    [['warn', 97, 100, 'tcp_in 3, segment 1, free 36']],
  );
  process.rss = 90 * MEBIBYTE;
  await clock.advance(10_000);
  assert.equal(arena.intakeLimit, 4, 'between the two marks nothing changes');
  process.rss = 80 * MEBIBYTE;
  await clock.advance(60_000);
  assert.equal(arena.intakeLimit, 32);
  assert.deepEqual(
    records.map(({ level }) => level),
    ['warn', 'info'],
  );
});

test('beyond the budget state goes by as much as there is too much, and it is said who had it', async () => {
  const { clock, records, process, ledger } = watched();
  const state = { bytes: 30 * MEBIBYTE };
  ledger.register({
    owner: 'state',
    labels: { component_id: 'dedupe' },
    bytes: () => state.bytes,
    shrink(bytes) {
      state.bytes -= bytes;
      process.rss -= bytes;
      return bytes;
    },
  });
  process.rss = 110 * MEBIBYTE;
  await clock.advance(4_000);
  assert.equal(state.bytes, 30 * MEBIBYTE);
  await clock.advance(2_000);
  assert.equal(state.bytes, 20 * MEBIBYTE);
  await clock.advance(60_000);
  assert.equal(state.bytes, 20 * MEBIBYTE);
  assert.deepEqual(
    records.map(({ fields }) => [fields['freed_mib'], fields['owners']]),
    [
      [undefined, 'state of dedupe 30.0 MiB'],
      [10, 'state of dedupe 30.0 MiB'],
    ],
  );
});

test('state that is not what takes the memory stays', async () => {
  const { clock, process, ledger } = watched();
  const state = { bytes: 12 * MEBIBYTE };
  ledger.register({
    owner: 'state',
    bytes: () => state.bytes,
    shrink(bytes) {
      state.bytes -= bytes;
      return bytes;
    },
  });
  process.rss = 150 * MEBIBYTE;
  await clock.advance(60_000);
  assert.equal(state.bytes, 5 * MEBIBYTE, 'a quarter of its part');
});

test('state stays where it is V8 that has memory to spare', async () => {
  const { clock, process, ledger } = watched();
  ledger.register({ owner: 'state', bytes: () => 30 * MEBIBYTE, shrink: () => assert.fail('it is asked') });
  ledger.register({ owner: 'heap.free', bytes: () => 8 * MEBIBYTE });
  ledger.register({ owner: 'heap.garbage', bytes: () => 3 * MEBIBYTE });
  process.rss = 110 * MEBIBYTE;
  await clock.advance(60_000);
});

test('memory that V8 has to spare is near the limit only when it stays', async () => {
  const { arena, clock, records, process, ledger } = watched();
  const spare = { bytes: 10 * MEBIBYTE };
  ledger.register({ owner: 'heap.free', bytes: () => spare.bytes });
  process.rss = 97 * MEBIBYTE;
  await clock.advance(4_000);
  process.rss = 90 * MEBIBYTE;
  await clock.advance(2_000);
  process.rss = 97 * MEBIBYTE;
  await clock.advance(4_000);
  assert.deepEqual([arena.intakeLimit, records.length], [32, 0]);
  await clock.advance(2_000);
  assert.deepEqual([arena.intakeLimit, records.length], [16, 1]);
  process.rss = 80 * MEBIBYTE;
  await clock.advance(2_000);
  assert.equal(arena.intakeLimit, 32);
  process.rss = 97 * MEBIBYTE;
  spare.bytes = MEBIBYTE;
  await clock.advance(2_000);
  assert.equal(arena.intakeLimit, 16, 'what is in use counts at once');
});

test('ends when it is told to', async () => {
  const { arena, clock, process, stop } = watched();
  stop();
  process.rss = 1000 * MEBIBYTE;
  await clock.advance(10_000);
  assert.equal(arena.intakeLimit, 32);
});

for (const isGiven of [true, false]) {
  test(`a budget that is used up at rest is widened, and that is ${isGiven ? 'said' : 'nothing to say'}`, async () => {
    const { arena, clock, records, process } = watched({ memory: 60, isGiven });
    assert.deepEqual(
      records.map(({ level, fields }) => [level, fields['resident_mib'], fields['least_mib']]),
      isGiven ? [['warn', 50, 82]] : [],
    );
    process.rss = 75 * MEBIBYTE;
    await clock.advance(10_000);
    assert.equal(arena.intakeLimit, 32);
    process.rss = 80 * MEBIBYTE;
    await clock.advance(2_000);
    assert.equal(arena.intakeLimit, 16);
  });
}
