import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SegmentedLruMap } from './segmented_lru_map.ts';

/** Sets within a limit, as whoever has such a map does. */
function add(map: SegmentedLruMap<number>, limit: number, key: string, value: number): void {
  map.set(key, value);
  while (map.size > limit) map.delete(map.oldest()![0]);
}

test('what was used once outlives any number of keys that come once', () => {
  const map = new SegmentedLruMap<number>();
  for (let i = 0; i < 20; i++) add(map, 100, `known ${i}`, i);
  for (let i = 0; i < 20; i++) assert.equal(map.use(`known ${i}`), i);
  for (let i = 0; i < 100_000; i++) add(map, 100, `new ${i}`, i);
  for (let i = 0; i < 20; i++) assert.equal(map.use(`known ${i}`), i);
  assert.equal(map.size, 100);
});

test('new keys have a part to themselves, and the one used longest ago makes room for them', () => {
  const map = new SegmentedLruMap<number>();
  for (let i = 0; i < 100; i++) {
    add(map, 100, `used ${i}`, i);
    map.use(`used ${i}`);
  }
  map.use('used 0');
  for (let i = 0; i < 1_000; i++) add(map, 100, `new ${i}`, i);
  assert.deepEqual([map.use('used 0'), map.use('used 1')], [0, undefined]);
  const used = Array.from({ length: 100 }, (_, i) => map.use(`used ${i}`)).filter((value) => value !== undefined);
  assert.ok(used.length >= 79 && used.length <= 81, String(used.length));
  assert.equal(map.use('new 999'), 999);
});

test('a value is replaced where it is, deleted wherever it is', () => {
  const map = new SegmentedLruMap<number>();
  map.set('a', 1);
  map.set('a', 2);
  assert.equal(map.use('a'), 2);
  map.set('a', 3);
  assert.deepEqual([map.use('a'), map.size], [3, 1]);
  map.set('b', 4);
  map.delete('a');
  map.delete('b');
  assert.deepEqual([map.size, map.oldest()], [0, undefined]);
});

test('entries go that are over, of those that were used as well', () => {
  const map = new SegmentedLruMap<number>();
  for (let i = 0; i < 6; i++) map.set(String(i), i);
  for (const key of ['0', '1', '5']) map.use(key);
  map.forget(
    (value) => value < 3,
    (key) => map.delete(key),
  );
  assert.deepEqual(
    ['0', '1', '2', '3', '4', '5'].map((key) => map.use(key)),
    [undefined, undefined, undefined, 3, 4, 5],
  );
});
