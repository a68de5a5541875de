import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../std/random.ts';
import { SmallMap } from './small_map.ts';

test('does what a map does, whatever is in the list and what is not', () => {
  const random = seededRandom(7);
  const small = new SmallMap<number>();
  const map = new Map<string, number>();
  for (let i = 0; i < 5_000; i++) {
    const key = `k${Math.floor(random() * 20)}`;
    if (random() < 0.5) {
      small.set(key, i);
      map.set(key, i);
    } else {
      small.delete(key);
      map.delete(key);
    }
    assert.equal(small.size, map.size);
    for (let k = 0; k < 20; k++) assert.equal(small.get(`k${k}`), map.get(`k${k}`));
  }
});

test('a key is no value, and a value no key', () => {
  const small = new SmallMap<string>();
  small.set('a', 'b');
  assert.deepEqual([small.get('a'), small.get('b')], ['b', undefined]);
  small.delete('b');
  assert.equal(small.size, 1);
});
