import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testContext } from '../testing/component.ts';
import { KeyedState } from './keyed_state.ts';

test('forgets the key used longest ago for a new one, and counts that', () => {
  const { context, recorder } = testContext('transform', 'test');
  const state = new KeyedState<number>(context, 2);
  state.set('a', 1);
  state.set('b', 2);
  assert.equal(state.use('a'), 1);
  state.set('c', 3);
  assert.deepEqual([state.use('a'), state.use('b'), state.use('c'), state.size], [1, undefined, 3, 2]);
  state.settle();
  state.settle();
  assert.equal(recorder.read('sluice_state_evictions_total'), 1);
});

test('forgets what is over, and does not count that', () => {
  const { context, recorder } = testContext('transform', 'test');
  const state = new KeyedState<number>(context);
  for (const [index, key] of ['a', 'b', 'c', 'd'].entries()) state.set(key, index);
  state.forget((value) => value !== 2);
  assert.deepEqual([state.size, state.use('c'), state.use('d')], [2, 2, 3]);
  state.settle();
  assert.equal(recorder.read('sluice_state_evictions_total'), 0);
});
