import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../std/clock.ts';
import { Ledger } from '../telemetry/ledger.ts';
import { watchHeap } from './heap_watch.ts';

const MEBIBYTE = 2 ** 20;

function watched({ memoryMib = 128, stateMib = 20, workerMib = 0 } = {}) {
  const clock = new FakeClock();
  const ledger = new Ledger();
  const memory = { rss: 70 * MEBIBYTE, heapTotal: 15 * MEBIBYTE, heapUsed: 12 * MEBIBYTE, external: 0 };
  const limits: number[] = [];
  const collected: number[] = [];
  const steps: boolean[] = [];
  const freed = { bytes: 0 };
  const looks = { count: 0 };
  const stop = watchHeap({
    budget: { memoryBytes: memoryMib * MEBIBYTE, stateBytes: stateMib * MEBIBYTE, workerBytes: workerMib * MEBIBYTE },
    ledger,
    clock,
    usage() {
      looks.count += 1;
      return { ...memory };
    },
    limitGrowth: (percent) => void limits.push(Math.round(percent)),
    markInSteps: (isWanted) => void steps.push(isWanted),
    collect() {
      collected.push(clock.monotonic());
      memory.rss -= freed.bytes;
    },
  });
  return { clock, ledger, memory, limits, steps, collected, freed, looks, stop };
}

test('with room enough garbage may be as much as what is live', async () => {
  const { clock, limits } = watched({ memoryMib: 1_000 });
  await clock.advance(10_000);
  assert.deepEqual(limits, [100]);
});

test('the less room there is, the earlier garbage is collected, and later again when there is room', async () => {
  const { clock, memory, limits } = watched();
  assert.deepEqual(limits, [100]);
  Object.assign(memory, { rss: 105 * MEBIBYTE, heapTotal: 60 * MEBIBYTE, heapUsed: 50 * MEBIBYTE });
  await clock.advance(100);
  Object.assign(memory, { heapUsed: 30 * MEBIBYTE });
  await clock.advance(100);
  assert.equal(limits.at(-1), 26, '109 MiB without the 55 beside the heap are 54: 30, and three times 26 % of it');
  Object.assign(memory, { external: 5 * MEBIBYTE });
  await clock.advance(100);
  assert.equal(limits.at(-1), 21, 'buffers take room as well');
  Object.assign(memory, { rss: 300 * MEBIBYTE });
  await clock.advance(100);
  assert.equal(limits.at(-1), 15, 'never so little that it does nothing but collect');
  Object.assign(memory, { rss: 70 * MEBIBYTE, heapTotal: 15 * MEBIBYTE, heapUsed: 12 * MEBIBYTE, external: 0 });
  await clock.advance(100);
  assert.equal(limits.at(-1), 100);
});

test('the part of workers is theirs before they start', async () => {
  const { clock, ledger, memory, collected } = watched({ memoryMib: 152, workerMib: 24 });
  memory.rss = 120 * MEBIBYTE;
  await clock.advance(100);
  assert.equal(collected.length, 1, '85 % of 128 MiB are 109');
  ledger.register({ owner: 'workers', place: 'pages', bytes: () => 15 * MEBIBYTE });
  await clock.advance(10_000);
  assert.equal(collected.length, 1, '85 % of 152 MiB are 129');
});

test('beyond the budget all garbage is collected, seldom where that does not help', async () => {
  const { clock, memory, collected, freed } = watched();
  const startMs = clock.monotonic();
  memory.rss = 140 * MEBIBYTE;
  await clock.advance(31_000);
  assert.deepEqual(
    collected.map((ms) => ms - startMs),
    [100, 600, 1_600, 3_600, 7_600, 15_600],
  );
  freed.bytes = 40 * MEBIBYTE;
  await clock.advance(60_000);
  assert.equal(collected.length, 7);
  await clock.advance(60_000);
  assert.equal(collected.length, 7, 'within the budget nothing is done');
  memory.rss = 140 * MEBIBYTE;
  await clock.advance(1_000);
  assert.equal(collected.length, 8);
});

test('a budget that is used up at rest does not have all of the time go into collecting', async () => {
  const { clock, memory, collected } = watched({ memoryMib: 60 });
  memory.rss = 86 * MEBIBYTE;
  await clock.advance(60_000);
  assert.equal(collected.length, 0);
  memory.rss = 88 * MEBIBYTE;
  await clock.advance(400);
  assert.equal(collected.length, 1, '70 MiB at rest and 32 of room: 85 % of them are 87');
});

test('what is alive is marked at one stroke, and in steps where there is much of it', async () => {
  const { clock, memory, steps } = watched({ memoryMib: 1_000 });
  memory.heapUsed = 300 * MEBIBYTE;
  await clock.advance(60_000);
  memory.heapUsed = 20 * MEBIBYTE;
  await clock.advance(400);
  assert.deepEqual(steps, [false, true, false]);
});

test('where nothing changes it is looked less often, and at once as often as before when something does', async () => {
  const { clock, memory, looks } = watched();
  await clock.advance(10_000);
  const quiet = looks.count;
  assert.ok(quiet <= 30, `${quiet} looks in ten seconds`);
  for (let index = 0; index < 100; index++) {
    memory.heapUsed += MEBIBYTE / 8;
    memory.external += MEBIBYTE / 4;
    await clock.advance(100);
  }
  assert.ok(looks.count - quiet >= 95, `${looks.count - quiet} looks in ten seconds`);
});

test('what state may still grow to is taken for live', async () => {
  const { clock, ledger, limits } = watched();
  ledger.register({ owner: 'state', bytes: () => 5 * MEBIBYTE, shrink: () => 0 });
  await clock.advance(100);
  assert.equal(limits.at(-1), 33, '54 MiB of room: 12 and 15, and three times 33 % of those');
});

test('state of all components together has its part of the memory', async () => {
  const { clock, ledger, stop } = watched();
  const held = { one: 15 * MEBIBYTE, other: 9 * MEBIBYTE };
  for (const owner of ['one', 'other'] as const)
    ledger.register({
      owner,
      bytes: () => held[owner],
      shrink(bytes) {
        held[owner] -= bytes;
        return bytes;
      },
    });
  await clock.advance(100);
  assert.deepEqual(held, { one: 11 * MEBIBYTE, other: 9 * MEBIBYTE });
  stop();
  held.one = 100 * MEBIBYTE;
  await clock.advance(10_000);
  assert.equal(held.one, 100 * MEBIBYTE);
});
