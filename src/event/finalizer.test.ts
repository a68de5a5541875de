import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Finalizer, type Status } from './finalizer.ts';

test('tells the worst status once, when the last holder lets go', () => {
  const told: Status[] = [];
  const finalizer = new Finalizer((status) => void told.push(status)).retain(2);
  finalizer.release('errored');
  finalizer.release('rejected');
  assert.deepEqual(told, []);
  finalizer.release('delivered');
  assert.deepEqual(told, ['rejected']);
  assert.throws(() => finalizer.release(), /released more often/);
  assert.throws(() => finalizer.retain(), /after its last release/);
});

test('when abandoned it tells at once, and never again, whatever its holders do', () => {
  const told: Status[] = [];
  const finalizer = new Finalizer((status) => void told.push(status)).retain();
  finalizer.abandon('errored');
  assert.deepEqual(told, ['errored']);
  finalizer.abandon('rejected');
  finalizer.retain();
  assert.equal(finalizer.holders, 3, 'who can see the events is still known');
  for (let i = 0; i < 5; i++) finalizer.release('rejected');
  assert.deepEqual(told, ['errored']);
});

test('abandoning one that has ended does nothing', () => {
  const told: Status[] = [];
  const finalizer = new Finalizer((status) => void told.push(status));
  finalizer.release();
  finalizer.abandon('errored');
  assert.deepEqual(told, ['delivered']);
});
