import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../std/random.ts';
import type { MemorySample } from '../profile/memory_sample.ts';
import { HEAP, judge, RESIDENT } from './verdict.ts';

/** A sample a second; what is not said does not change. */
function samplesOf(secs: number, of: (t: number) => Partial<Record<'heap' | 'owner' | 'rss', number>>): MemorySample[] {
  return Array.from({ length: secs + 1 }, (_, t) => {
    const { heap = 4e7, owner = 1e6, rss = 2e8 } = of(t);
    return { t, rss, heapUsed: heap, external: 1e6, owners: [{ name: 'state of dedupe', bytes: owner }] };
  });
}

const noise = (t: number): number => 30_000 * Math.sin(t * 7.3);

test('memory that only varies is flat', () => {
  const verdict = judge(
    samplesOf(600, (t) => ({ heap: 4e7 + noise(t), rss: 2e8 + 10 * noise(t) })),
    120,
  );
  assert.equal(verdict.judgement, 'flat');
  assert.equal(verdict.judgedSecs, 480);
  assert.equal(verdict.limit, 1024);
  assert.deepEqual(verdict.leaking, []);
});

test('a leak of 8 KiB a second is found in ten minutes, and named', () => {
  const verdict = judge(
    samplesOf(600, (t) => ({ heap: 4e7 + noise(t) + 8192 * t, owner: 1e6 + 8192 * t })),
    120,
  );
  assert.equal(verdict.judgement, 'leaking');
  assert.deepEqual(verdict.leaking.map(({ name }) => name).sort(), [HEAP, 'state of dedupe']);
});

test('a leak of resident memory alone is one', () => {
  const verdict = judge(
    samplesOf(600, (t) => ({ rss: 2e8 + 10_000 * t })),
    120,
  );
  assert.deepEqual(
    verdict.leaking.map(({ name }) => name),
    ['resident without reserves of V8', RESIDENT],
  );
});

test('pages that V8 takes in reserve and gives back decide nothing', () => {
  const random = seededRandom(2);
  const samples = samplesOf(600, () => ({})).map((sample) => {
    const bytes = 2e7 * random();
    return { ...sample, rss: sample.rss + bytes, owners: [{ name: 'heap.free', bytes }] };
  });
  assert.equal(judge(samples, 120).judgement, 'flat');
});

test('resident memory is not judged in a short time, in which it still settles', () => {
  const verdict = judge(
    samplesOf(60, (t) => ({ rss: 2e8 + 500_000 * t })),
    12,
  );
  assert.equal(verdict.judgement, 'flat');
  assert.equal(verdict.rows.find(({ name }) => name === RESIDENT)?.judgement, 'not judged');
});

test('growth in the warm-up does not count, and a cache that fills and stays full is no leak', () => {
  const warm = judge(
    samplesOf(600, (t) => ({ heap: 4e7 + 1e5 * Math.min(t, 100) })),
    120,
  );
  assert.equal(warm.judgement, 'flat');
  const filling = judge(
    samplesOf(600, (t) => ({ owner: 1e6 + 1e5 * Math.min(t, 280) })),
    120,
  );
  assert.equal(filling.rows.find(({ name }) => name === 'state of dedupe')?.judgement, 'settling');
  assert.equal(filling.judgement, 'flat');
});

test('where the interval reaches from none to too much, nothing is decided', () => {
  const random = seededRandom(4);
  const verdict = judge(
    samplesOf(25, () => ({ heap: 4e7 + 2e7 * random() })),
    5,
  );
  assert.equal(verdict.judgement, 'undecided');
});

/** Samples of a process whose workers start after 310 seconds. */
function withWorkers(secs: number, leak: number): MemorySample[] {
  return samplesOf(secs, () => ({})).map((sample) => {
    const bytes = sample.t < 310 ? 0 : 1.3e7;
    const rss = sample.rss + (sample.t < 310 ? 0 : 2e7) + leak * sample.t;
    return { ...sample, rss, owners: [{ name: 'workers', bytes }] };
  });
}

test('workers that start late are a step and no leak, and one beside them is found all the same', () => {
  const verdict = judge(withWorkers(1000, 0), 120);
  assert.equal(verdict.judgement, 'flat');
  assert.equal(verdict.judgedSecs, 570);
  const leaking = judge(withWorkers(1000, 20_000), 120).leaking.map(({ name }) => name);
  assert.deepEqual(leaking, ['resident without reserves of V8', RESIDENT]);
});

test('with too little left after the start of workers nothing is decided', () => {
  assert.equal(judge(withWorkers(435, 0), 120).judgement, 'undecided');
});

test('too few samples decide nothing', () => {
  assert.equal(
    judge(
      samplesOf(3, () => ({})),
      0,
    ).judgement,
    'undecided',
  );
  assert.equal(judge([], 0).judgement, 'undecided');
});

test('the heaps of workers, garbage included, are not judged in a short time, and are in a long one', () => {
  const growing = (secs: number, bytesPerSecond: number): MemorySample[] =>
    samplesOf(secs, () => ({})).map((sample) => ({
      ...sample,
      owners: [{ name: 'workers', bytes: 3e7 + sample.t * bytesPerSecond }],
    }));
  assert.equal(judge(growing(30, 2_500_000), 5).judgement, 'flat');
  assert.deepEqual(
    judge(growing(600, 20_000), 120).leaking.map(({ name }) => name),
    ['workers'],
  );
});
