import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../std/clock.ts';
import { Ledger } from '../telemetry/ledger.ts';
import { watchHeap } from './heap_watch.ts';

const MEBIBYTE = 2 ** 20;

function watched(stateMib = 20) {
  const clock = new FakeClock();
  const ledger = new Ledger();
  const memory = { rss: 70 * MEBIBYTE, heapTotal: 15 * MEBIBYTE, heapUsed: 12 * MEBIBYTE };
  const limits: number[] = [];
  const stop = watchHeap({
    budget: { memoryBytes: 128 * MEBIBYTE, stateBytes: stateMib * MEBIBYTE },
    ledger,
    clock,
    usage: () => memory,
    limitGrowth: (percent) => void limits.push(Math.round(percent)),
  });
  return { clock, ledger, memory, limits, stop };
}

test('with room enough V8 does as it likes', async () => {
  const { clock, limits } = watched();
  await clock.advance(10_000);
  assert.deepEqual(limits, []);
});

test('the less room there is, the earlier garbage is collected, and later again when there is room', async () => {
  const { clock, memory, limits } = watched();
  Object.assign(memory, { rss: 150 * MEBIBYTE, heapTotal: 80 * MEBIBYTE, heapUsed: 70 * MEBIBYTE });
  await clock.advance(250);
  Object.assign(memory, { heapUsed: 30 * MEBIBYTE });
  await clock.advance(250);
  assert.equal(limits.at(-1), 93, '128 MiB without the 70 beside the heap are 58: 93 % more than 30');
  Object.assign(memory, { rss: 300 * MEBIBYTE });
  await clock.advance(250);
  assert.equal(limits.at(-1), 25, 'never so little that it does nothing but collect');
  Object.assign(memory, { rss: 70 * MEBIBYTE, heapTotal: 15 * MEBIBYTE, heapUsed: 12 * MEBIBYTE });
  await clock.advance(250);
  assert.equal(limits.at(-1), 300);
});

test('state of all components together has its part of the memory', async () => {
  const { clock, ledger, stop } = watched(20);
  const held = { one: 15 * MEBIBYTE, other: 9 * MEBIBYTE };
  for (const owner of ['one', 'other'] as const)
    ledger.register({ owner, bytes: () => held[owner], shrink: (bytes) => ((held[owner] -= bytes), bytes) });
  await clock.advance(250);
  assert.deepEqual(held, { one: 11 * MEBIBYTE, other: 9 * MEBIBYTE });
  stop();
  held.one = 100 * MEBIBYTE;
  await clock.advance(10_000);
  assert.equal(held.one, 100 * MEBIBYTE);
});
