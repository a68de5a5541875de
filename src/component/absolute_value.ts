// The absolute value of one series of a metric, whatever comes for it: it is replaced by absolute values and grows by
// incremental ones. Each kind of value has a limit in memory.

import { type Exposed, type Histogram, summaryOfSketch } from '../codecs/prometheus/exposition.ts';
import { quantilesOf } from '../codecs/prometheus/quantiles.ts';
import { SketchBuilder } from '../codecs/prometheus/sketch_builder.ts';
import type { Bucket, MetricEvent, MetricValue, Sample } from '../event/metric.ts';
import { own } from '../event/value.ts';

/** Buckets or quantiles of one series. */
const PARTS_MAX = 10_000;

/** Samples of a distribution that are kept as they are; beyond that they become a sketch. */
const SAMPLES_MAX = 1_000;

const PART_BYTES = 16;
const BIN_BYTES = 48;
const SAMPLE_BYTES = 40;
const TEXT_BYTES = 64;
const VALUE_BYTES = 64;

/** What distributions become. */
export interface ValueShape {
  /** Upper limits of buckets, ascending. */
  readonly buckets: readonly number[];
  readonly quantiles: readonly number[];
  /** Histograms, sketches, or what each says itself: exact quantiles while the samples are few. */
  readonly distributions: 'histogram' | 'sketch' | 'statistic';
}

type Kind = MetricEvent['kind'];

/** Why a value cannot be taken. */
export class ValueProblem extends Error {
  override readonly name = 'ValueProblem';
}

export interface AbsoluteValue {
  /** Estimated bytes of memory. */
  readonly sizeBytes: number;
  /** Whether a value is of the same type, so that it can be taken. */
  fits(value: MetricValue): boolean;
  /** The most bytes that it would grow by. */
  growthOf(value: MetricValue): number;
  take(value: MetricValue, kind: Kind): ValueProblem | undefined;
  exposed(): Exposed;
}

/** An empty value of the type that a metric's becomes. */
export function valueFor(value: MetricValue, shape: ValueShape): AbsoluteValue | ValueProblem {
  switch (value.type) {
    case 'counter':
    case 'gauge':
      return new NumberValue(value.type);
    case 'set':
      return new SetValue();
    case 'aggregated_histogram':
      if (value.buckets.length > PARTS_MAX) return new ValueProblem(`it has more than ${PARTS_MAX} buckets`);
      return new HistogramValue(undefined);
    case 'aggregated_summary':
      if (value.quantiles.length > PARTS_MAX) return new ValueProblem(`it has more than ${PARTS_MAX} quantiles`);
      return new SummaryValue();
    case 'sketch':
      return new SketchValue(shape.quantiles, 'sketch');
    case 'distribution': {
      const { distributions, quantiles, buckets } = shape;
      if (distributions === 'sketch') return new SketchValue(quantiles, 'distribution');
      if (distributions === 'statistic' && value.statistic === 'summary') return new SamplesValue(quantiles);
      return new HistogramValue(buckets);
    }
  }
}

class NumberValue implements AbsoluteValue {
  readonly #type: 'counter' | 'gauge';
  #value = 0;

  constructor(type: 'counter' | 'gauge') {
    this.#type = type;
  }

  get sizeBytes(): number {
    return VALUE_BYTES;
  }

  fits(value: MetricValue): boolean {
    return value.type === this.#type;
  }

  growthOf(): number {
    return 0;
  }

  take(value: MetricValue, kind: Kind): undefined {
    const { value: number } = value as { value: number };
    this.#value = kind === 'absolute' ? number : this.#value + number;
  }

  exposed(): Exposed {
    return { type: this.#type, value: this.#value };
  }
}

/** Only the number of distinct texts is told, as a gauge. */
class SetValue implements AbsoluteValue {
  readonly #values = new Set<string>();
  #bytes = VALUE_BYTES;

  get sizeBytes(): number {
    return this.#bytes;
  }

