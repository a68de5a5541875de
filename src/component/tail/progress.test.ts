import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type InFlight, Progress } from './progress.ts';

function start(position = 0) {
  const inFlight: InFlight = { count: 0 };
  const positions: number[] = [];
  const failures: number[] = [];
  const progress = new Progress(position, inFlight, {
    advanced: (at) => positions.push(at),
    failed: (at) => failures.push(at),
  });
  return { progress, inFlight, positions, failures };
}

test('moves over batches in order, whatever order they finish in', () => {
  const { progress, positions, inFlight } = start(5);
  const [a, b, c] = [progress.begin(10), progress.begin(20), progress.begin(30)];
  c!.release('delivered');
  b!.release('rejected');
  assert.deepEqual(positions, []);
  assert.equal(progress.isSettled, false);
  a!.release('delivered');
  assert.deepEqual(positions, [30]);
  assert.equal(progress.isSettled, true);
  assert.equal(inFlight.count, 0);
});

test('a failed batch holds the position before it for good', () => {
  const { progress, positions, failures, inFlight } = start();
  const [a, b, c] = [progress.begin(10), progress.begin(20), progress.begin(30)];
  b!.release('errored');
  c!.release('delivered');
  assert.deepEqual(positions, []);
  a!.release('delivered');
  assert.deepEqual(positions, [10]);
  progress.begin(40).release('delivered');
  progress.pass(50);
  assert.equal(progress.acknowledged, 10);
  assert.deepEqual(failures, [10]);
  assert.equal(progress.isSettled, false);
  assert.equal(inFlight.count, 0);
});

test('an earlier batch that fails later holds earlier', () => {
  const { progress, positions, failures } = start();
  const [a, b, c] = [progress.begin(10), progress.begin(20), progress.begin(30)];
  c!.release('errored');
  b!.release('errored');
  a!.release('delivered');
  assert.deepEqual(positions, [10]);
  assert.deepEqual(failures, [20]);
});

test('content that made no batch is done with what is before it', () => {
  const { progress, positions } = start();
  progress.pass(5);
  assert.deepEqual(positions, [5]);
  const batch = progress.begin(10);
  progress.pass(15);
  progress.pass(15);
  assert.deepEqual(positions, [5]);
  batch.release('delivered');
  assert.deepEqual(positions, [5, 15]);
});

test('a long run keeps a short list', () => {
  const { progress, inFlight, positions } = start();
  let last = progress.begin(1);
  for (let i = 2; i <= 10_000; i++) {
    const next = progress.begin(i);
    last.release('delivered');
    last = next;
  }
  assert.equal(inFlight.count, 1);
  assert.equal(positions.at(-1), 9_999);
});
