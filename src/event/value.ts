// The one value model of events and VRL. It is exact: 64-bit integers, bytes that are not UTF-8, nanosecond timestamps
// and the difference between `1` and `1.0` all survive a round trip.
//
//   string (bytes)  `string` when valid UTF-8, `Uint8Array` when not
//   integer (i64)   `number` while safe, `bigint` beyond 2^53
//   float           `number` with a fraction; `Float` when whole or infinite; NaN cannot occur
//   timestamp, regex classes; boolean, null, array, object themselves
//
// Values are shared read-only between the consumers of a batch; who writes, copies first.

import { copyOfText, isUtf8, textOfBytes } from '../std/bytes.ts';
import { Timestamp } from './timestamp.ts';

export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | Float
  | Timestamp
  | Regex
  | Value[]
  | ObjectValue;

/** An object value. Its keys are hostile: read and write them through `object.ts` unless they are safe literals. */
export interface ObjectValue {
  [key: string]: Value;
}

/** A float whose value is whole (`1.0`, `-0.0`, `1e300`) or infinite, so that it stays apart from integers. */
export class Float {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

/** A regular expression as VRL holds it; everywhere else it is its pattern as text. */
export class Regex {
  readonly source: string;
  constructor(source: string) {
    this.source = source;
  }
}

export type Kind = 'null' | 'boolean' | 'integer' | 'float' | 'bytes' | 'timestamp' | 'regex' | 'array' | 'object';

/** The VRL kind of a value. */
export function kindOf(value: Value): Kind {
  switch (typeof value) {
    case 'string':
      return 'bytes';
    case 'number':
      return Number.isInteger(value) ? 'integer' : 'float';
    case 'bigint':
      return 'integer';
    case 'boolean':
      return 'boolean';
  }
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (value instanceof Uint8Array) return 'bytes';
  if (value instanceof Float) return 'float';
  if (value instanceof Timestamp) return 'timestamp';
  if (value instanceof Regex) return 'regex';
  return 'object';
}

/** Whether a value is an object (and nothing that JavaScript merely calls one). */
export function isObject(value: Value | undefined): value is ObjectValue {
  if (typeof value !== 'object' || value === null) return false;
  // Nearly all of them; one that has a member of this name is looked at more closely.
  if (value.constructor === Object) return true;
  return (
    !Array.isArray(value) &&
    !(value instanceof Uint8Array) &&
    !(value instanceof Float) &&
    !(value instanceof Timestamp) &&
    !(value instanceof Regex)
  );
}

/** The float value of a JavaScript number. NaN has no place in the model and becomes null, as VRL forbids it. */
export function float(value: number): Value {
  if (Number.isNaN(value)) return null;
  return Number.isInteger(value) || !Number.isFinite(value) ? new Float(value) : value;
}

/** The JavaScript number behind an integer or float value; undefined for anything else. */
export function toNumber(value: Value | undefined): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  return value instanceof Float ? value.value : undefined;
}

export const INTEGER_MIN = -(2n ** 63n);
export const INTEGER_MAX = 2n ** 63n - 1n;

/** The integer value of a bigint, which must lie in the i64 range. */
export function integer(value: bigint): number | bigint {
  return value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : value;
}

/**
 * The string value of bytes: text when they are valid UTF-8, else a copy of the bytes. Owns what it returns, so the
 * bytes may lie in memory that is reused. A byte order mark is kept.
 */
export function bytesValue(bytes: Uint8Array): string | Uint8Array {
  if (isUtf8(bytes)) return lossyText(bytes);
  return new Uint8Array(bytes);
}

/** Text of bytes with U+FFFD for what is not UTF-8. */
export function lossyText(bytes: Uint8Array): string {
  return textOfBytes(bytes);
}

/**
 * A deep copy that shares nothing that can be written. Scalars are immutable and shared. Spreading keeps the shape of an
 * object, which makes the copy and whatever reads it later three times as fast as adding members one by one.
 */
export function cloneValue(value: Value): Value {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(cloneValue);
  if (value.constructor !== Object && !isObject(value)) return value;
  const copy: ObjectValue = { ...(value as ObjectValue) };
  for (const key in copy) {
    const member = copy[key]!;
    // A member `__proto__` is the object's own here, and is replaced like any other.
    if (typeof member === 'object' && member !== null) copy[key] = cloneValue(member);
  }
  return copy;
}

/**
 * Text that stands alone. A slice of a big string keeps the whole string alive, so whatever is stored beyond the batch
 * it came from (cache keys, metric tags, state) passes through here.
 */
export function own(text: string): string {
  return text.length < 13 ? text : copyOfText(text);
}
