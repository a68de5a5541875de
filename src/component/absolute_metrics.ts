// Absolute values of the metrics that came by, for sinks that tell Prometheus what everything stands at: increments are
// added up, distributions become histograms or summaries, and what Prometheus takes for one series is one here.
//
// Memory is bounded: all series together have `stateBytesMax`, which grows with the memory of the process. When that is
// reached, series that nothing came for within `idleMs` go. If that is not enough, new series are not taken and those
// that are there go on; `full` tells of it. When the process has less to give, those that came last go, for the same
// reason: in a flood of ever-new series those that were there before it are the ones that somebody looks at.

import type { WrittenSeries } from '../codecs/prometheus/write_text.ts';
import { type MetricEvent, SharedTags } from '../event/metric.ts';
import { own } from '../event/value.ts';
import type { Clock } from '../std/clock.ts';
import { type Counter, defineCounter, defineGauge, type Gauge, type Recorder } from '../telemetry/telemetry.ts';
import { type AbsoluteValue, ValueProblem, type ValueShape, valueFor } from './absolute_value.ts';
import { type Identity, identityOf, leastBytesOf } from './series_identity.ts';
import { SeriesRoom, type Wanted } from './series_room.ts';
import { stateEvictions } from './state_metrics.ts';

/** Bytes of all series of one sink, as estimated: as many as the arena has, and no more than state may have. */
const STATE_BYTES_LEAST = 16 * 1024 * 1024;
const STATE_BYTES_MOST = 64 * 1024 * 1024;

export function stateBytesOf({
  arena,
  stateBytesMax,
}: {
  readonly arena: { readonly sizeBytes: number };
  readonly stateBytesMax: number;
}): number {
  return Math.min(Math.max(arena.sizeBytes, STATE_BYTES_LEAST), STATE_BYTES_MOST, stateBytesMax);
}

/** How often a full state is looked through for what may go. */
const SWEEP_MS = 1_000;

const seriesKept = defineGauge({
  name: 'sluice_metric_series',
  doc: 'Metric series whose values are kept.',
});
const seriesBytes = defineGauge({
  name: 'sluice_metric_series_bytes',
  doc: 'Estimated bytes of the metric series that are kept.',
});
const seriesExpired = defineCounter({
  name: 'sluice_metric_series_expired_total',
  doc: 'Metric series that were let go because nothing came for them.',
});

export interface AbsoluteOptions extends ValueShape {
  readonly defaultNamespace: string | undefined;
  /** Series that nothing came for within this time go when room is needed. */
  readonly idleMs: number;
  /** A series that nothing came for within this time begins anew, whether room is needed or not. */
  readonly expireMs?: number | undefined;
  readonly stateBytesMax: number;
  readonly clock: Clock;
  readonly recorder: Recorder;
}

export interface Series extends Omit<WrittenSeries, 'value'> {
  readonly value: AbsoluteValue;
  timestampMs: number | undefined;
  updatedMs: number;
  sizeBytes: number;
  /** Where tags that led to it look for it. */
  place: Place | undefined;
}

/** Holds a series as long as it is kept: tags are remembered longer, and would keep its value in memory. */
interface Place {
  series: Series | undefined;
}

/** The series that tags led to when they came with this name last. */
interface SeriesMemo {
  readonly owner: object;
  readonly name: string;
  readonly namespace: string | undefined;
  readonly key: string;
  readonly place: Place;
}

/** What became of a metric: the series with its value now, or why it was not taken. */
export type Taken = Series | 'full' | ValueProblem;

export class AbsoluteMetrics {
  readonly #options: AbsoluteOptions;
  readonly #room: SeriesRoom;
  readonly #series = new Map<string, Series>();
  readonly #kept: Gauge;
  readonly #keptBytes: Gauge;
  readonly #expired: Counter;
  readonly #evictions: Counter;
  /** Stands for this object in what tags remember, so that they do not keep it alive. */
  readonly #token: object = {};
  #bytes = 0;
  #sweptMs = Number.NEGATIVE_INFINITY;

  constructor(options: AbsoluteOptions) {
    this.#options = options;
    this.#room = new SeriesRoom(options.stateBytesMax, options.clock);
    this.#kept = options.recorder.gauge(seriesKept);
    this.#keptBytes = options.recorder.gauge(seriesBytes);
    this.#expired = options.recorder.counter(seriesExpired);
    this.#evictions = options.recorder.counter(stateEvictions);
  }

  get size(): number {
    return this.#series.size;
  }

  get sizeBytes(): number {
    return this.#bytes;
  }

  /** Series in the order in which they first came. */
  all(): IterableIterator<Series> {
    return this.#series.values();
  }

  /** Takes a metric into its series. Who takes many at once says when that is. */
  take(metric: MetricEvent, nowMs = this.#options.clock.monotonic()): Taken {
    return this.#take(metric, nowMs, 'a series');
  }

