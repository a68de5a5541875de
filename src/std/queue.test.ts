import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Queue } from './queue.ts';
import { seededRandom } from './random.ts';

test('gives elements back in the order they came, whatever the mix of pushes and takes', () => {
  const random = seededRandom(7);
  const queue = new Queue<number>();
  const plain: number[] = [];
  for (let i = 0; i < 20_000; i++) {
    if (random() < (i % 2_000 < 1_000 ? 0.7 : 0.3)) {
      queue.push(i);
      plain.push(i);
    } else assert.equal(queue.shift(), plain.shift());
    assert.equal(queue.length, plain.length);
    assert.equal(queue.peek(), plain[0]);
  }
  assert.deepEqual([...queue], plain);
});
