// The metric that a log is, in the form that metrics have as JSON. The timestamp is the log's own.

import { timestampOf } from '../../codecs/template/template.ts';
import type { TransformContext } from '../../component/context.ts';
import type { LogEvent } from '../../event/event.ts';
import type { Bucket, Count, MetricEvent, MetricValue, Quantile, Sample, Tags, TagValue } from '../../event/metric.ts';
import { getField, sortedKeys, sortedStrings } from '../../event/object.ts';
import { getPath } from '../../event/path.ts';
import { Timestamp } from '../../event/timestamp.ts';
import { isObject, lossyText, type ObjectValue, own, toNumber, type Value } from '../../event/value.ts';
import { type Failure, missingField, NO_DETAILS, wrongKind, wrongWord } from './failures.ts';

const U32_MAX = 2 ** 32 - 1;

export function metricOfLog(event: LogEvent, { globals, clock }: TransformContext): MetricEvent | Failure {
  const log = isObject(event.value) ? event.value : {};
  try {
    const name = requiredText(log, ['name']);
    const kind = requiredText(log, ['kind']);
    if (kind !== 'absolute' && kind !== 'incremental') return wrongWord('kind');
    const type = sortedKeys(log).find((key) => Object.hasOwn(READERS, key)) as keyof typeof READERS | undefined;
    if (type === undefined) return NO_DETAILS;
    const value = READERS[type](log);
    const namespace = optionalText(log, ['namespace']);
    const tags = tagsOf(getField(log, 'tags'));
    return {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(tags.size === 0 ? {} : { tags }),
      timestamp: timestampOf(event, 'log', globals.logSchema) ?? Timestamp.fromMs(clock.now()),
      kind,
      value,
      metadata: event.metadata,
    };
  } catch (error) {
    if (error instanceof NoMetric) return error.failure;
    throw error;
  }
}

/** Thrown from the depth of a log that is no metric. */
class NoMetric extends Error {
  readonly failure: Failure;
  constructor(failure: Failure) {
    super(failure.reason);
    this.name = 'NoMetric';
    this.failure = failure;
  }
}

type Place = readonly string[];

const READERS: Readonly<Record<string, (log: ObjectValue) => MetricValue>> = {
  aggregated_histogram: (log) => ({
    type: 'aggregated_histogram',
    buckets: listAt(log, ['aggregated_histogram', 'buckets'], bucketOf),
    count: countAt(log, ['aggregated_histogram', 'count']),
    sum: floatAt(log, ['aggregated_histogram', 'sum']),
  }),
  aggregated_summary: (log) => ({
    type: 'aggregated_summary',
    quantiles: listAt(log, ['aggregated_summary', 'quantiles'], quantileOf),
    count: countAt(log, ['aggregated_summary', 'count']),
    sum: floatAt(log, ['aggregated_summary', 'sum']),
  }),
  counter: (log) => ({ type: 'counter', value: floatAt(log, ['counter', 'value']) }),
  distribution: (log) => {
    const samples = listAt(log, ['distribution', 'samples'], sampleOf);
    const statistic = requiredText(log, ['distribution', 'statistic']);
    if (statistic !== 'histogram' && statistic !== 'summary') throw new NoMetric(wrongWord('distribution.statistic'));
    return { type: 'distribution', samples, statistic };
  },
  gauge: (log) => ({ type: 'gauge', value: floatAt(log, ['gauge', 'value']) }),
  set: (log) => ({ type: 'set', values: sortedStrings(new Set(listAt(log, ['set', 'values'], memberOf))) }),
};

function sampleOf(item: Value, place: Place): Sample {
  const rate = countOf(getPath(item, ['rate']), [...place, 'rate']);
  if (typeof rate === 'bigint' || rate > U32_MAX) throw new NoMetric(wrongKind([...place, 'rate'].join('.'), 'int'));
  return { value: floatOf(getPath(item, ['value']), [...place, 'value']), rate };
}

function bucketOf(item: Value, place: Place): Bucket {
  const limit = getPath(item, ['upper_limit']);
  // Limits without bounds, which JSON has no numbers for, are words.
  const upperLimit =
    limit === 'inf' ? Infinity : limit === '-inf' ? -Infinity : floatOf(limit, [...place, 'upper_limit']);
  return { upperLimit, count: countOf(getPath(item, ['count']), [...place, 'count']) };
}

function quantileOf(item: Value, place: Place): Quantile {
  return {
    quantile: floatOf(getPath(item, ['quantile']), [...place, 'quantile']),
    value: floatOf(getPath(item, ['value']), [...place, 'value']),
  };
}

function memberOf(item: Value, place: Place): string {
  const text = textValue(item);
  if (text === undefined) throw new NoMetric(wrongKind(place.join('.'), 'string'));
  return own(text);
}

/** Tags are text; what is none is a bare tag, and a list is a tag with several values. */
function tagsOf(value: Value | undefined): Tags {
  const tags: Tags = new Map();
  if (!isObject(value)) return tags;
  for (const key of sortedKeys(value)) tags.set(key, tagOf(value[key]!));
  return tags;
}

function tagOf(value: Value): TagValue {
  if (!Array.isArray(value)) return textValue(value) ?? null;
  const values = [...new Set(value.map((item) => textValue(item) ?? null))];
  return values.length === 1 ? values[0]! : values;
}

function textValue(value: Value | undefined): string | undefined {
  return value instanceof Uint8Array ? lossyText(value) : typeof value === 'string' ? value : undefined;
}

function optionalText(log: ObjectValue, place: Place): string | undefined {
  const value = getPath(log, place);
  if (value === undefined || value === null) return undefined;
  const text = textValue(value);
  if (text === undefined) throw new NoMetric(wrongKind(place.join('.'), 'string'));
  return text;
}

function requiredText(log: ObjectValue, place: Place): string {
  const text = optionalText(log, place);
  if (text === undefined) throw new NoMetric(missingField(place.join('.')));
  return text;
}

function listAt<T>(log: ObjectValue, place: Place, read: (item: Value, place: Place) => T): T[] {
  const value = getPath(log, place);
  if (value === undefined) throw new NoMetric(missingField(place.join('.')));
  if (!Array.isArray(value)) throw new NoMetric(wrongKind(place.join('.'), 'array'));
  return value.map((item) => read(item, place));
}

const floatAt = (log: ObjectValue, place: Place): number => floatOf(getPath(log, place), place);
const countAt = (log: ObjectValue, place: Place): Count => countOf(getPath(log, place), place);

/** Whole numbers are taken too: most of what writes JSON writes 5 and not 5.0. */
function floatOf(value: Value | undefined, place: Place): number {
  if (value === undefined) throw new NoMetric(missingField(place.join('.')));
  const number = toNumber(value);
  if (number === undefined) throw new NoMetric(wrongKind(place.join('.'), 'float'));
  return number;
}

function countOf(value: Value | undefined, place: Place): Count {
  if (value === undefined) throw new NoMetric(missingField(place.join('.')));
  if ((typeof value === 'number' && Number.isInteger(value)) || typeof value === 'bigint') if (value >= 0) return value;
  throw new NoMetric(wrongKind(place.join('.'), 'int'));
}
