import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../std/clock.ts';
import { Registry } from '../telemetry/registry.ts';
import { type AdaptiveSettings, ConcurrencyLimit, type RequestEnd } from './adaptive_concurrency.ts';

const SETTINGS: AdaptiveSettings = {
  initial_concurrency: 1,
  max_concurrency_limit: 200,
  decrease_ratio: 0.9,
  ewma_alpha: 0.4,
  rtt_deviation_scale: 2.5,
};

interface Load {
  readonly requests: number;
  /** Milliseconds between two requests; all are there from the start without it. */
  readonly intervalMs?: number;
  /** Milliseconds that a request takes, by how many are under way. */
  readonly answerMs: (inFlight: number) => number;
  readonly end?: (inFlight: number) => RequestEnd;
  readonly limit?: number | Partial<AdaptiveSettings>;
}

/** Runs a load against a peer and tells, weighted by time, what the limit and the requests under way were. */
async function run(load: Load) {
  const clock = new FakeClock();
  const recorder = new Registry();
  const limit = new ConcurrencyLimit(
    typeof load.limit === 'number' ? load.limit : { ...SETTINGS, ...load.limit },
    clock,
    recorder,
  );
  const inFlight = new OverTime(clock);
  const limits = new OverTime(clock);
  let waiting = 0;
  let done = 0;
  let made = 0;
  const note = (): void => {
    inFlight.set(limit.inFlight);
    limits.set(limit.limit);
  };
  const pump = (): void => {
    while (waiting > 0 && limit.start()) {
      waiting -= 1;
      const startedMs = clock.monotonic();
      const level = limit.inFlight;
      clock.after(load.answerMs(level), () => {
        limit.end(startedMs, load.end?.(level) ?? 'answered');
        done += 1;
        pump();
        note();
      });
    }
    note();
  };
  const more = (): void => {
    made += 1;
    waiting += 1;
    pump();
    if (made < load.requests) clock.after(load.intervalMs!, more);
  };
  if (load.intervalMs === undefined) {
    waiting = load.requests;
    pump();
  } else more();
  while (done < load.requests) await clock.advance(10);
  return { inFlight: inFlight.read(), limit: limits.read(), recorder };
}

class OverTime {
  readonly #clock: FakeClock;
  readonly #times = new Map<number, number>();
  #level = 0;
  #sinceMs: number;

  constructor(clock: FakeClock) {
    this.#clock = clock;
    this.#sinceMs = clock.monotonic();
  }

  set(level: number): void {
    const now = this.#clock.monotonic();
    if (now > this.#sinceMs) this.#times.set(this.#level, (this.#times.get(this.#level) ?? 0) + now - this.#sinceMs);
    this.#level = level;
    this.#sinceMs = now;
  }

  read() {
    const entries = [...this.#times].sort((a, b) => b[1] - a[1]);
    const total = entries.reduce((sum, [, ms]) => sum + ms, 0);
    return {
      max: Math.max(...entries.map(([level]) => level)),
      mean: entries.reduce((sum, [level, ms]) => sum + level * ms, 0) / total,
      mode: entries[0]![0],
    };
  }
}

function between(value: number, [low, high]: readonly [number, number], what: string): void {
  assert.ok(value >= low && value <= high, `${what} is ${value}, which is not between ${low} and ${high}`);
}

test('climbs by one in each round while answers come as fast as ever', async () => {
  const { inFlight, limit } = await run({ requests: 500, answerMs: () => 101 });
  between(inFlight.max, [30, 31], 'requests under way');
  between(inFlight.mean, [15, 16], 'mean of requests under way');
  between(limit.max, [22, 32], 'limit');
  between(limit.mean, [16, 18], 'mean of the limit');
});

test('does not climb beyond what the load asks for', async () => {
  const slow = await run({ requests: 100, intervalMs: 100, answerMs: () => 51 });
  assert.equal(slow.inFlight.max, 1);
  between(slow.limit.mean, [1, 2], 'mean of the limit');
  const medium = await run({ requests: 500, intervalMs: 25, answerMs: () => 101 });
  assert.equal(medium.inFlight.max, 8);
  between(medium.inFlight.mode, [4, 5], 'usual requests under way');
  assert.equal(medium.limit.max, 9);
});

test('stays low where every further request slows all of them down', async () => {
  const { inFlight, limit } = await run({ requests: 200, answerMs: (level) => 101 * level });
  between(inFlight.max, [2, 7], 'requests under way');
  between(limit.mean, [1.7, 5], 'mean of the limit');
});

test('settles at the knee from which on answers take longer', async () => {
  const answerMs = (level: number): number => 101 * 1.1 ** Math.max(0, level - 10);
  const { inFlight, limit } = await run({ requests: 1000, answerMs });
  between(inFlight.max, [11, 13], 'requests under way');
  between(limit.mean, [9, 12], 'mean of the limit');
});

test('shrinks by the ratio when the other side pushes back, and never below one', async () => {
  const end = (level: number): RequestEnd => (level > 5 ? 'pushed_back' : 'answered');
  const { limit, recorder } = await run({ requests: 400, answerMs: () => 100, end });
  between(limit.max, [6, 7], 'limit');
  between(limit.mean, [4, 7], 'mean of the limit');
  assert.ok(recorder.read('adaptive_concurrency_back_pressure') > 0);
  const always = await run({
    requests: 50,
    answerMs: () => 100,
    end: (level) => (level > 1 ? 'pushed_back' : 'answered'),
    limit: { initial_concurrency: 10 },
  });
  between(always.limit.mean, [1, 10], 'mean of the limit');
  const harsh = await run({
    requests: 30,
    answerMs: () => 100,
    end: () => 'answered',
    limit: { initial_concurrency: 3, decrease_ratio: 0.01, max_concurrency_limit: 3 },
  });
  assert.equal(harsh.limit.max, 3);
});

test('a fixed number never changes, however answers vary', async () => {
  let turn = 0;
  const answerMs = (): number => 100 + 37 * (turn++ % 5);
  const { inFlight, limit } = await run({ requests: 500, answerMs, limit: 10 });
  assert.equal(inFlight.max, 10);
  assert.equal(limit.max, 10);
  assert.equal(limit.mode, 10);
  between(inFlight.mean, [8, 10], 'mean of requests under way');
});

test('the limit given is never exceeded', async () => {
  const { inFlight } = await run({ requests: 300, answerMs: () => 10, limit: { max_concurrency_limit: 7 } });
  assert.equal(inFlight.max, 7);
});

test('failures that say nothing about load change nothing', async () => {
  const { limit } = await run({ requests: 40, answerMs: () => 100, end: () => 'failed' });
  assert.equal(limit.max, 1);
});
