// Reading and writing object values under hostile keys: `__proto__`, `constructor` and `toString` are ordinary names.

import { keyOrder, sortUtf8 } from './key_order.ts';
import type { ObjectValue, Value } from './value.ts';

/** The member `key`, or undefined when the object itself does not hold it. */
export function getField(object: ObjectValue, key: string): Value | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** Adds or replaces the member `key`. */
export function setField(object: ObjectValue, key: string, value: Value): void {
  if (key === '__proto__') {
    Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
  } else object[key] = value;
}

/** Adds the member `key` unless it is there already. */
export function setFieldIfAbsent(object: ObjectValue, key: string, value: Value): void {
  if (!Object.hasOwn(object, key)) setField(object, key, value);
}

/** Removes the member `key` and returns what it held. */
export function removeField(object: ObjectValue, key: string): Value | undefined {
  const value = getField(object, key);
  if (value !== undefined) delete object[key];
  return value;
}

/** The keys in the order of their UTF-8 bytes, which is the order of Vector's objects. Shared: not to be changed. */
export function sortedKeys(object: ObjectValue): readonly string[] {
  return keyOrder(object).sorted;
}

/** Strings in the order of their UTF-8 bytes. */
export function sortedStrings(strings: Iterable<string>): string[] {
  return sortUtf8([...strings]);
}
