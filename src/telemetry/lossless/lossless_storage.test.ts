import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { BUCKETS, bucketOf } from '../buckets.ts';
import { ClearingReader, push, read } from './bucket.ts';
import { leave } from './epochs.ts';
import { attach, type LosslessMode, LosslessStorage } from './lossless_storage.ts';

for (const mode of ['read', 'readWithClear', 'pinned'] satisfies LosslessMode[]) {
  test(`knows count, sum and buckets of every sample: ${mode}`, () => {
    const histogram = new LosslessStorage({ mode, blocks: 64 }).histogram();
    const values = Array.from({ length: 1_000 }, (_, index) => index / 7);
    const buckets = new Array<number>(BUCKETS).fill(0);
    for (const [index, value] of values.entries()) {
      histogram.record(value);
      buckets[bucketOf(value)]! += 1;
      if (index % 300 === 0) assert.equal(histogram.read().count, index + 1);
    }
    histogram.record(Number.NaN);
    for (let again = 0; again < 3; again++) {
      const reading = histogram.read();
      assert.equal(reading.count, 1_000);
      assert.ok(Math.abs(reading.sum - values.reduce((sum, value) => sum + value, 0)) < 1e-6);
      assert.deepEqual(reading.buckets, buckets);
    }
  });
}

/** Pushes 100 rounds of 640 samples with a reading after each; the blocks that takes. */
function blocksOf(mode: LosslessMode): number {
  const storage = new LosslessStorage({ mode, blocks: 2_000 });
  const histogram = storage.histogram();
  for (let round = 0; round < 100; round++) {
    for (let i = 0; i < 640; i++) histogram.record(i);
    histogram.read();
  }
  assert.equal(storage.lost, 0);
  return storage.blocksUsed;
}

test('blocks come back when samples are taken out, unless somebody stays pinned', () => {
  assert.equal(blocksOf('read'), 1_000);
  assert.equal(blocksOf('pinned'), 1_000);
  assert.ok(blocksOf('readWithClear') <= 50);
});

test('a block comes back whatever number of samples is in it', () => {
  const storage = new LosslessStorage({ mode: 'readWithClear', blocks: 100 });
  const thread = attach(storage.description);
  const { bucket } = storage.histogram();
  const reader = new ClearingReader(thread, bucket);
  for (let count = 0; count <= 130; count++) {
    for (let i = 0; i < count; i++) push(thread, bucket, i);
    const values: number[] = [];
    reader.readWithClear((value) => values.push(value));
    assert.deepEqual(
      values.sort((a, b) => a - b),
      Array.from({ length: count }, (_, i) => i),
    );
    assert.equal(reader.unfinished.length, 0, `${count} samples`);
  }
  assert.ok(storage.blocksUsed < 20);
});

test('grows in steps, and counts as lost what finds no room', () => {
  const storage = new LosslessStorage({ mode: 'read', blocks: 1_000, buckets: 4 });
  const histogram = storage.histogram();
  const before = storage.bytes;
  for (let i = 0; i < 64_000; i++) histogram.record(1);
  assert.ok(storage.bytes > before + 500 * 544);
  const full = storage.bytes;
  for (let i = 0; i < 100; i++) histogram.record(1);
  assert.equal(storage.lost, 100);
  assert.equal(storage.bytes, full);
  assert.equal(histogram.read().count, 64_000);
});

test('a bucket that was given back takes nothing any more, and nobody else gets it', () => {
  const storage = new LosslessStorage({ mode: 'read', blocks: 100, buckets: 3 });
  const first = storage.histogram();
  first.record(1);
  first.free();
  first.free();
  first.record(2);
  assert.equal(storage.lost, 1);
  const second = storage.histogram();
  second.record(3);
  assert.deepEqual([second.read().count, second.read().sum], [1, 3]);
  const beyond = storage.histogram();
  beyond.record(4);
  assert.equal(beyond.read().count, 0);
  assert.equal(storage.lost, 2);
});

test('a thread that died pinned holds up nothing once it was dismissed', () => {
  const storage = new LosslessStorage({ mode: 'readWithClear', blocks: 1_000 });
  const histogram = storage.histogram();
  const dead = attach(storage.description);
  dead.pin();
  const rounds = (): number => {
    const before = storage.blocksUsed;
    for (let round = 0; round < 20; round++) {
      for (let i = 0; i < 640; i++) histogram.record(i);
      histogram.read();
    }
    return storage.blocksUsed - before;
  };
  assert.ok(rounds() > 150);
  storage.dismiss(dead.seat);
  histogram.read();
  assert.ok(rounds() <= 30);
});

test('there are only so many threads', () => {
  const storage = new LosslessStorage({ mode: 'read', blocks: 1, participants: 2 });
  const second = attach(storage.description);
  assert.throws(() => attach(storage.description), /more than 2 threads/);
  leave(second.view, second.seat);
  attach(storage.description);
});

/** Pushes numbers that nobody else pushes. */
const WRITER = `
const { workerData, parentPort } = require('node:worker_threads');
import(workerData.modules.storage).then(async ({ attach }) => {
  const { push } = await import(workerData.modules.bucket);
  const thread = attach(workerData.description);
  for (let i = 0; i < workerData.samples; i++) push(thread, workerData.bucket, workerData.first + i);
  parentPort.postMessage('done');
});`;

const SAMPLES = 100_000;
const WRITERS = 3;

for (const isClearing of [true, false]) {
  test(`every sample of several threads is read once, ${isClearing ? 'with' : 'without'} clear`, async () => {
    const storage = new LosslessStorage({ mode: 'read', blocks: 6_000 });
    const { bucket } = storage.histogram();
    const modules = {
      storage: new URL('./lossless_storage.ts', import.meta.url).href,
      bucket: new URL('./bucket.ts', import.meta.url).href,
    };
    const workers = Array.from({ length: WRITERS }, (_, writer) => {
      const { description } = storage;
      const workerData = { modules, description, bucket, samples: SAMPLES, first: writer * SAMPLES };
      return new Worker(WRITER, { eval: true, workerData });
    });
    let left = WRITERS;
    for (const worker of workers) void once(worker, 'message').then(() => (left -= 1));
    const seen = new Uint8Array(WRITERS * SAMPLES);
    const thread = attach(storage.description);
    const reader = new ClearingReader(thread, bucket);
    const see = (value: number): void => void (seen[value]! += 1);
    while (left > 0) {
      if (isClearing) reader.readWithClear(see);
      else read(thread, bucket, (value) => assert.ok(value >= 0 && value < WRITERS * SAMPLES));
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (isClearing) reader.readWithClear(see);
    else read(thread, bucket, see);
    assert.ok(seen.every((times) => times === 1));
    assert.equal(reader.unfinished.length, 0);
    assert.equal(storage.lost, 0);
    assert.ok(push(thread, bucket, 0));
    await Promise.all(workers.map((worker) => worker.terminate()));
  });
}
