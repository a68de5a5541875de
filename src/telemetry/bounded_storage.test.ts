import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { AttachedStorage } from './attached_storage.ts';
import { BoundedStorage, COUNTER_BYTES, GAUGE_BYTES, HISTOGRAM_BYTES } from './bounded_storage.ts';

test('a counter, a gauge and a histogram take what they are said to, whatever is recorded', () => {
  assert.deepEqual([COUNTER_BYTES, GAUGE_BYTES, HISTOGRAM_BYTES], [20, 20, 436]);
  const storage = new BoundedStorage({ scalars: 100, histograms: 10 });
  const [counter, gauge, histogram] = [storage.counter(), storage.gauge(), storage.histogram()];
  const before = storage.bytes;
  assert.equal(before, COUNTER_BYTES + GAUGE_BYTES + HISTOGRAM_BYTES);
  for (let i = 0; i < 10_000; i++) {
    counter.add(i);
    gauge.set(i);
    histogram.record(i / 7);
  }
  assert.equal(storage.bytes, before);
  assert.equal(counter.read(), 49_995_000);
  assert.equal(gauge.read(), 9_999);
  assert.equal(histogram.read().count, 10_000);
});

test('a full storage costs what is recorded there, never more memory and never an error', () => {
  const storage = new BoundedStorage({ scalars: 2, histograms: 1 });
  const cells = Array.from({ length: 5 }, () => storage.counter());
  const histograms = [storage.histogram(), storage.histogram()];
  for (const cell of cells) cell.add(1);
  for (const cell of histograms) cell.record(1);
  assert.deepEqual(
    cells.map((cell) => cell.read()),
    [1, 1, 0, 0, 0],
  );
  assert.deepEqual(
    histograms.map((cell) => cell.read().count),
    [1, 0],
  );
  assert.equal(storage.refused, 4);
  assert.equal(cells[3]!.describe(), undefined);
  const { bytesMax } = storage;
  for (let i = 0; i < 1_000; i++) storage.gauge().set(1);
  assert.equal(storage.bytesMax, bytesMax);
  cells[3]!.free();
  assert.equal(storage.used, 3);
});

test('a cell that was given back begins anew elsewhere, and its old handle reaches nobody', () => {
  const storage = new BoundedStorage({ scalars: 1, histograms: 1 });
  const first = storage.counter();
  first.add(5);
  first.free();
  first.free();
  const second = storage.gauge();
  assert.equal(second.read(), 0);
  second.set(2.5);
  first.add(7);
  assert.equal(first.read(), 0);
  assert.equal(second.read(), 2.5);
  const histogram = storage.histogram();
  histogram.record(3);
  histogram.free();
  histogram.record(3);
  assert.deepEqual(storage.histogram().read(), { count: 0, sum: 0, buckets: new Array(26).fill(0) });
  assert.deepEqual([storage.used, storage.refused], [2, 0]);
});

test('a cell that another thread may write to is not given out before that thread has passed', () => {
  const storage = new BoundedStorage({ scalars: 1, histograms: 1 });
  const description = storage.admitThread()!;
  const attached = new AttachedStorage(description);
  const cell = storage.counter();
  const elsewhere = attached.counter(cell.describe()!);
  elsewhere.add(2);
  assert.equal(cell.read(), 2);
  cell.free();
  assert.equal(elsewhere.isCurrent, false);
  elsewhere.add(100);
  storage.counter();
  assert.equal(storage.refused, 1, 'the slot is still waiting');
  attached.pass();
  const next = storage.counter();
  elsewhere.add(100);
  assert.equal(next.read(), 0);
  assert.equal(storage.refused, 1);
  const again = attached.counter(next.describe()!);
  again.add(4);
  assert.equal(next.read(), 4);
  storage.dismissThread(description);
  next.free();
  assert.equal(storage.counter().read(), 0);
  assert.equal(storage.refused, 1);
});

