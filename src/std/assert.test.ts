import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assert as promise, unreachable } from './assert.ts';

test('a promise that holds passes, one that does not says which it was', () => {
  promise(1, 'one is something');
  assert.throws(() => promise(0, 'a slot has a holder'), { message: 'broken promise: a slot has a holder' });
});

test('a branch that cannot be reached says what reached it, whatever it is', () => {
  assert.throws(() => unreachable('other' as never), { message: 'broken promise: unexpected other' });
  assert.throws(() => unreachable(Object.create(null) as never), { message: /broken promise: unexpected \[object/ });
});
