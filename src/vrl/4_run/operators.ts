// What operators do when the generated code's shortcuts do not apply. Integers wrap at 64 bits, floats never become NaN,
// and messages are Vector's, its oddities included, as programs can read them.

import { Timestamp } from '../../event/timestamp.ts';
import { float, integer, isObject, type ObjectValue, toNumber, type Value } from '../../event/value.ts';
import { concatBytes, toBytes } from './bytes.ts';
import { compareBytes } from './compare.ts';
import { Failure, fail, wrongKind } from './failure.ts';
import { displayKind } from './kind_text.ts';

/** The longest text that a program may build, in bytes or UTF-16 units. */
export const TEXT_MAX = 64 * 1024 * 1024;

const NAN = 'operation would produce NaN';
const TOO_LONG = `the text would be longer than ${TEXT_MAX} bytes`;

function isInteger(value: Value): value is number | bigint {
  return typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value));
}

function isText(value: Value): value is string | Uint8Array {
  return typeof value === 'string' || value instanceof Uint8Array;
}

function floatResult(value: number): Value | Failure {
  return Number.isNaN(value) ? fail(NAN) : float(value);
}

function wrap(value: bigint): Value {
  return integer(BigInt.asIntN(64, value));
}

export function add(a: Value, b: Value): Value | Failure {
  if (typeof a === 'string' && typeof b === 'string') return concat(a, b);
  if (isInteger(a) && isInteger(b)) {
    if (typeof a === 'number' && typeof b === 'number') {
      const sum = a + b;
      if (Number.isSafeInteger(sum)) return sum;
    }
    return wrap(BigInt(a) + BigInt(b));
  }
  const x = toNumber(a);
  const y = toNumber(b);
  if (x !== undefined && y !== undefined) return floatResult(x + y);
  if (isText(a)) {
    if (b === null) return a;
    if (isText(b)) return concatTexts(a, b);
  }
  if (a === null && isText(b)) return b;
  return fail(`can't add type ${displayKind(b)} to ${displayKind(a)}`);
}

/** Two texts that are UTF-8, one after the other. */
export function concat(a: string, b: string): string | Failure {
  return a.length + b.length > TEXT_MAX ? fail(TOO_LONG) : a + b;
}

function concatTexts(a: string | Uint8Array, b: string | Uint8Array): Value | Failure {
  return a.length + b.length > TEXT_MAX ? fail(TOO_LONG) : concatBytes(toBytes(a), toBytes(b));
}

export function subtract(a: Value, b: Value): Value | Failure {
  if (isInteger(a) && isInteger(b)) {
    if (typeof a === 'number' && typeof b === 'number') {
      const difference = a - b;
      if (Number.isSafeInteger(difference)) return difference;
    }
    return wrap(BigInt(a) - BigInt(b));
  }
  const x = toNumber(a);
  const y = toNumber(b);
  if (x !== undefined && y !== undefined) return floatResult(x - y);
  return fail(`can't subtract type ${displayKind(b)} from ${displayKind(a)}`);
}

export function multiply(a: Value, b: Value): Value | Failure {
  if (isInteger(a) && isInteger(b)) {
    if (typeof a === 'number' && typeof b === 'number') {
      const product = a * b;
      // Zero has no sign among integers.
      if (Number.isSafeInteger(product)) return product + 0;
    }
    return wrap(BigInt(a) * BigInt(b));
  }
  const x = toNumber(a);
  const y = toNumber(b);
  if (x !== undefined && y !== undefined) return floatResult(x * y);
  if (isText(a) && isInteger(b)) return repeat(a, b);
  if (isInteger(a) && isText(b)) return repeat(b, a);
  return fail(`can't multiply type ${displayKind(a)} by ${displayKind(b)}`);
}

function repeat(text: string | Uint8Array, times: number | bigint): Value | Failure {
  if (times <= 0 || text.length === 0) return '';
  if (BigInt(text.length) * BigInt(times) > BigInt(TEXT_MAX)) return fail(TOO_LONG);
  if (typeof text === 'string') return text.repeat(Number(times));
  let whole: Value = text;
  for (let i = 1; i < Number(times); i++) whole = concatBytes(toBytes(whole as Uint8Array), text);
  return whole;
}

export function divide(a: Value, b: Value): Value | Failure {
  const y = toNumber(b);
  if (y === 0) return fail("can't divide by zero");
  const x = toNumber(a);
  if (x !== undefined && y !== undefined) return floatResult(x / y);
  return fail(`can't divide type ${displayKind(a)} by ${displayKind(b)}`);
}

/** Objects merged, the members of `b` over those of `a`. */
export function merge(a: Value, b: Value): Value | Failure {
  if (isObject(a) && isObject(b)) return { ...(a as ObjectValue), ...(b as ObjectValue) };
  return fail(`can't merge type ${displayKind(b)} into ${displayKind(a)}`);
}

/** Below zero, zero or above as `a` is before, the same as or after `b`; a failure when they do not compare. */
function compare(a: Value, b: Value, mismatch: string): number | Failure {
  if (isInteger(a) && isInteger(b)) return a < b ? -1 : a > b ? 1 : 0;
  const x = toNumber(a);
  const y = toNumber(b);
  if (x !== undefined && y !== undefined) return x < y ? -1 : x > y ? 1 : 0;
  if (isText(a)) return isText(b) ? compareBytes(a, b) : wrongKind(b, 'bytes');
  if (a instanceof Timestamp) {
    if (!(b instanceof Timestamp)) return wrongKind(b, 'timestamp');
    return a.seconds - b.seconds || a.nanos - b.nanos;
  }
  return fail(mismatch.replace('{0}', displayKind(a)).replace('{1}', displayKind(b)));
}

export function greater(a: Value, b: Value): boolean | Failure {
  const order = compare(a, b, "can't calculate remainder of type {0} and {1}");
  return order instanceof Failure ? order : order > 0;
}

export function greaterOrEqual(a: Value, b: Value): boolean | Failure {
  const order = compare(a, b, "can't compare {0} >= {1}");
  return order instanceof Failure ? order : order >= 0;
}

export function less(a: Value, b: Value): boolean | Failure {
  const order = compare(a, b, "can't compare {0} >= {1}");
  return order instanceof Failure ? order : order < 0;
}

export function lessOrEqual(a: Value, b: Value): boolean | Failure {
  const order = compare(a, b, "can't compare {0} >= {1}");
  return order instanceof Failure ? order : order <= 0;
}

/** `a && b` once `a` is neither null nor false. */
export function and(a: Value, b: Value): boolean | Failure {
  if (a === null) return false;
  if (typeof a === 'boolean') {
    if (b === null) return false;
    if (typeof b === 'boolean') return a && b;
  }
  return fail(`can't apply an AND to types ${displayKind(a)} and ${displayKind(b)}`);
}

/** The boolean a condition or `!` needs. */
export function boolean(value: Value): boolean | Failure {
  return typeof value === 'boolean' ? value : wrongKind(value, 'boolean');
}
