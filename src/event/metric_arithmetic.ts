// Values of metrics added up and taken from each other, by the rules that incremental and absolute metrics have:
// values of one type only, distributions of one statistic, histograms of the same limits. Summaries cannot be added.

import { compareUtf8 } from './key_order.ts';
import type { Bucket, Count, MetricEvent, MetricValue, Sample } from './metric.ts';
import { sortedStrings } from './object.ts';
import { mergeSketches } from './sketch.ts';
import { integer, own } from './value.ts';

const COUNT_MAX = 2n ** 64n - 1n;

type Histogram = Extract<MetricValue, { type: 'aggregated_histogram' }>;
type Distribution = Extract<MetricValue, { type: 'distribution' }>;

/** `value` without what `less` has; undefined when it cannot be: other types, or a counter that fell. */
export function subtractValue(value: MetricValue, less: MetricValue): MetricValue | undefined {
  switch (value.type) {
    case 'counter':
      if (less.type !== 'counter' || value.value < less.value) return undefined;
      return { type: 'counter', value: value.value - less.value };
    case 'gauge':
      return less.type === 'gauge' ? { type: 'gauge', value: value.value - less.value } : undefined;
    case 'set': {
      if (less.type !== 'set') return undefined;
      const gone = new Set(less.values);
      return { type: 'set', values: value.values.filter((one) => !gone.has(one)) };
    }
    case 'distribution': {
      if (less.type !== 'distribution' || less.statistic !== value.statistic) return undefined;
      const gone = new Set(less.samples.map(sampleKey));
      return { ...value, samples: value.samples.filter((sample) => !gone.has(sampleKey(sample))) };
    }
    case 'aggregated_histogram':
      return less.type === 'aggregated_histogram' ? subtractHistogram(value, less) : undefined;
    default:
      return undefined;
  }
}

const sampleKey = ({ value, rate }: Sample): string => `${value} ${rate}`;

function subtractHistogram(value: Histogram, less: Histogram): Histogram | undefined {
  if (value.count < less.count || !haveSameLimits(value.buckets, less.buckets)) return undefined;
  if (value.buckets.some(({ count }, i) => count < less.buckets[i]!.count)) return undefined;
  return {
    type: 'aggregated_histogram',
    buckets: value.buckets.map(({ upperLimit, count }, i) => ({
      upperLimit,
      count: subtractCount(count, less.buckets[i]!.count),
    })),
    count: subtractCount(value.count, less.count),
    sum: value.sum - less.sum,
  };
}

function haveSameLimits(one: readonly Bucket[], other: readonly Bucket[]): boolean {
  return one.length === other.length && one.every(({ upperLimit }, i) => upperLimit === other[i]!.upperLimit);
}

function addCount(one: Count, other: Count): Count {
  if (typeof one === 'number' && typeof other === 'number' && one + other <= Number.MAX_SAFE_INTEGER)
    return one + other;
  const sum = BigInt(one) + BigInt(other);
  return integer(sum > COUNT_MAX ? COUNT_MAX : sum);
}

function subtractCount(one: Count, other: Count): Count {
  if (typeof one === 'number' && typeof other === 'number') return one - other;
  return integer(BigInt(one) - BigInt(other));
}

/** Estimated bytes of memory. */
const VALUE_BYTES = 48;
const SAMPLE_BYTES = 64;
const BUCKET_BYTES = 64;
/** With its places in the set and in the order. */
const TEXT_BYTES = 72;
const BIN_BYTES = 16;

/** A value that others are added to, without a copy of what is there for each. Owns its texts. */
export class MetricSum {
  #value: MetricValue;
  /** What of a set or a distribution grows; `#value` has none then. */
  #texts: Set<string> | undefined;
  /** The texts in order as they were last told, and those that have come since. */
  #sorted: readonly string[] = [];
  #unsorted: string[] = [];
  #samples: Sample[] | undefined;
  #sizeBytes = VALUE_BYTES;

  constructor(value: MetricValue) {
    this.#value = value;
    if (value.type === 'set') {
      this.#texts = new Set();
      this.#addTexts(value.values);
      this.#value = { type: 'set', values: [] };
    } else if (value.type === 'distribution') {
      this.#samples = [];
      this.#addSamples(value);
      this.#value = { ...value, samples: [] };
    } else if (value.type === 'aggregated_histogram') this.#sizeBytes += value.buckets.length * BUCKET_BYTES;
    else if (value.type === 'aggregated_summary') this.#sizeBytes += value.quantiles.length * BUCKET_BYTES;
    else if (value.type === 'sketch') this.#sizeBytes += value.sketch.keys.length * BIN_BYTES;
  }

