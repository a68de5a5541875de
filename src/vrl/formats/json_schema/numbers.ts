// Numbers as JSON Schema sees them: 1 and 1.0 are the same, and multiples are exact in decimal.

import { getField } from '../../../event/object.ts';
import { displayFloat } from '../../../event/text.ts';
import { Float, isObject, toNumber, type Value } from '../../../event/value.ts';

/** Negative, zero or positive; exact for integers. */
export function compareNumbers(a: Value, b: Value): number {
  if (typeof a === 'bigint' || typeof b === 'bigint') {
    const [left, right] = [wholeOf(a), wholeOf(b)];
    if (left !== undefined && right !== undefined) return left < right ? -1 : left > right ? 1 : 0;
  }
  return toNumber(a)! - toNumber(b)!;
}

function wholeOf(value: Value): bigint | undefined {
  if (typeof value === 'bigint') return value;
  return typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : undefined;
}

/** Whether two values are the same, numbers by their value. */
export function isSame(a: Value, b: Value): boolean {
  if (a === b) return true;
  if (toNumber(a) !== undefined) return toNumber(b) !== undefined && compareNumbers(a, b) === 0;
  if (Array.isArray(a))
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => isSame(item, b[index]!));
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => {
      const other = getField(b, key);
      return other !== undefined && isSame(a[key]!, other);
    })
  );
}

/** Whether a number has no fraction. */
export function isWhole(value: Value): boolean {
  if (typeof value === 'number') return Number.isInteger(value);
  return typeof value === 'bigint' || (value instanceof Float && Number.isInteger(value.value));
}

export function isMultiple(value: Value, divisor: Value): boolean {
  const number = toNumber(value)!;
  const step = toNumber(divisor)!;
  if (Number.isInteger(step)) return Number.isInteger(number) && number % step === 0;
  if (number === 0) return true;
  // Negative numbers are never multiples of a fraction to Vector's validator.
  if (number < step) return false;
  const [a, b] = [decimalParts(number), decimalParts(step)];
  const scale = Math.max(a.scale, b.scale);
  return (a.digits * 10n ** BigInt(scale - a.scale)) % (b.digits * 10n ** BigInt(scale - b.scale)) === 0n;
}

function decimalParts(number: number): { digits: bigint; scale: number } {
  const [whole, fraction = ''] = displayFloat(number).split('.') as [string, string?];
  return { digits: BigInt(whole + fraction), scale: fraction.length };
}
