import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../std/clock.ts';
import { seededRandom } from '../std/random.ts';
import { Backoff, RateLimit, type RetryLimits } from './request_backoff.ts';

const LIMITS: RetryLimits = {
  retry_attempts: 100,
  retry_initial_backoff_secs: 1,
  retry_max_duration_secs: 10,
  retry_jitter_mode: 'None',
};

const waits = (limits: Partial<RetryLimits>, count: number, askedMs = 0) => {
  const backoff = new Backoff({ ...LIMITS, ...limits }, seededRandom(7));
  return Array.from({ length: count }, () => backoff.next(askedMs));
};

test('waits grow as the Fibonacci numbers do, up to the longest', () => {
  assert.deepEqual(waits({}, 8), [1000, 1000, 2000, 3000, 5000, 8000, 10000, 10000]);
  assert.deepEqual(waits({ retry_initial_backoff_secs: 2 }, 4), [2000, 2000, 4000, 6000]);
});

test('there are as many retries as allowed', () => {
  assert.deepEqual(waits({ retry_attempts: 2 }, 3), [1000, 1000, undefined]);
  assert.deepEqual(waits({ retry_attempts: 0 }, 1), [undefined]);
});

test('full jitter takes any part of the wait, above nothing', () => {
  const full = waits({}, 6);
  const jittered = waits({ retry_jitter_mode: 'Full' }, 6);
  for (const [index, wait] of jittered.entries()) assert.ok(wait! >= 1 && wait! <= full[index]!, String(wait));
  assert.ok(new Set(jittered.map((wait, index) => wait! / full[index]!)).size > 3);
});

test('what the other side asks for is waited, up to the longest wait', () => {
  assert.deepEqual(waits({}, 4, 2500), [2500, 2500, 2500, 3000]);
  assert.deepEqual(waits({}, 2, 3_600_000), [10000, 10000]);
});

test('a rate limit lets so many start in each window', () => {
  const clock = new FakeClock();
  const rate = new RateLimit(2, 1000, clock);
  assert.deepEqual([rate.take(), rate.take(), rate.take()], [0, 0, 1000]);
});

test('the window of a rate limit opens with the first start after the last one', async () => {
  const clock = new FakeClock();
  const rate = new RateLimit(2, 1000, clock);
  assert.equal(rate.take(), 0);
  await clock.advance(400);
  assert.deepEqual([rate.take(), rate.take()], [0, 600]);
  await clock.advance(1100);
  assert.deepEqual([rate.take(), rate.take(), rate.take()], [0, 0, 1000]);
});
