// Reading and writing object values under hostile keys: `__proto__`, `constructor` and `toString` are ordinary names.

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

const SURROGATE = /[\ud800-\udfff]/;

/** The keys in the order of their UTF-8 bytes, which is the order of Vector's objects. */
export function sortedKeys(object: ObjectValue): string[] {
  const keys = Object.keys(object);
  for (let i = 1; i < keys.length; i++) {
    if (keys[i - 1]! > keys[i]!) {
      keys.sort();
      break;
    }
  }
  // UTF-16 order differs from UTF-8 order only where surrogates meet characters above them.
  return keys.some((key) => SURROGATE.test(key)) ? keys.sort(compareUtf8) : keys;
}

/** Strings in the order of their UTF-8 bytes. */
export function sortedStrings(strings: Iterable<string>): string[] {
  const sorted = [...strings].sort();
  return sorted.some((text) => SURROGATE.test(text)) ? sorted.sort(compareUtf8) : sorted;
}

/** Texts in the order of their UTF-8 bytes: that of their code points, which surrogates stand for. */
export function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return orderOf(x) - orderOf(y);
  }
  return a.length - b.length;
}

/** Surrogates come after all other code units. */
function orderOf(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x1_0000 : unit;
}
