import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Backlog } from './backlog.ts';

function backlog() {
  const state = { sent: 0, now: 0 };
  const held = new Backlog(
    () => state.sent,
    () => state.now,
  );
  return { state, held };
}

test('a feed waits while the source is behind, and goes on when it has caught up', () => {
  const { state, held } = backlog();
  held.wrote(20_000);
  assert.equal(held.isFull, false);
  held.wrote(1);
  assert.equal(held.isFull, true);
  state.sent = 1;
  assert.equal(held.isFull, false);
});

test('a source that has sent nothing yet is waited for', () => {
  const { state, held } = backlog();
  held.wrote(30_000);
  state.now = 3_600_000;
  assert.equal(held.isFull, true);
});

test('what a source drops does not hold its feed back for ever', () => {
  const { state, held } = backlog();
  held.wrote(30_000);
  state.sent = 5_000;
  assert.equal(held.isFull, true);
  state.now = 4_999;
  assert.equal(held.isFull, true);
  state.now = 5_000;
  assert.equal(held.isFull, false);
  held.wrote(20_000);
  assert.equal(held.isFull, false);
  held.wrote(1);
  assert.equal(held.isFull, true);
  state.sent = 25_000;
  assert.equal(held.isFull, false);
});
