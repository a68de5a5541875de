import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Arena, SLOT_BYTES } from './arena.ts';
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

test('keeps slots apart', () => {
  const arena = new Arena(2);
  const [a, b] = [arena.claim()!, arena.claim()!];
  a.bytes.fill(1);
  b.bytes.fill(2);
  assert.equal(a.bytes[SLOT_BYTES - 1], 1);
  assert.equal(b.bytes[0], 2);
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
