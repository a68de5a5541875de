// A text for each value that is the same for equal values and for no others, to find values in maps.

import { sortedKeys } from '../../event/object.ts';
import { Timestamp } from '../../event/timestamp.ts';
import { Float, Regex, type Value } from '../../event/value.ts';

/** Values nested deeper count as equal. */
const NESTING_MAX = 1000;

export function valueKey(value: Value, depth = 0): string {
  switch (typeof value) {
    case 'string':
      return `"${value.length}:${value}`;
    case 'number':
      return Number.isInteger(value) ? `i${value}` : `f${value}`;
    case 'bigint':
      return `i${value}`;
    case 'boolean':
      return value ? 't' : 'F';
  }
  if (value === null) return 'n';
  if (value instanceof Float) return `f${value.value}`;
  if (value instanceof Timestamp) return `T${value.seconds}.${value.nanos}`;
  if (value instanceof Regex) return `r${value.source.length}:${value.source}`;
  if (value instanceof Uint8Array) return `b${value.length}:${value.join()}`;
  if (depth >= NESTING_MAX) return '…';
  if (Array.isArray(value)) return `[${value.map((item) => valueKey(item, depth + 1)).join()}]`;
  return `{${sortedKeys(value)
    .map((key) => `${valueKey(key)}=${valueKey(value[key]!, depth + 1)}`)
    .join()}}`;
}
