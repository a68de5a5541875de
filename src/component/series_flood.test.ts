// A flood of series that come once, with little memory: what was there before it goes on counting.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MetricEvent } from '../event/metric.ts';
import { FakeClock } from '../std/clock.ts';
import { seededRandom } from '../std/random.ts';
import { testContext } from '../testing/component.ts';
import { counter } from '../testing/metrics.ts';
import { AbsoluteMetrics } from './absolute_metrics.ts';
import { MetricIncrements } from './metric_increments.ts';

const MEBIBYTE = 2 ** 20;
const KNOWN = 20;
const ROUNDS = 100;
const NEW_PER_ROUND = 10_000;
/** Known series come as seldom as a scrape does: the flood fills all there is several times in between. */
const ROUND_MS = 10_000;

const named = (name: string): MetricEvent => ({
  ...counter('requests', 1),
  tags: new Map([['id', name]]),
});

/** Rounds of all known series and of new ones; at times in between memory is short. */
async function flood(clock: FakeClock, take: (metric: MetricEvent, round: number) => void, shrink: () => void) {
  const random = seededRandom(7);
  for (let round = 1; round <= ROUNDS; round++) {
    for (let i = 0; i < KNOWN; i++) take(named(`known ${i}`), round);
    const isFlood = round > 2;
    for (let i = 0; isFlood && i < NEW_PER_ROUND; i++) {
      take(named(`new ${round} ${i}`), round);
      if (random() < 0.0003) shrink();
    }
    await clock.advance(ROUND_MS);
  }
}

test('what is shown of known series stays exact while a million new ones come and memory is short', async () => {
  const clock = new FakeClock();
  const { context, ledger, recorder } = testContext('sink', 'prometheus_exporter', { clock });
  const metrics = new AbsoluteMetrics({
    buckets: [],
    quantiles: [],
    distributions: 'histogram',
    defaultNamespace: undefined,
    idleMs: 60_000,
    stateBytesMax: MEBIBYTE,
    clock,
    recorder,
  });
  context.owns('state', { bytes: () => metrics.sizeBytes, shrink: (bytes) => metrics.shrink(bytes) });
  let refused = 0;
  let mostBytes = 0;
  await flood(
    clock,
    (metric) => {
      if (metrics.take(metric) === 'full') refused += 1;
      mostBytes = Math.max(mostBytes, metrics.sizeBytes);
    },
    () => void ledger.shrink(metrics.sizeBytes / 2),
  );
  const values = new Map(
    [...metrics.all()].map(({ labels, value }) => [labels[0]![1], (value.exposed() as { value: number }).value]),
  );
  for (let i = 0; i < KNOWN; i++) assert.equal(values.get(`known ${i}`), ROUNDS);
  assert.ok(mostBytes <= MEBIBYTE);
  const evicted = recorder.read('sluice_state_evictions_total');
  const expired = recorder.read('sluice_metric_series_expired_total');
  assert.ok(evicted > 0 && expired > 0);
  assert.equal(metrics.size - KNOWN + refused + evicted + expired, (ROUNDS - 2) * NEW_PER_ROUND, 'each is counted');
});

test('increments of known series stay exact as well', async () => {
  const clock = new FakeClock();
  const { context, ledger, recorder } = testContext('sink', 'statsd', { clock });
  const increments = new MetricIncrements(context, MEBIBYTE);
  const totals = new Map<string, number>();
  await flood(
    clock,
    (metric, round) => {
      const next = increments.next({ ...metric, kind: 'absolute', value: { type: 'counter', value: round } });
      const id = metric.tags!.get('id') as string;
      if (next?.value.type === 'counter') totals.set(id, (totals.get(id) ?? 0) + next.value.value);
    },
    () => void ledger.shrink(increments.sizeBytes / 2),
  );
  for (let i = 0; i < KNOWN; i++) assert.equal(totals.get(`known ${i}`), ROUNDS - 1);
  assert.ok(recorder.read('sluice_state_evictions_total') > 900_000);
  assert.ok(increments.sizeBytes <= MEBIBYTE);
});
