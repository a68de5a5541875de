// What the functions that look at the internal metrics share: the tags they filter by, and a metric as a value.

import { setField, sortedKeys } from '../../event/object.ts';
import { float, type ObjectValue, type Value } from '../../event/value.ts';
import { Kind } from '../2_check/kind.ts';
import { lossy } from '../4_run/convert.ts';
import { type Failure, fail } from '../4_run/failure.ts';
import { displayKind } from '../4_run/kind_text.ts';
import { type Call, CallProblem, type MetricView, optional, required } from '../function.ts';

export const METRIC_KEY = required('key', 'bytes', 'The name of the metric.');
export const METRIC_TAGS = optional(
  'tags',
  'object',
  'Tags that the metric must have, written out. `*` in a value stands for any text.',
  { default: {} },
);

export const METRIC_KIND: () => Kind = () =>
  Kind.objectOf({
    name: Kind.of('bytes'),
    tags: Kind.of('object'),
    type: Kind.of('bytes'),
    kind: Kind.of('bytes'),
    value: Kind.of('float', 'null'),
  });

/** The metrics of a name that have all the tags. */
export type MetricLookup = (key: string | Uint8Array, tags: ObjectValue) => readonly MetricView[] | Failure;

export function prepareMetricLookup(call: Call): MetricLookup {
  const { metrics } = call.environment;
  if (!metrics) throw new CallProblem(112, 'metrics not loaded');
  if (call.argument('tags')) call.object('tags');
  return (key, tags) => {
    const wanted: [name: string, pattern: string][] = [];
    for (const name of sortedKeys(tags)) {
      const value = tags[name]!;
      if (typeof value !== 'string' && !(value instanceof Uint8Array))
        return fail(`expected string, got ${displayKind(value)}`);
      wanted.push([name, lossy(value)]);
    }
    return metrics.find(lossy(key)).filter((metric) => hasTags(metric, wanted));
  };
}

function hasTags({ tags }: MetricView, wanted: readonly [name: string, pattern: string][]): boolean {
  return wanted.every(
    ([name, pattern]) => Object.hasOwn(tags, name) && tags[name]!.some((value) => fits(value, pattern)),
  );
}

/** Whether a text is the pattern, in which `*` stands for any text. Each part is looked for once, from the left. */
export function fits(text: string, pattern: string): boolean {
  const parts = pattern.split('*');
  const first = parts[0]!;
  if (parts.length === 1) return text === pattern;
  const last = parts[parts.length - 1]!;
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
  const end = text.length - last.length;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at);
    if (found === -1 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}

export function metricValue(metric: MetricView): ObjectValue {
  const tags: ObjectValue = {};
  for (const name of Object.keys(metric.tags)) setField(tags, name, [...metric.tags[name]!]);
  const value: Value = metric.value === undefined ? null : float(metric.value);
  return { name: metric.name, tags, type: metric.type, kind: metric.kind, value };
}
