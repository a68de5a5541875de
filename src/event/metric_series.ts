// What a metric is a value of: its name, namespace and tags, as one text that two metrics share if and only if they
// are of the same series.

import type { MetricEvent, Tags, TagValue } from './metric.ts';

/** The key of a metric's series. Whoever keeps it calls `own` on it. */
export function seriesKey({ name, namespace, tags }: MetricEvent): string {
  let key = namespace === undefined ? '-' : part(namespace);
  key += part(name);
  if (!tags || tags.size === 0) return key;
  if (isSorted(tags)) for (const [tag, value] of tags) key += part(tag) + tagKey(value);
  else for (const tag of [...tags.keys()].sort()) key += part(tag) + tagKey(tags.get(tag) as TagValue);
  return key;
}

/** A text with its length before it, so that nothing that a text holds can look like the end of it. */
function part(text: string): string {
  return `${text.length}:${text}`;
}

/** The values of a tag as text; a tag with one value is the same with and without a list around it. */
export function tagKey(value: TagValue): string {
  if (value === null) return '-';
  if (typeof value === 'string') return part(value);
  if (value.length === 1) return tagKey(value[0]!);
  return `[${value.map(tagKey).join('')}]`;
}

function isSorted(tags: Tags): boolean {
  let before = '';
  for (const tag of tags.keys()) {
    if (tag < before) return false;
    before = tag;
  }
  return true;
}