test('what its own thread records and what others do is one value', () => {
  const storage = new BoundedStorage({ scalars: 3, histograms: 1 });
  const attached = new AttachedStorage(storage.admitThread()!);
  for (let round = 0; round < 3; round++) {
    const [counter, gauge, histogram] = [storage.counter(), storage.gauge(), storage.histogram()];
    counter.add(2 ** 33);
    gauge.set(7);
    histogram.record(3);
    const elsewhere = {
      counter: attached.counter(counter.describe()!),
      gauge: attached.gauge(gauge.describe()!),
      histogram: attached.histogram(histogram.describe()!),
    };
    elsewhere.counter.add(1);
    elsewhere.gauge.add(0.5);
    elsewhere.histogram.record(0.5);
    counter.add(1);
    gauge.add(0.25);
    histogram.record(3);
    assert.deepEqual([counter.read(), gauge.read()], [2 ** 33 + 2, 7.75]);
    const { count, sum, buckets } = histogram.read();
    assert.deepEqual([count, sum, buckets[11], buckets[14]], [3, 6.5, 1, 2]);
    // Whoever is asked later is told of the same cell, and nothing is lost.
    attached.counter(counter.describe()!).add(1);
    elsewhere.gauge.set(1);
    gauge.set(2);
    elsewhere.gauge.add(1);
    assert.deepEqual([counter.read(), gauge.read()], [2 ** 33 + 3, 3]);
    for (const cell of [counter, gauge, histogram]) cell.free();
    elsewhere.counter.add(9);
    elsewhere.histogram.record(9);
    attached.pass();
  }
  assert.equal(storage.refused, 0);
});

test('more threads than there may be are told so', () => {
  const storage = new BoundedStorage({ scalars: 1, histograms: 1 });
  let admitted = 0;
  while (storage.admitThread()) admitted += 1;
  assert.equal(admitted, 255);
});

const ROUNDS = 20_000;
const THREADS = 3;

const PROGRAM = `
import { workerData, parentPort } from 'node:worker_threads';
const { AttachedStorage } = await import(workerData.module);
const storage = new AttachedStorage(workerData.storage);
const [counter, gauge, histogram] = workerData.cells.map((cell) => storage[cell.kind](cell));
for (let i = 0; i < ${ROUNDS}; i++) {
  counter.add(2 ** 20);
  gauge.add(0.5);
  histogram.record(0.25);
}
storage.pass();
parentPort.postMessage('done');
`;

test('threads write to the same cells at once, and nothing is lost or seen to go back', async () => {
  const storage = new BoundedStorage({ scalars: 10, histograms: 10 });
  const [counter, gauge, histogram] = [storage.counter(), storage.gauge(), storage.histogram()];
  const cells = [counter, gauge, histogram].map((cell) => cell.describe());
  const module = new URL('attached_storage.ts', import.meta.url).href;
  const done = Array.from({ length: THREADS }, () => {
    const workerData = { module, cells, storage: storage.admitThread() };
    const url = new URL(`data:text/javascript,${encodeURIComponent(PROGRAM)}`);
    const worker = new Worker(url, { workerData });
    return new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
  });
  let isOver = false;
  void Promise.all(done).finally(() => (isOver = true));
  let [count, sum, records, own] = [0, 0, 0, 0];
  while (!isOver) {
    await new Promise((resolve) => setImmediate(resolve));
    // This thread records as well.
    own += 1;
    counter.add(2 ** 20);
    gauge.add(0.5);
    histogram.record(0.25);
    const reading = histogram.read();
    assert.ok(counter.read() >= count && gauge.read() >= sum && reading.count >= records);
    [count, sum, records] = [counter.read(), gauge.read(), reading.count];
    assert.equal(count % 2 ** 20, 0);
    assert.ok(reading.sum >= reading.count * 0.25);
  }
  await Promise.all(done);
  const times = THREADS * ROUNDS + own;
  assert.equal(counter.read(), times * 2 ** 20);
  assert.equal(gauge.read(), times * 0.5);
  const { buckets, ...rest } = histogram.read();
  assert.deepEqual(rest, { count: times, sum: times * 0.25 });
  assert.equal(buckets[10], times);
});
