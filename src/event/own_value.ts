// Values that are kept beyond the batch they came with.

import { setField } from './object.ts';
import { isObject, type ObjectValue, own, type Value } from './value.ts';

/** A deep copy that stands alone: its texts keep no longer ones alive, and nobody else sees it. */
export function ownValue(value: Value): Value {
  if (typeof value === 'string') return own(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(ownValue);
  if (value instanceof Uint8Array) return value.slice();
  if (!isObject(value)) return value;
  const copy: ObjectValue = {};
  for (const key of Object.keys(value)) setField(copy, own(key), ownValue(value[key]!));
  return copy;
}
