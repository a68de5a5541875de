// Gathers samples into families and makes metrics of them. A sample belongs to the family of its name, or to that of
// its name without `_bucket`, `_sum` or `_count` when that is a histogram or summary; without a family it is untyped.

import type { Metadata } from '../../event/metadata.ts';
import type { Bucket, MetricEvent, MetricValue, Quantile, Tags } from '../../event/metric.ts';
import { Timestamp } from '../../event/timestamp.ts';
import { parseNumber } from './numbers.ts';
import { FormatProblem } from './problem.ts';
import type { FamilyKind } from './text_line.ts';

/** Samples in memory together, of one scrape or request. */
const SAMPLES_MAX = 250_000;

/** Buckets or quantiles of one series. */
const PARTS_MAX = 10_000;

export interface MetricsOptions {
  /** For samples without a time. */
  readonly nowMs: number;
  readonly metadata: Metadata;
  /** Counters and histograms add up to those that came before. */
  readonly incremental?: boolean;
  /** Tags that are put in place of labels of the same name. */
  readonly overrides?: ReadonlyMap<string, string>;
  /** Leave out metrics whose value is not a number. */
  readonly skipNan?: boolean;
  /** Take untyped metrics whose name ends with `_total` for counters. */
  readonly guessCounters?: boolean;
}

/** Kept small, since there may be very many: half a KiB with eight labels. */
interface Series {
  /** Names and values by turns. */
  readonly labels: readonly string[];
  readonly timestampMs: number | undefined;
  value: number;
  count: number;
  buckets: Bucket[] | undefined;
  quantiles: Quantile[] | undefined;
}

interface Family {
  readonly name: string;
  kind: FamilyKind;
  readonly series: Map<string, Series>;
}

const SUFFIXES = ['_bucket', '_count', '_sum'] as const;

export class Families {
  readonly #families = new Map<string, Family>();
  #samples = 0;

  /** What type a family has. Whether a type given before was another one: the first stands. */
  declare(name: string, kind: FamilyKind): boolean {
    const known = this.#families.get(name);
    if (known) return known.kind !== kind;
    this.#families.set(name, { name, kind, series: new Map() });
    return false;
  }