  /** The sum so far, shared with nobody who writes it. */
  get value(): MetricValue {
    if (this.#texts) return { type: 'set', values: this.#sortedTexts() };
    if (this.#samples) return { ...(this.#value as Distribution), samples: [...this.#samples] };
    return this.#value;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Texts of a set or samples of a distribution. */
  get items(): number {
    return this.#texts?.size ?? this.#samples?.length ?? 0;
  }

  /** Adds a value; false when it cannot be added, and nothing changed. */
  add(other: MetricValue): boolean {
    const value = this.#value;
    switch (other.type) {
      case 'counter':
      case 'gauge':
        if (value.type !== other.type) return false;
        this.#value = { type: other.type, value: value.value + other.value };
        return true;
      case 'set':
        if (value.type !== 'set') return false;
        this.#addTexts(other.values);
        return true;
      case 'distribution':
        if (value.type !== 'distribution' || value.statistic !== other.statistic) return false;
        this.#addSamples(other);
        return true;
      case 'aggregated_histogram':
        if (value.type !== 'aggregated_histogram' || !haveSameLimits(value.buckets, other.buckets)) return false;
        this.#value = addHistograms(value, other);
        return true;
      case 'sketch':
        if (value.type !== 'sketch') return false;
        this.#value = { type: 'sketch', sketch: mergeSketches(value.sketch, other.sketch) };
        this.#sizeBytes = VALUE_BYTES + this.#value.sketch.keys.length * BIN_BYTES;
        return true;
      case 'aggregated_summary':
        return false;
    }
  }

  #addTexts(texts: readonly string[]): void {
    for (const text of texts) {
      if (this.#texts!.has(text)) continue;
      const kept = own(text);
      this.#texts!.add(kept);
      this.#unsorted.push(kept);
      this.#sizeBytes += TEXT_BYTES + 2 * text.length;
    }
  }

  /** A set that is told after every text costs a copy and not a sort. */
  #sortedTexts(): readonly string[] {
    const added = this.#unsorted;
    if (added.length === 0) return this.#sorted;
    const sorted = added.length <= INSERTED_MAX ? inserted(this.#sorted, added) : sortedStrings(this.#texts!);
    this.#sorted = sorted;
    this.#unsorted = [];
    return sorted;
  }

  #addSamples({ samples }: Distribution): void {
    for (const sample of samples) this.#samples!.push(sample);
    this.#sizeBytes += samples.length * SAMPLE_BYTES;
  }
}

/** More than so many new texts are quicker sorted with the others than put in one by one. */
const INSERTED_MAX = 16;

function inserted(sorted: readonly string[], texts: readonly string[]): string[] {
  const result = [...sorted];
  for (const text of texts) {
    let low = 0;
    let high = result.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compareUtf8(result[middle]!, text) < 0) low = middle + 1;
      else high = middle;
    }
    result.splice(low, 0, text);
  }
  return result;
}

function addHistograms(one: Histogram, other: Histogram): Histogram {
  return {
    type: 'aggregated_histogram',
    buckets: one.buckets.map(({ upperLimit, count }, i) => ({
      upperLimit,
      count: addCount(count, other.buckets[i]!.count),
    })),
    count: addCount(one.count, other.count),
    sum: one.sum + other.sum,
  };
}

/** When two metrics of a series become one: the later time, and the intervals together. */
export function joinedTimes(
  one: Pick<MetricEvent, 'timestamp' | 'intervalMs'>,
  other: Pick<MetricEvent, 'timestamp' | 'intervalMs'>,
): Pick<MetricEvent, 'timestamp' | 'intervalMs'> {
  const timestamp =
    one.timestamp && other.timestamp
      ? one.timestamp.toNanos() >= other.timestamp.toNanos()
        ? one.timestamp
        : other.timestamp
      : (one.timestamp ?? other.timestamp);
  const intervalMs =
    one.intervalMs !== undefined && other.intervalMs !== undefined
      ? one.intervalMs + other.intervalMs
      : (one.intervalMs ?? other.intervalMs);
  return {
    ...(timestamp === undefined ? {} : { timestamp }),
    ...(intervalMs === undefined ? {} : { intervalMs }),
  };
}
