import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Finalizer, type Status } from './finalizer.ts';
import { mergedFinalizer } from './merged_finalizer.ts';

test('lets go of all that it was made of, with the same status', () => {
  const statuses: Status[] = [];
  const two = [0, 1].map((index) => new Finalizer((status) => void (statuses[index] = status)));
  const merged = mergedFinalizer([...two, two[0]!.retain()]);
  merged.retain();
  merged.release();
  assert.deepEqual(statuses, []);
  merged.release('errored');
  assert.deepEqual(statuses, ['errored', 'errored']);
});

test('holds of one batch are one hold of it', () => {
  const statuses: Status[] = [];
  const one = new Finalizer((status) => void statuses.push(status)).retain();
  const merged = mergedFinalizer([one, one]);
  assert.equal(merged, one);
  assert.equal(one.holders, 1);
  merged.release('rejected');
  assert.deepEqual(statuses, ['rejected']);
});
