// Metrics as JSON, in the flat form that the codecs `json` and `native_json` share:
//
//   {"name", "namespace"?, "tags"?, "timestamp"?, "interval_ms"?, "kind", "<type of the value>": {…}}

import { stringifyJsonInOrder } from './json.ts';
import { EMPTY_METADATA } from './metadata.ts';
import type { Bucket, Count, MetricEvent, MetricValue, Quantile, Sample, Sketch, Tags, TagValue } from './metric.ts';
import { getField, setField, sortedKeys, sortedStrings } from './object.ts';
import { parseRfc3339 } from './timestamp.ts';
import { float, integer, isObject, type ObjectValue, toNumber, type Value } from './value.ts';

/** A value that is not the JSON form of a metric. */
export class MetricJsonError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'MetricJsonError';
  }
}

/** `single`: the last text a tag has, tags without any left out. `full`, `auto`: a list where a tag has several. */
export type TagValues = 'single' | 'full' | 'auto';

const U32_MAX = 2 ** 32 - 1;
const U64_MAX = 2n ** 64n - 1n;

/**
 * The metric behind its JSON form. Unknown members are ignored. Whole numbers up to u64 may be numbers or bigints.
 * Throws `MetricJsonError`.
 */
export function metricFromJson(json: Value): MetricEvent {
  const metric = objectOf(json, 'a metric');
  const namespace = optional(metric, 'namespace', textOf);
  const tags = optional(metric, 'tags', tagsOf);
  const timestamp = optional(metric, 'timestamp', (value, name) => {
    const time = typeof value === 'string' ? parseRfc3339(value) : undefined;
    return time ?? refuse(name, 'an RFC 3339 time');
  });
  const intervalMs = optional(metric, 'interval_ms', (value, name) => {
    const interval = wholeOf(value, name, 0, U32_MAX);
    return interval > 0 ? interval : refuse(name, 'above 0');
  });
  return {
    name: textOf(getField(metric, 'name'), 'name'),
    ...(namespace === undefined ? {} : { namespace }),
    ...(tags === undefined ? {} : { tags }),
    ...(timestamp === undefined ? {} : { timestamp }),
    ...(intervalMs === undefined ? {} : { intervalMs }),
    kind: wordOf(getField(metric, 'kind'), 'kind', ['incremental', 'absolute']),
    value: metricValueOf(metric),
    metadata: EMPTY_METADATA,
  };
}

function metricValueOf(metric: ObjectValue): MetricValue {
  for (const type of Object.keys(READERS) as MetricValue['type'][]) {
    const value = getField(metric, type);
    if (value !== undefined) return READERS[type](objectOf(value, type));
  }
  throw new MetricJsonError(`a metric must have one of ${Object.keys(READERS).join(', ')}`);
}

const READERS: { readonly [T in MetricValue['type']]: (value: ObjectValue) => MetricValue } = {
  counter: (value) => ({ type: 'counter', value: numberOf(getField(value, 'value'), 'value') }),
  gauge: (value) => ({ type: 'gauge', value: numberOf(getField(value, 'value'), 'value') }),
  set: (value) => ({ type: 'set', values: sortedStrings(new Set(listOf(value, 'values', textOf))) }),
  distribution: (value) => ({
    type: 'distribution',
    samples: listOf(value, 'samples', sampleOf),
    statistic: wordOf(getField(value, 'statistic'), 'statistic', ['histogram', 'summary']),
  }),
  aggregated_histogram: (value) => ({
    type: 'aggregated_histogram',
    buckets: listOf(value, 'buckets', bucketOf),
    count: countOf(getField(value, 'count'), 'count'),
    sum: numberOf(getField(value, 'sum'), 'sum'),
  }),
  aggregated_summary: (value) => ({
    type: 'aggregated_summary',
    quantiles: listOf(value, 'quantiles', quantileOf),
    count: countOf(getField(value, 'count'), 'count'),
    sum: numberOf(getField(value, 'sum'), 'sum'),
  }),
  sketch: (value) => ({ type: 'sketch', sketch: sketchOf(objectOf(getField(value, 'sketch'), 'sketch')) }),
};

function sampleOf(value: Value, name: string): Sample {
  const sample = objectOf(value, name);
  return {
    value: numberOf(getField(sample, 'value'), 'value'),
    rate: wholeOf(getField(sample, 'rate'), 'rate', 0, U32_MAX),
  };
}

function bucketOf(value: Value, name: string): Bucket {
  const bucket = objectOf(value, name);
  const limit = getField(bucket, 'upper_limit');
  return {
    upperLimit: typeof limit === 'string' ? limitOf(limit) : numberOf(limit, 'upper_limit'),
    count: countOf(getField(bucket, 'count'), 'count'),
  };
}

function quantileOf(value: Value, name: string): Quantile {
  const quantile = objectOf(value, name);
  return {
    quantile: numberOf(getField(quantile, 'quantile'), 'quantile'),
    value: numberOf(getField(quantile, 'value'), 'value'),
  };
}

function sketchOf(value: ObjectValue): Sketch {
  const sketch = objectOf(getField(value, 'AgentDDSketch'), 'AgentDDSketch');
  const bins = objectOf(getField(sketch, 'bins'), 'bins');
  const keys = listOf(bins, 'k', (key, name) => wholeOf(key, name, -(2 ** 15), 2 ** 15 - 1));
  const counts = listOf(bins, 'n', (count, name) => wholeOf(count, name, 0, 2 ** 16 - 1));
  if (keys.length !== counts.length) refuse('bins', 'as many keys as counts');
  return {
    keys,
    counts,
    count: wholeOf(getField(sketch, 'count'), 'count', 0, U32_MAX),
    min: numberOf(getField(sketch, 'min'), 'min'),
    max: numberOf(getField(sketch, 'max'), 'max'),
    sum: numberOf(getField(sketch, 'sum'), 'sum'),
    avg: numberOf(getField(sketch, 'avg'), 'avg'),
  };
}