  fits(value: MetricValue): boolean {
    return value.type === 'set';
  }

  growthOf(value: MetricValue): number {
    let bytes = 0;
    for (const text of (value as { values: readonly string[] }).values)
      if (!this.#values.has(text)) bytes += TEXT_BYTES + 2 * text.length;
    return bytes;
  }

  take(value: MetricValue, kind: Kind): undefined {
    if (kind === 'absolute') {
      this.#values.clear();
      this.#bytes = VALUE_BYTES;
    }
    for (const text of (value as { values: readonly string[] }).values) {
      if (this.#values.has(text)) continue;
      this.#values.add(own(text));
      this.#bytes += TEXT_BYTES + 2 * text.length;
    }
  }

  exposed(): Exposed {
    return { type: 'gauge', value: this.#values.size };
  }
}

/** Counts in buckets, of aggregated histograms or, where limits are given, of distributions. */
class HistogramValue implements AbsoluteValue {
  readonly #ofSamples: boolean;
  #limits: readonly number[];
  #counts: number[];
  #count = 0;
  #sum = 0;

  constructor(limits: readonly number[] | undefined) {
    this.#ofSamples = limits !== undefined;
    this.#limits = limits ?? [];
    this.#counts = new Array<number>(this.#limits.length).fill(0);
  }

  get sizeBytes(): number {
    return VALUE_BYTES + PART_BYTES * (this.#ofSamples ? 1 : 2) * this.#counts.length;
  }

  fits(value: MetricValue): boolean {
    return value.type === (this.#ofSamples ? 'distribution' : 'aggregated_histogram');
  }

  growthOf(value: MetricValue): number {
    if (value.type !== 'aggregated_histogram') return 0;
    return Math.max(0, value.buckets.length - this.#counts.length) * 2 * PART_BYTES;
  }

  take(value: MetricValue, kind: Kind): ValueProblem | undefined {
    if (value.type === 'distribution') {
      if (kind === 'absolute') this.#clear();
      this.#observe(value.samples);
      return undefined;
    }
    const { buckets, count, sum } = value as Extract<MetricValue, { type: 'aggregated_histogram' }>;
    if (buckets.length > PARTS_MAX) return new ValueProblem(`it has more than ${PARTS_MAX} buckets`);
    const given = finite(buckets);
    // Other limits are another histogram: what was counted in the old ones cannot go on.
    if (kind === 'absolute' || !sameLimits(given, this.#limits)) {
      if (!sameLimits(given, this.#limits)) this.#limits = given.map(({ upperLimit }) => upperLimit);
      this.#clear();
    }
    for (const [i, bucket] of given.entries()) this.#counts[i]! += Number(bucket.count);
    this.#count += Number(count);
    this.#sum += sum;
    return undefined;
  }

  exposed(): Histogram {
    return { type: 'histogram', limits: this.#limits, counts: this.#counts, count: this.#count, sum: this.#sum };
  }

  #clear(): void {
    this.#counts = new Array<number>(this.#limits.length).fill(0);
    this.#count = 0;
    this.#sum = 0;
  }

  #observe(samples: readonly Sample[]): void {
    for (const { value, rate } of samples) {
      const bucket = this.#limits.findIndex((limit) => value <= limit);
      if (bucket >= 0) this.#counts[bucket]! += rate;
      this.#count += rate;
      this.#sum += value * rate;
    }
  }
}

/** Buckets in ascending order without the one of everything, which is told by the count. */
function finite(buckets: readonly Bucket[]): readonly Bucket[] {
  const kept = buckets.filter(({ upperLimit }) => Number.isFinite(upperLimit));
  const isSorted = kept.every(({ upperLimit }, i) => i === 0 || kept[i - 1]!.upperLimit <= upperLimit);
  return isSorted ? kept : kept.sort((a, b) => a.upperLimit - b.upperLimit);
}

function sameLimits(buckets: readonly Bucket[], limits: readonly number[]): boolean {
  return buckets.length === limits.length && buckets.every(({ upperLimit }, i) => upperLimit === limits[i]);
}

/** Quantiles of others' making: they cannot be added up, so the last ones stand. */
class SummaryValue implements AbsoluteValue {
  #value: Exposed = { type: 'summary', quantiles: [], count: 0, sum: 0 };
  #parts = 0;

  get sizeBytes(): number {
    return VALUE_BYTES + 3 * PART_BYTES * this.#parts;
  }

  fits(value: MetricValue): boolean {
    return value.type === 'aggregated_summary';
  }

  growthOf(value: MetricValue): number {
    const { quantiles } = value as Extract<MetricValue, { type: 'aggregated_summary' }>;
    return Math.max(0, quantiles.length - this.#parts) * 3 * PART_BYTES;
  }

  take(value: MetricValue): ValueProblem | undefined {
    const { quantiles, count, sum } = value as Extract<MetricValue, { type: 'aggregated_summary' }>;
    if (quantiles.length > PARTS_MAX) return new ValueProblem(`it has more than ${PARTS_MAX} quantiles`);
    this.#parts = quantiles.length;
    this.#value = { type: 'summary', quantiles: [...quantiles], count: Number(count), sum };
    return undefined;
  }

  exposed(): Exposed {
    return this.#value;
  }
}

class SketchValue implements AbsoluteValue {
  readonly #quantiles: readonly number[];
  readonly #type: 'sketch' | 'distribution';
  #sketch = new SketchBuilder();

  constructor(quantiles: readonly number[], type: 'sketch' | 'distribution') {
    this.#quantiles = quantiles;
    this.#type = type;
  }

  get sizeBytes(): number {
    return VALUE_BYTES + BIN_BYTES * this.#sketch.bins;
  }

  fits(value: MetricValue): boolean {
    return value.type === this.#type;
  }

  growthOf(value: MetricValue): number {
    if (value.type === 'sketch') return value.sketch.keys.length * BIN_BYTES;
    return value.type === 'distribution' ? value.samples.length * BIN_BYTES : 0;
  }

  take(value: MetricValue, kind: Kind): undefined {
    if (kind === 'absolute') this.#sketch = new SketchBuilder();
    if (value.type === 'sketch') this.#sketch.merge(value.sketch);
    else if (value.type === 'distribution') this.#sketch.add(value.samples);
  }

  exposed(): Exposed {
    return summaryOfSketch(this.#sketch.sketch(), this.#quantiles);
  }
}

/** Samples of which exact quantiles are told while they are few, and those of a sketch after that. */
class SamplesValue implements AbsoluteValue {
  readonly #quantiles: readonly number[];
  #samples: Sample[] = [];
  #sketch: SketchBuilder | undefined;

  constructor(quantiles: readonly number[]) {
    this.#quantiles = quantiles;
  }

  get sizeBytes(): number {
    return VALUE_BYTES + SAMPLE_BYTES * this.#samples.length + BIN_BYTES * (this.#sketch?.bins ?? 0);
  }

  fits(value: MetricValue): boolean {
    return value.type === 'distribution' && value.statistic === 'summary';
  }

  growthOf(value: MetricValue): number {
    return (value as { samples: readonly Sample[] }).samples.length * BIN_BYTES;
  }

  take(value: MetricValue, kind: Kind): undefined {
    const { samples } = value as { samples: readonly Sample[] };
    if (kind === 'absolute') {
      this.#samples = [];
      this.#sketch = undefined;
    }
    if (!this.#sketch && this.#samples.length + samples.length <= SAMPLES_MAX) {
      this.#samples = this.#samples.concat(samples);
      return;
    }
    this.#sketch ??= new SketchBuilder();
    this.#sketch.add(this.#samples);
    this.#sketch.add(samples);
    this.#samples = [];
  }

  exposed(): Exposed {
    return this.#sketch
      ? summaryOfSketch(this.#sketch.sketch(), this.#quantiles, true)
      : quantilesOf(this.#samples, this.#quantiles);
  }
}
