import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LruMap } from './lru_map.ts';
import { seededRandom } from './random.ts';

test('the oldest entry is the one used longest ago', () => {
  const map = new LruMap<number>();
  for (const [key, value] of [
    ['a', 1],
    ['b', 2],
    ['c', 3],
  ] as const)
    map.set(key, value);
  assert.deepEqual(map.oldest(), ['a', 1]);
  assert.equal(map.use('a'), 1);
  assert.deepEqual(map.oldest(), ['b', 2]);
  map.set('b', 4);
  assert.deepEqual(
    [...map],
    [
      ['c', 3],
      ['a', 1],
      ['b', 4],
    ],
  );
  assert.equal(map.peek('c'), 3);
  assert.deepEqual(map.oldest(), ['c', 3]);
  map.delete('c');
  assert.equal(map.use('c'), undefined);
  assert.equal(map.size, 2);
  map.clear();
  assert.equal(map.oldest(), undefined);
});

test('is what a list is that is searched', () => {
  const random = seededRandom(1);
  const map = new LruMap<number>();
  let list: (readonly [string, number])[] = [];
  for (let i = 1; i < 20_000; i++) {
    const key = String(Math.floor(random() * 50));
    const known = list.find(([name]) => name === key);
    const rest = list.filter(([name]) => name !== key);
    switch (Math.floor(random() * 5)) {
      case 0:
        map.set(key, i);
        list = [...rest, [key, i]];
        break;
      case 1:
        assert.equal(map.use(key), known?.[1]);
        if (known) list = [...rest, known];
        break;
      case 2:
        map.delete(key);
        list = rest;
        break;
      default:
        assert.deepEqual(map.oldest(), list[0]);
        if (random() < 0.01) {
          map.clear();
          list = [];
        }
    }
    assert.equal(map.size, list.length);
  }
});
