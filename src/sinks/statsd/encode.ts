// Metrics as lines of DogStatsD: `namespace.name:value|type|@rate|#tag:value,bare`.

import type { ByteSink } from '../../codecs/encoding/byte_sink.ts';
import type { MetricEvent, Sample, Tags } from '../../event/metric.ts';
import { sortedStrings } from '../../event/object.ts';
import { displayFloat } from '../../event/text.ts';

/** Whether the protocol has a word for metrics of this type. */
export function isSendable({ value: { type } }: MetricEvent): boolean {
  return type === 'counter' || type === 'gauge' || type === 'set' || type === 'distribution';
}

/** Appends the lines of a metric that is sendable. Throws `EncodeError` when they do not fit. */
export function appendStatsd(metric: MetricEvent, defaultNamespace: string | undefined, out: ByteSink): void {
  const { name, namespace = defaultNamespace, tags } = metric;
  const prefix = namespace === undefined ? `${name}:` : `${namespace}.${name}:`;
  const suffix = tags && tags.size > 0 ? `|#${tagsText(tags)}\n` : '\n';
  let lines = '';
  for (const value of valuesOf(metric)) lines += `${prefix}${value}${suffix}`;
  out.text(lines);
}

/** The part of each line that is between its name and its tags. */
function valuesOf({ kind, value }: MetricEvent): readonly string[] {
  switch (value.type) {
    case 'counter':
      return [`${displayFloat(value.value)}|c`];
    case 'gauge':
      return [`${kind === 'incremental' ? signed(value.value) : displayFloat(value.value)}|g`];
    case 'set':
      return value.values.map((text) => `${text}|s`);
    case 'distribution': {
      const type = value.statistic === 'histogram' ? 'h' : 'd';
      return merged(value.samples).map((sample) => `${displayFloat(sample.value)}|${type}${rateText(sample)}`);
    }
    default:
      return [];
  }
}

/** A change of a gauge always has a sign. */
function signed(value: number): string {
  return value >= 0 && !Object.is(value, -0) ? `+${displayFloat(value)}` : displayFloat(value);
}

function rateText({ rate }: Sample): string {
  return rate === 1 ? '' : `|@${displayFloat(1 / rate)}`;
}

function tagsText(tags: Tags): string {
  const parts: string[] = [];
  for (const name of sortedStrings(tags.keys()))
    for (const value of [tags.get(name) ?? null].flat()) parts.push(value === null ? name : `${name}:${value}`);
  return parts.join(',');
}

/** Samples in order, equal values as one. */
function merged(samples: readonly Sample[]): Sample[] {
  const sorted = [...samples].sort((a, b) => a.value - b.value);
  const result: Sample[] = [];
  for (const { value, rate } of sorted) {
    const last = result.at(-1);
    if (last?.value === value) result[result.length - 1] = { value, rate: last.rate + rate };
    else result.push({ value, rate });
  }
  return result;
}

const NEWLINE = 0x0a;

/** Lines as datagrams of at most `bytesMax`, unless a line alone is longer. */
export function datagramsOf(lines: Buffer, bytesMax: number): Buffer[] {
  const datagrams: Buffer[] = [];
  for (let start = 0; start < lines.length; ) {
    let end = lines.length;
    if (end - start > bytesMax) {
      const last = lines.lastIndexOf(NEWLINE, start + bytesMax - 1);
      end = (last >= start ? last : lines.indexOf(NEWLINE, start)) + 1;
    }
    datagrams.push(lines.subarray(start, end));
    start = end;
  }
  return datagrams;
}