function tagsOf(value: Value, name: string): Tags {
  const object = objectOf(value, name);
  const tags: Tags = new Map();
  for (const key of sortedKeys(object)) tags.set(key, tagOf(object[key]!, key));
  return tags;
}

/** A tag's values are an ordered set; one alone stands for itself. */
function tagOf(value: Value, name: string): TagValue {
  if (!Array.isArray(value)) return value === null ? null : textOf(value, name);
  const values = [...new Set(value.map((item) => (item === null ? null : textOf(item, name))))];
  return values.length === 1 ? values[0]! : values;
}

function refuse(name: string, wanted: string): never {
  throw new MetricJsonError(`\`${name}\` of a metric must be ${wanted}`);
}

function optional<T>(object: ObjectValue, name: string, read: (value: Value, name: string) => T): T | undefined {
  const value = getField(object, name);
  return value === undefined || value === null ? undefined : read(value, name);
}

function objectOf(value: Value | undefined, name: string): ObjectValue {
  return isObject(value) ? value : refuse(name, 'an object');
}

function listOf<T>(object: ObjectValue, name: string, read: (value: Value, name: string) => T): T[] {
  const value = getField(object, name);
  return Array.isArray(value) ? value.map((item) => read(item, name)) : refuse(name, 'a list');
}

function textOf(value: Value | undefined, name: string): string {
  return typeof value === 'string' ? value : refuse(name, 'text');
}

function wordOf<const T extends string>(value: Value | undefined, name: string, words: readonly T[]): T {
  return words.find((word) => word === value) ?? refuse(name, words.join(' or '));
}

function numberOf(value: Value | undefined, name: string): number {
  return toNumber(value) ?? refuse(name, 'a number');
}

function wholeOf(value: Value | undefined, name: string, min: number, max: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
  return refuse(name, `a whole number from ${min} to ${max}`);
}

function countOf(value: Value | undefined, name: string): Count {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value;
  if (typeof value === 'bigint' && value >= 0n && value <= U64_MAX) return integer(value);
  return refuse(name, `a whole number from 0 to ${U64_MAX}`);
}

/** Limits that JSON has no numbers for. */
const LIMIT_WORDS: ReadonlyMap<string, number> = new Map([
  ['inf', Number.POSITIVE_INFINITY],
  ['-inf', Number.NEGATIVE_INFINITY],
  ['NaN', Number.NaN],
]);

function limitOf(word: string): number {
  return LIMIT_WORDS.get(word) ?? refuse('upper_limit', 'a number, `inf`, `-inf` or `NaN`');
}

/** The JSON form of a metric, members in Vector's order. Counts past i64 are bigints, which the value model lacks. */
export function metricToJson(metric: MetricEvent, tagValues: TagValues): ObjectValue {
  const json: ObjectValue = { name: metric.name };
  if (metric.namespace !== undefined) json['namespace'] = metric.namespace;
  if (metric.tags) json['tags'] = tagsToJson(metric.tags, tagValues === 'single');
  if (metric.timestamp) json['timestamp'] = metric.timestamp;
  if (metric.intervalMs !== undefined) json['interval_ms'] = metric.intervalMs;
  json['kind'] = metric.kind;
  json[metric.value.type] = valueToJson(metric.value);
  return json;
}

/** JSON text of a metric, members in Vector's order. Compact, or with `indent` spaces a level. */
export function stringifyMetric(metric: MetricEvent, tagValues: TagValues, indent = 0): string {
  const json = metricToJson(metric, tagValues);
  const tags = json['tags'];
  return stringifyJsonInOrder(json, (object) => (object === tags ? sortedKeys(object) : Object.keys(object)), indent);
}

function tagsToJson(tags: Tags, single: boolean): ObjectValue {
  const json: ObjectValue = {};
  for (const [name, value] of tags) {
    if (!Array.isArray(value)) {
      if (value !== null || !single) setField(json, name, value);
    } else if (!single) setField(json, name, value.length === 1 ? value[0]! : value);
    else {
      const last = value.findLast((item) => item !== null);
      if (last !== undefined) setField(json, name, last);
    }
  }
  return json;
}

function valueToJson(value: MetricValue): ObjectValue {
  switch (value.type) {
    case 'counter':
    case 'gauge':
      return { value: float(value.value) };
    case 'set':
      return { values: sortedStrings(new Set(value.values)) };
    case 'distribution':
      return {
        samples: value.samples.map((sample) => ({ value: float(sample.value), rate: sample.rate })),
        statistic: value.statistic,
      };
    case 'aggregated_histogram':
      return {
        buckets: value.buckets.map(({ upperLimit, count }) => ({ upper_limit: limitToJson(upperLimit), count })),
        count: value.count,
        sum: float(value.sum),
      };
    case 'aggregated_summary':
      return {
        quantiles: value.quantiles.map(({ quantile, value: at }) => ({ quantile: float(quantile), value: float(at) })),
        count: value.count,
        sum: float(value.sum),
      };
    case 'sketch':
      return { sketch: { AgentDDSketch: sketchToJson(value.sketch) } };
  }
}

function limitToJson(limit: number): Value {
  for (const [word, value] of LIMIT_WORDS) if (Object.is(value, limit)) return word;
  return float(limit);
}

function sketchToJson({ keys, counts, count, min, max, sum, avg }: Sketch): ObjectValue {
  return {
    bins: { k: keys, n: counts },
    count,
    min: float(min),
    max: float(max),
    sum: float(sum),
    avg: float(avg),
  };
}