  #take(metric: MetricEvent, nowMs: number, what: Wanted): Taken {
    const { tags } = metric;
    const memo = tags instanceof SharedTags ? (tags.memo as SeriesMemo | undefined) : undefined;
    if (memo?.owner === this.#token && memo.name === metric.name && memo.namespace === metric.namespace) {
      const { series } = memo.place;
      if (series && !this.#hasExpired(series, nowMs)) return this.#update(series, metric, memo.key, nowMs);
    }
    const identity = identityOf(metric, this.#options.defaultNamespace);
    const { key } = identity;
    const known = this.#series.get(key);
    if (known && !this.#hasExpired(known, nowMs)) {
      if (tags instanceof SharedTags) this.#remember(tags, metric, key, known);
      return this.#update(known, metric, key, nowMs);
    }
    if (known) this.#forget(key, known);
    // Before anything is made: with ever-new series, most are refused.
    if (!this.#hasRoom(leastBytesOf(identity), what)) return 'full';
    const series = this.#begin(metric, identity);
    if (series instanceof ValueProblem) return series;
    if (!this.#hasRoom(series.sizeBytes, what)) return 'full';
    this.#series.set(own(key), series);
    this.#bytes += series.sizeBytes;
    return series;
  }

  #remember(tags: SharedTags, { name, namespace }: MetricEvent, key: string, series: Series): void {
    const memo: SeriesMemo = {
      owner: this.#token,
      name: own(name),
      namespace: namespace && own(namespace),
      key: own(key),
      place: (series.place ??= { series }),
    };
    tags.memo = memo;
  }

  /** A series of one absolute metric alone, which nothing is kept of; undefined for an increment. */
  pass(metric: MetricEvent): Series | ValueProblem | undefined {
    if (metric.kind !== 'absolute') return undefined;
    return this.#begin(metric, identityOf(metric, this.#options.defaultNamespace));
  }

  /** Lets go of the series that nothing came for within `idleMs`. */
  sweep(idleMs: number): void {
    const now = this.#options.clock.monotonic();
    this.#sweptMs = now;
    let expired = 0;
    for (const [key, series] of this.#series) {
      if (now - series.updatedMs <= idleMs) continue;
      this.#forget(key, series);
      expired += 1;
    }
    this.#expired.add(expired);
    this.report();
  }

  /**
   * Lets go of about `bytes`, counted as evictions: the series that came last, after those that nothing came for within
   * `idleMs`. What is left is all that there is room for, for a while.
   */
  shrink(bytes: number): number {
    const before = this.#bytes;
    const until = Math.max(before - bytes, this.#room.keptBytes);
    if (before <= until) return 0;
    this.sweep(this.#options.idleMs);
    let evicted = 0;
    if (this.#bytes > until) {
      const keys = [...this.#series.keys()];
      for (let i = keys.length - 1; i >= 0 && this.#bytes > until; i--) {
        this.#forget(keys[i]!, this.#series.get(keys[i]!)!);
        evicted += 1;
      }
    }
    this.#evictions.add(evicted);
    this.#room.limit(this.#bytes);
    this.report();
    return before - this.#bytes;
  }

  /** Lets go of everything: tags may be remembered for longer than the sink is there. */
  close(): void {
    for (const [key, series] of this.#series) this.#forget(key, series);
  }

  /** Sets the gauges; call once per batch. */
  report(): void {
    this.#kept.set(this.#series.size);
    this.#keptBytes.set(this.#bytes);
  }

  #begin(metric: MetricEvent, identity: Identity): Series | ValueProblem {
    const value = valueFor(metric.value, this.#options);
    if (value instanceof ValueProblem) return value;
    const problem = value.take(metric.value, metric.kind);
    if (problem) return problem;
    const { name, labels } = identity;
    return {
      name: own(name),
      help: own(metric.name),
      labels: labels.map(([label, text]) => [own(label), own(text)] as const),
      timestampMs: metric.timestamp?.toMs(),
      value,
      updatedMs: this.#options.clock.monotonic(),
      sizeBytes: leastBytesOf(identity) + value.sizeBytes,
      place: undefined,
    };
  }

  #update(series: Series, metric: MetricEvent, key: string, nowMs: number): Taken {
    series.updatedMs = nowMs;
    if (!series.value.fits(metric.value)) {
      // Another type under the same name: Prometheus has one of them, the newer one.
      this.#forget(key, series);
      return this.#take(metric, nowMs, 'growth');
    }
    const before = series.value.sizeBytes;
    const most = before + series.value.growthOf(metric.value);
    if (most > before && !this.#hasRoom(most - before, 'growth')) return 'full';
    const problem = series.value.take(metric.value, metric.kind);
    if (problem) return problem;
    series.timestampMs = metric.timestamp?.toMs();
    const grown = series.value.sizeBytes - before;
    series.sizeBytes += grown;
    this.#bytes += grown;
    return series;
  }

  #hasExpired({ updatedMs }: Series, nowMs: number): boolean {
    const { expireMs } = this.#options;
    return expireMs !== undefined && nowMs - updatedMs > expireMs;
  }

  #forget(key: string, series: Series): void {
    if (series.place) series.place.series = undefined;
    this.#series.delete(key);
    this.#bytes -= series.sizeBytes;
  }

  #hasRoom(bytes: number, what: Wanted): boolean {
    if (this.#bytes + bytes <= this.#room.bytesFor(what)) return true;
    if (this.#options.clock.monotonic() - this.#sweptMs >= SWEEP_MS) this.sweep(this.#options.idleMs);
    return this.#bytes + bytes <= this.#room.bytesFor(what);
  }
}

/** The value of a series as it is written. */
export function written(series: Series, withTimestamp: boolean): WrittenSeries {
  const { name, help, labels, timestampMs, value } = series;
  return { name, help, labels, timestampMs: withTimestamp ? timestampMs : undefined, value: value.exposed() };
}
