// Equality and order of values, as the language's operators and functions see them.

import { compareUtf8 } from '../../event/key_order.ts';
import { Timestamp } from '../../event/timestamp.ts';
import { Float, isObject, type ObjectValue, Regex, toNumber, type Value } from '../../event/value.ts';

/** The operator `==`: numbers are compared as floats at the top, everything else exactly. */
export function equalsLossy(a: Value, b: Value): boolean {
  if (typeof a === 'string') return a === b;
  const left = toNumber(a);
  if (left === undefined) return equalsExact(a, b);
  return left === toNumber(b);
}

/** Whether two values are the same, kind included: `1` is not `1.0`. */
export function equalsExact(a: Value, b: Value): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) return Array.isArray(b) && equalItems(a, b);
  if (isObject(a)) return isObject(b) && equalMembers(a, b);
  if (a instanceof Uint8Array) return b instanceof Uint8Array && compareBytes(a, b) === 0;
  if (a instanceof Float) return b instanceof Float && a.value === b.value;
  if (a instanceof Timestamp) return b instanceof Timestamp && a.seconds === b.seconds && a.nanos === b.nanos;
  return b instanceof Regex && a.source === b.source;
}

function equalItems(a: readonly Value[], b: readonly Value[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) {
    if (!equalsExact(a[i]!, b[i]!)) return false;
  }
  return true;
}

function equalMembers(a: ObjectValue, b: ObjectValue): boolean {
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  for (const key of keys) {
    if (!Object.hasOwn(b, key) || !equalsExact(a[key]!, b[key]!)) return false;
  }
  return true;
}

const encoder = new TextEncoder();

/** Negative, zero or positive, by the order of the bytes. */
export function compareBytes(a: string | Uint8Array, b: string | Uint8Array): number {
  if (typeof a === 'string' && typeof b === 'string') return a === b ? 0 : compareUtf8(a, b);
  const left = typeof a === 'string' ? encoder.encode(a) : a;
  const right = typeof b === 'string' ? encoder.encode(b) : b;
  const length = Math.min(left.length, right.length);
  for (let i = 0; i < length; i++) {
    if (left[i] !== right[i]) return left[i]! - right[i]!;
  }
  return left.length - right.length;
}