  /** Throws `FormatProblem` when a sample does not fit its family, or there are too many. */
  add(name: string, labels: Map<string, string>, value: number, timestampMs: number | undefined): void {
    this.#samples += 1;
    if (this.#samples > SAMPLES_MAX) throw new FormatProblem(`there are more than ${SAMPLES_MAX} samples`);
    const exact = this.#families.get(name);
    if (exact && exact.kind !== 'histogram' && exact.kind !== 'summary') {
      seriesOf(exact, labels, timestampMs).value = value;
      return;
    }
    if (exact?.kind === 'summary') {
      addQuantile(exact, labels, value, timestampMs);
      return;
    }
    for (const suffix of SUFFIXES) {
      if (!name.endsWith(suffix)) continue;
      const base = this.#families.get(name.slice(0, -suffix.length));
      if (base && addPart(base, suffix, labels, value, timestampMs)) return;
    }
    // A histogram has no sample of its bare name: such a one is a metric of its own.
    const key = exact ? `${name} untyped` : name;
    let family = this.#families.get(key);
    if (!family) this.#families.set(key, (family = { name, kind: 'untyped', series: new Map() }));
    seriesOf(family, labels, timestampMs).value = value;
  }

  /** The metrics, family by family in the order they came. */
  *metrics(options: MetricsOptions): Generator<MetricEvent> {
    const now = Timestamp.fromMs(options.nowMs);
    for (const family of this.#families.values()) {
      const isCounter =
        family.kind === 'counter' ||
        (family.kind === 'untyped' && options.guessCounters === true && family.name.endsWith('_total'));
      const isIncremental = options.incremental === true && (isCounter || family.kind === 'histogram');
      for (const series of family.series.values()) {
        const value = metricValue(family.kind, isCounter, series);
        if (options.skipNan && isNan(value)) continue;
        const { labels, timestampMs } = series;
        const tags: Tags = new Map();
        for (let i = 0; i < labels.length; i += 2) tags.set(labels[i]!, labels[i + 1]!);
        for (const [tag, text] of options.overrides ?? []) tags.set(tag, text);
        yield {
          name: family.name,
          ...(tags.size === 0 ? {} : { tags }),
          timestamp: timestampMs === undefined ? now : Timestamp.fromMs(timestampMs),
          kind: isIncremental ? 'incremental' : 'absolute',
          value,
          metadata: options.metadata,
        };
      }
    }
  }
}

/** The series of a family with these labels at this time. */
function seriesOf(family: Family, labels: Map<string, string>, timestampMs: number | undefined): Series {
  const key = keyOf(labels, timestampMs);
  let series = family.series.get(key);
  if (!series) {
    const flat: string[] = [];
    for (const [name, text] of labels) flat.push(name, text);
    series = { labels: flat, timestampMs, value: 0, count: 0, buckets: undefined, quantiles: undefined };
    family.series.set(key, series);
  }
  return series;
}

function keyOf(labels: ReadonlyMap<string, string>, timestampMs: number | undefined): string {
  const parts: string[] = [];
  for (const [name, value] of labels) parts.push(`${name}=${value.length}:${value}`);
  parts.sort();
  return `${timestampMs ?? ''} ${parts.join(' ')}`;
}

function addQuantile(
  family: Family,
  labels: Map<string, string>,
  value: number,
  timestampMs: number | undefined,
): void {
  const quantile = partOf(labels, 'quantile', family.name);
  const quantiles = (seriesOf(family, labels, timestampMs).quantiles ??= []);
  if (quantiles.length >= PARTS_MAX) throw new FormatProblem(`\`${family.name}\` has more than ${PARTS_MAX} quantiles`);
  quantiles.push({ quantile, value });
}

/** Adds to a histogram or summary; whether it takes samples of this suffix. */
function addPart(
  family: Family,
  suffix: (typeof SUFFIXES)[number],
  labels: Map<string, string>,
  value: number,
  timestampMs: number | undefined,
): boolean {
  const { name, kind } = family;
  if (kind !== 'histogram' && kind !== 'summary') return false;
  if (suffix === '_bucket') {
    if (kind !== 'histogram') return false;
    const upperLimit = partOf(labels, 'le', name);
    const buckets = (seriesOf(family, labels, timestampMs).buckets ??= []);
    if (buckets.length >= PARTS_MAX) throw new FormatProblem(`\`${name}\` has more than ${PARTS_MAX} buckets`);
    buckets.push({ upperLimit, count: countOf(value, name) });
    return true;
  }
  const series = seriesOf(family, labels, timestampMs);
  if (suffix === '_sum') series.value = value;
  else series.count = countOf(value, name);
  return true;
}

/** Takes a number out of the labels. */
function partOf(labels: Map<string, string>, label: string, name: string): number {
  const text = labels.get(label);
  const value = text === undefined ? undefined : parseNumber(text);
  if (value === undefined || Number.isNaN(value))
    throw new FormatProblem(`a sample of \`${name}\` has no \`${label}\``);
  labels.delete(label);
  return value;
}

function countOf(value: number, name: string): number {
  if (!(value >= 0 && value <= 2 ** 64)) throw new FormatProblem(`a count of \`${name}\` is out of range: ${value}`);
  return Math.floor(value);
}

function metricValue(kind: FamilyKind, isCounter: boolean, series: Series): MetricValue {
  const { value, count, buckets = [], quantiles = [] } = series;
  if (kind === 'histogram') return { type: 'aggregated_histogram', buckets: apart(buckets), count, sum: value };
  if (kind === 'summary') return { type: 'aggregated_summary', quantiles, count, sum: value };
  return { type: isCounter ? 'counter' : 'gauge', value };
}

/** Buckets that count for themselves, of those that count everything below their limits. */
function apart(cumulative: readonly Bucket[]): Bucket[] {
  const sorted = [...cumulative].sort((a, b) => a.upperLimit - b.upperLimit);
  const buckets = sorted.map(({ upperLimit, count }, i) => ({
    upperLimit,
    count: i === 0 ? count : Math.max(0, Number(count) - Number(sorted[i - 1]!.count)),
  }));
  if (buckets.at(-1)?.upperLimit === Number.POSITIVE_INFINITY) buckets.pop();
  return buckets;
}

function isNan(value: MetricValue): boolean {
  switch (value.type) {
    case 'counter':
    case 'gauge':
      return Number.isNaN(value.value);
    case 'aggregated_histogram':
      return Number.isNaN(value.sum);
    case 'aggregated_summary':
      return Number.isNaN(value.sum) || value.quantiles.some((one) => Number.isNaN(one.value));
    default:
      return false;
  }
}
