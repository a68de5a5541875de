// The text form of a metric, close to the text format of Prometheus:
//
//   2020-10-10T17:07:36.500Z namespace_name{key="value",bare} = VALUE       `=` absolute, `+` incremental

import type { Count, MetricEvent, MetricValue, Tags } from '../../event/metric.ts';
import type { TagValues } from '../../event/metric_json.ts';
import { sortedStrings } from '../../event/object.ts';
import { displayFloat } from '../../event/text.ts';
import { sketchQuantile } from './sketch.ts';

/** How tags with several values are written: their last one, all of them, or as many as there are. */
export const METRIC_TAG_VALUES = ['auto', 'full', 'single'] as const satisfies readonly TagValues[];

export function metricText(metric: MetricEvent, tagValues: TagValues): string {
  const time = metric.timestamp ? `${metric.timestamp} ` : '';
  const namespace = metric.namespace === undefined ? '' : `${word(metric.namespace)}_`;
  const kind = metric.kind === 'absolute' ? '=' : '+';
  const tags = tagsText(metric.tags, tagValues === 'single');
  return `${time}${namespace}${word(metric.name)}{${tags}} ${kind} ${valueText(metric.value)}`;
}

function tagsText(tags: Tags | undefined, single: boolean): string {
  if (!tags) return '';
  const parts: string[] = [];
  for (const name of sortedStrings(tags.keys())) {
    const values = [tags.get(name) ?? null].flat();
    // In the single view a tag without any text is no tag.
    const shown = single ? [values.findLast((value) => value !== null)] : values;
    for (const value of shown) {
      if (value !== undefined) parts.push(value === null ? word(name) : `${word(name)}=${quoted(value)}`);
    }
  }
  return parts.join(',');
}

function valueText(value: MetricValue): string {
  switch (value.type) {
    case 'counter':
    case 'gauge':
      return displayFloat(value.value);
    case 'set':
      return sortedStrings(new Set(value.values)).map(word).join(' ');
    case 'distribution':
      return listText([value.statistic], value.samples, ({ rate, value: seen }) => `${rate}@${displayFloat(seen)}`);
    case 'aggregated_histogram':
      return listText(totals(value), value.buckets, ({ count, upperLimit }) => `${count}@${displayFloat(upperLimit)}`);
    case 'aggregated_summary':
      return listText(
        totals(value),
        value.quantiles,
        ({ quantile, value: at }) => `${displayFloat(quantile)}@${displayFloat(at)}`,
      );
    case 'sketch':
      return sketchText(value.sketch);
  }
}

const totals = ({ count, sum }: { count: Count; sum: number }): string[] => [
  `count=${count}`,
  `sum=${displayFloat(sum)}`,
];

function listText<T>(head: readonly string[], items: readonly T[], text: (item: T) => string): string {
  return [...head, ...items.map(text)].join(' ');
}

const SKETCH_QUANTILES = [0.5, 0.75, 0.9, 0.99];

function sketchText(sketch: Extract<MetricValue, { type: 'sketch' }>['sketch']): string {
  const { count, sum, min, max, avg } = sketch;
  const shown = (value: number | undefined): string => (count === 0 || value === undefined ? '-' : displayFloat(value));
  const facts = [`count=${count}`, `sum=${shown(sum)}`, `min=${shown(min)}`, `max=${shown(max)}`, `avg=${shown(avg)}`];
  const quantiles = SKETCH_QUANTILES.map(
    (quantile) => `${Math.round(quantile * 100)}=${shown(sketchQuantile(sketch, quantile))}`,
  );
  return [...facts, ...quantiles].join(' ');
}

/** A name as it stands, quoted when it holds more than ASCII letters, digits and `_`. */
function word(text: string): string {
  return /^[A-Za-z0-9_]*$/.test(text) ? text : quoted(text);
}

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\0': '\\0',
};

/** Text in quotes; what cannot be seen is escaped by its number, as in `\u{1f}`. */
function quoted(text: string): string {
  const inner = text.replace(
    /["\\]|(?! )[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Z}]/gu,
    (char) => ESCAPES[char] ?? `\\u{${char.codePointAt(0)!.toString(16)}}`,
  );
  return `"${inner}"`;
}
