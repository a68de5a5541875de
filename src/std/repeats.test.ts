import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Repeats } from './repeats.ts';

test('what comes again is found, and the number of what is kept has a limit', () => {
  const repeats = new Repeats<string, number>(3);
  for (let round = 0; round < 10; round++)
    for (const key of ['a', 'b', 'c']) if (repeats.get(key) === undefined) repeats.add(key, round);
  assert.deepEqual(
    ['a', 'b', 'c'].map((key) => repeats.get(key)),
    [0, 0, 0],
  );
  repeats.add('d', 1);
  assert.deepEqual([repeats.get('d'), repeats.size], [1, 1]);
});

test('where nothing comes again, nothing is kept for a while, and then it is tried anew', () => {
  const repeats = new Repeats<number, number>(100);
  let kept = 0;
  for (let key = 0; key < 100_000; key++) {
    assert.equal(repeats.get(key), undefined);
    repeats.add(key, key);
    if (repeats.size > 0) kept += 1;
  }
  assert.ok(kept <= 1_000, `kept something ${kept} times`);
  repeats.add(-1, 1);
  for (let i = 0; i < 20_000 && repeats.size === 0; i++) repeats.add(-1, 1);
  assert.equal(repeats.get(-1), 1);
});
