// Absolute metrics as increments, for what takes nothing else: each series is remembered as it last was, and the
// difference goes on.
//
// Bound: the values remembered take at most STATE_BYTES_MAX; beyond it the series that were seen longest ago are
// forgotten and counted (`sluice_state_evictions_total`), those that came only once before the others. The next value of
// a forgotten series begins it anew.

import type { MetricEvent, MetricValue } from '../event/metric.ts';
import { subtractValue } from '../event/metric_arithmetic.ts';
import { seriesKey } from '../event/metric_series.ts';
import { own } from '../event/value.ts';
import { SegmentedLruMap } from '../std/segmented_lru_map.ts';
import type { Counter } from '../telemetry/telemetry.ts';
import type { ComponentContext } from './context.ts';
import { KEPT_PART } from './series_room.ts';
import { KEY_BYTES, textKey } from './state_key.ts';
import { stateEvictions } from './state_metrics.ts';

/** Estimated bytes of all series remembered: 350,000 counters. */
export const STATE_BYTES_MAX = 64 * 1024 * 1024;

/** What a series takes beside its key and what its value holds. */
export const SERIES_BYTES = 80;
const SAMPLE_BYTES = 64;
const TEXT_BYTES = 56;

interface Last {
  readonly value: MetricValue;
  readonly sizeBytes: number;
}

export class MetricIncrements {
  readonly #last = new SegmentedLruMap<Last>();
  readonly #bytesMax: number;
  readonly #evictions: Counter;
  #bytes = 0;

  constructor(context: Pick<ComponentContext, 'counter' | 'owns' | 'stateBytesMax'>, bytesMax = STATE_BYTES_MAX) {
    this.#bytesMax = Math.min(bytesMax, context.stateBytesMax);
    this.#evictions = context.counter(stateEvictions);
    const leastBytes = this.#bytesMax * KEPT_PART;
    context.owns('state', {
      bytes: () => this.#bytes,
      shrink: (bytes) => this.#evict(Math.max(leastBytes, this.#bytes - bytes)),
    });
  }

  /** How many series are remembered. */
  get size(): number {
    return this.#last.size;
  }

  /** Estimated bytes of memory. */
  get sizeBytes(): number {
    return this.#bytes;
  }

  /**
   * The metric as an increment. Undefined when there is nothing to compare with: it is the first of its series, of
   * another type than before, or a counter that fell, which began anew.
   */
  next(metric: MetricEvent): MetricEvent | undefined {
    if (metric.kind === 'incremental') return metric;
    const key = textKey(seriesKey(metric));
    const before = this.#last.use(key);
    const last = { value: ownMetricValue(metric.value), sizeBytes: sizeOf(metric.value) };
    this.#last.set(key, last);
    this.#bytes += last.sizeBytes - (before?.sizeBytes ?? 0);
    if (this.#bytes > this.#bytesMax) this.#evict(this.#bytesMax);
    const value = before && subtractValue(metric.value, before.value);
    return value && { ...metric, kind: 'incremental', value };
  }

  /** Comes down to a limit; returns the bytes that were let go of. */
  #evict(bytesMax: number): number {
    const before = this.#bytes;
    let evicted = 0;
    for (let oldest = this.#last.oldest(); oldest && this.#bytes > bytesMax; oldest = this.#last.oldest()) {
      this.#last.delete(oldest[0]);
      this.#bytes -= oldest[1].sizeBytes;
      evicted += 1;
    }
    this.#evictions.add(evicted);
    return before - this.#bytes;
  }
}

/** A value that keeps no text of the batch it came with. */
function ownMetricValue(value: MetricValue): MetricValue {
  return value.type === 'set' ? { type: 'set', values: value.values.map(own) } : value;
}

function sizeOf(value: MetricValue): number {
  const base = KEY_BYTES + SERIES_BYTES;
  if (value.type === 'set') return value.values.reduce((size, text) => size + TEXT_BYTES + 2 * text.length, base);
  if (value.type === 'distribution') return base + value.samples.length * SAMPLE_BYTES;
  return value.type === 'aggregated_histogram' ? base + value.buckets.length * SAMPLE_BYTES : base;
}
