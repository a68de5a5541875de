// Adds increments up, series by series, and sends on what each series stands at. Absolute metrics pass as they are.
//
// Bounds: series, their bytes in all, and the texts or samples of one. Beyond the first two the series that was seen
// longest ago goes, one that came only once before the others; beyond the last one the series itself. It starts anew
// with its next increment. Both are counted (`sluice_state_evictions_total`). Series that nothing came for within
// `time_to_live` go without being counted.

import type { TransformContext } from '../../component/context.ts';
import { defineTransform } from '../../component/define.ts';
import { KEPT_PART } from '../../component/series_room.ts';
import { KEY_BYTES, textKey } from '../../component/state_key.ts';
import { stateEvictions } from '../../component/state_metrics.ts';
import { decode, type MetricBatch, metricBatch } from '../../event/batch.ts';
import type { MetricEvent } from '../../event/metric.ts';
import { MetricSum } from '../../event/metric_arithmetic.ts';
import { seriesKey } from '../../event/metric_series.ts';
import { object, uint } from '../../schema/schema.ts';
import { SegmentedLruMap } from '../../std/segmented_lru_map.ts';
import type { Counter } from '../../telemetry/telemetry.ts';

const SERIES_MAX = 100_000;
const BYTES_MAX = 64 * 1024 * 1024;
/** A series without its sum. */
const ENTRY_BYTES = KEY_BYTES + 176;

/** Texts of a set or samples of a distribution: every increment sends all of them on. */
const ITEMS_MAX = 4_096;

export const transform = defineTransform({
  type: 'incremental_to_absolute',
  status: 'beta',
  summary: 'Convert incremental metrics to absolute.',
  options: {
    cache: object('How much is remembered of the series whose increments are added up.', {
      max_bytes: uint(
        `Most bytes that all series take, as estimated; ${BYTES_MAX} unless given. Beyond it the series seen longest ago is forgotten and counted in \`sluice_state_evictions_total\`.`,
        { optional: true, min: 1, unit: 'bytes' },
      ),
      max_events: uint(
        `Most series that are remembered; ${SERIES_MAX} unless given. Beyond it the series seen longest ago is forgotten and counted in \`sluice_state_evictions_total\`, as is a series whose set or distribution has more than ${ITEMS_MAX} members.`,
        { optional: true, min: 1, unit: 'events' },
      ),
      time_to_live: uint('A series that nothing came for within this time is forgotten.', {
        default: 300,
        min: 1,
        unit: 'seconds',
      }),
    }),
  },
  examples: [
    { title: 'Totals of counters', config: 'cache:\n  time_to_live: 600' },
    { title: 'With little memory', config: 'cache:\n  max_events: 1000' },
  ],
  sample: { cache: { time_to_live: 300 } },
  inputs: () => ['metric'],
  outputs: () => [{ port: undefined, types: ['metric'] }],
  build({ cache }, context) {
    const totals = new Totals(context, {
      seriesMax: cache.max_events ?? SERIES_MAX,
      bytesMax: Math.min(cache.max_bytes ?? BYTES_MAX, context.stateBytesMax),
      idleMs: cache.time_to_live * 1000,
    });
    return {
      process(given, emit) {
        const batch = decode(given) as MetricBatch;
        totals.forgetIdle();
        emit(
          metricBatch(
            batch.events.map((metric) => totals.absolute(metric)),
            batch.finalizer,
          ),
        );
      },
    };
  },
});

interface Limits {
  readonly seriesMax: number;
  readonly bytesMax: number;
  readonly idleMs: number;
}

interface Total {
  readonly sum: MetricSum;
  seenMs: number;
}

class Totals {
  readonly #limits: Limits;
  readonly #context: TransformContext;
  readonly #evictions: Counter;
  readonly #totals = new SegmentedLruMap<Total>();
  #bytes = 0;

  constructor(context: TransformContext, limits: Limits) {
    this.#context = context;
    this.#limits = limits;
    this.#evictions = context.counter(stateEvictions);
    const leastBytes = limits.bytesMax * KEPT_PART;
    context.owns('state', {
      bytes: () => this.#bytes,
      shrink: (bytes) => this.#shrinkTo(Math.max(leastBytes, this.#bytes - bytes)),
    });
  }

  /** The metric with what its series stands at now. */
  absolute(metric: MetricEvent): MetricEvent {
    if (metric.kind === 'absolute') return metric;
    const key = textKey(seriesKey(metric));
    const value = this.#add(key, metric);
    return { ...metric, kind: 'absolute', value };
  }

  forgetIdle(): void {
    const sinceMs = this.#context.clock.monotonic() - this.#limits.idleMs;
    this.#totals.forget(
      ({ seenMs }) => seenMs < sinceMs,
      (key, total) => this.#forget(key, total),
    );
  }

  #add(key: string, metric: MetricEvent): MetricEvent['value'] {
    const seenMs = this.#context.clock.monotonic();
    const known = this.#totals.use(key);
    if (known) {
      const before = known.sum.sizeBytes;
      // What is of another type than before begins anew.
      if (this.#hasRoom(known.sum, metric) && known.sum.add(metric.value)) {
        known.seenMs = seenMs;
        this.#bytes += known.sum.sizeBytes - before;
        const { value } = known.sum;
        this.#evict();
        return value;
      }
      this.#forget(key, known);
    }
    const sum = new MetricSum(metric.value);
    this.#totals.set(key, { sum, seenMs });
    this.#bytes += ENTRY_BYTES + sum.sizeBytes;
    this.#evict();
    return sum.value;
  }

  #hasRoom(sum: MetricSum, { value }: MetricEvent): boolean {
    const more = value.type === 'set' ? value.values.length : value.type === 'distribution' ? value.samples.length : 0;
    if (sum.items + more <= ITEMS_MAX) return true;
    this.#evictions.add(1);
    return false;
  }

  #evict(): void {
    while (this.#totals.size > this.#limits.seriesMax) this.#forgetOldest();
    if (this.#bytes > this.#limits.bytesMax) this.#shrinkTo(this.#limits.bytesMax);
  }

  /** Returns the bytes that were let go of. */
  #shrinkTo(bytesMax: number): number {
    const before = this.#bytes;
    while (this.#totals.size > 0 && this.#bytes > bytesMax) this.#forgetOldest();
    return before - this.#bytes;
  }

  #forgetOldest(): void {
    this.#forget(...this.#totals.oldest()!);
    this.#evictions.add(1);
  }

  #forget(key: string, { sum }: Total): void {
    this.#totals.delete(key);
    this.#bytes -= ENTRY_BYTES + sum.sizeBytes;
  }
}
