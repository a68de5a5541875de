import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Value } from '../../event/value.ts';
import { Failure } from '../4_run/failure.ts';
import { pathOf, withoutValueAt, withValueAt } from './dynamic_path.ts';

test('writes without a change to what it started from', () => {
  const root = { a: { b: 1 }, c: [1, 2] };
  const before = structuredClone(root);
  assert.deepEqual(withValueAt(root, ['a', 'x', 1], true), { a: { b: 1, x: [null, true] }, c: [1, 2] });
  assert.deepEqual(withValueAt(root, ['c', -3, 'y'], 0), { a: { b: 1 }, c: [{ y: 0 }, 1, 2] });
  assert.deepEqual(withoutValueAt(root, ['a', 'b'], true), { c: [1, 2] });
  assert.deepEqual(root, before);
});

test('replaces what is no object or array where one is needed', () => {
  assert.deepEqual(withValueAt([1], ['a'], 2), { a: 2 });
  assert.deepEqual(withValueAt('text', [0], 2), [2]);
  assert.equal(withValueAt({ a: 1 }, [], 2), 2);
});

test('leaves the value as it is when there is nothing to remove', () => {
  const root: Value = { a: [1] };
  for (const path of [['b'], ['a', 1], ['a', -2], ['a', 'x'], ['a', 0, 'y']])
    assert.equal(withoutValueAt(root, path, true), root);
  assert.deepEqual(withoutValueAt(root, [], false), {});
});

test('takes hostile keys for ordinary ones', () => {
  const written = withValueAt({}, ['__proto__', 'polluted'], true) as Record<string, Value>;
  assert.equal(Object.hasOwn(written, '__proto__'), true);
  assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
  assert.deepEqual(Object.keys(withoutValueAt(written, ['__proto__'], false) as object), []);
});

test('does not pad arrays or nest values without bound', () => {
  assert.ok(withValueAt([], [1_000_000_000], 1) instanceof Failure);
  assert.ok(withValueAt([], [-1_000_000_000], 1) instanceof Failure);
  assert.ok(withValueAt({}, new Array(1000).fill('a'), 1) instanceof Failure);
  assert.equal(withoutValueAt({}, new Array(100_000).fill('a'), true) instanceof Failure, false);
});

test('says which segments it cannot use', () => {
  assert.equal((pathOf(['a', 1.5]) as Failure).message, 'path segment must be either string or integer, not float');
  assert.deepEqual(pathOf(['a', -1, 2n ** 60n]), ['a', -1, 2 ** 60]);
});
