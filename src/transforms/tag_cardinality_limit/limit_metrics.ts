// What `tag_cardinality_limit` counts: gathered while a batch is looked at, and recorded once per batch.

import type { TransformContext } from '../../component/context.ts';
import { own } from '../../event/value.ts';
import { type Counter, defineCounter, defineGauge, type Gauge } from '../../telemetry/telemetry.ts';

const limitExceeded = defineCounter({
  name: 'tag_value_limit_exceeded_total',
  doc: 'Tags or events dropped because a tag had a value beyond its limit.',
  labels: [
    { name: 'metric_name', limit: 100 },
    { name: 'tag_key', limit: 50 },
  ],
});
const limitReached = defineCounter({
  name: 'value_limit_reached_total',
  doc: 'Tags that have as many values as they may, so that new ones are dropped from now on.',
});
const trackedKeys = defineGauge({
  name: 'tag_cardinality_tracked_keys',
  doc: 'Tags whose values are tracked, of each metric for itself or of all together.',
});
const untrackedEvents = defineCounter({
  name: 'tag_cardinality_untracked_events_total',
  doc: 'Events with a tag that is not tracked because too many are.',
});

const EXCEEDED = 'Tag value limit exceeded.';

/** Counters at hand; more than these are looked up each time. */
const COUNTERS_MAX = 1_000;

interface Exceeded {
  readonly metric: string;
  readonly tag: string;
  count: number;
}

export class LimitMetrics {
  /** Of this batch: events dropped, tags that reached their limit, events with a tag that is not tracked. */
  dropped = 0;
  reached = 0;
  untracked = 0;
  readonly #context: TransformContext;
  readonly #reached: Counter;
  readonly #untracked: Counter;
  readonly #tracked: Gauge;
  readonly #plain: Counter;
  readonly #extended = new Map<string, Counter>();
  readonly #exceeded = new Map<string, Exceeded>();
  #exceededPlain = 0;

  constructor(context: TransformContext) {
    this.#context = context;
    this.#plain = context.counter(limitExceeded);
    this.#reached = context.counter(limitReached);
    this.#tracked = context.gauge(trackedKeys);
    this.#untracked = context.counter(untrackedEvents);
  }

  exceeded(metric: string, tag: string, isExtended: boolean): void {
    if (!isExtended) {
      this.#exceededPlain += 1;
      return;
    }
    const key = `${metric.length}:${metric}${tag}`;
    const known = this.#exceeded.get(key);
    if (known) known.count += 1;
    else this.#exceeded.set(key, { metric, tag, count: 1 });
  }

  /** Records what was gathered since the last call. */
  settle(keys: number): void {
    const total = this.#exceededPlain + [...this.#exceeded.values()].reduce((sum, { count }) => sum + count, 0);
    if (total > 0) this.#context.log.debug('Tags had values beyond their limit', { count: total }, EXCEEDED);
    this.#plain.add(this.#exceededPlain);
    for (const [key, { metric, tag, count }] of this.#exceeded) this.#counterOf(key, metric, tag).add(count);
    this.#context.faults.discarded(this.dropped, EXCEEDED, true);
    if (this.reached > 0) this.#context.log.debug('Tags have all the values they may', { count: this.reached });
    this.#reached.add(this.reached);
    this.#untracked.add(this.untracked);
    this.#tracked.set(keys);
    this.#exceeded.clear();
    this.#exceededPlain = this.dropped = this.reached = this.untracked = 0;
  }

  #counterOf(key: string, metric: string, tag: string): Counter {
    const known = this.#extended.get(key);
    if (known) return known;
    const counter = this.#context.counter(limitExceeded, { metric_name: metric, tag_key: tag });
    if (this.#extended.size < COUNTERS_MAX) this.#extended.set(own(key), counter);
    return counter;
  }
}
