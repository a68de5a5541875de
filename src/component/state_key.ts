// Keys of state: text that two values share only when they are the same, whatever they hold, and that is short and its
// own, so that what is remembered has a limit in bytes when it has one in keys.

import { hash } from 'node:crypto';
import { getField, sortedKeys } from '../event/object.ts';
import { scalarText } from '../event/text.ts';
import { Timestamp } from '../event/timestamp.ts';
import { Float, own, Regex, type Value } from '../event/value.ts';
import { latin1Text } from '../std/bytes.ts';

/** Longer keys are replaced by their SHA-256: 44 characters, and nobody can send two texts that have the same. */
const KEY_LENGTH_MAX = 64;

/** What a key takes in memory with its place in a map: 94 bytes measured of short keys, 120 of digests. */
export const KEY_BYTES = 112;

/** The key of a text. */
export function textKey(text: string): string {
  // The space, which no digest has, keeps digests apart from texts.
  return text.length <= KEY_LENGTH_MAX ? own(` ${text}`) : hash('sha256', text, 'base64');
}

/** The key of values in this order, some of which are not there. */
export function valuesKey(values: readonly (Value | undefined)[]): string {
  let text = '';
  for (const value of values) text += value === undefined ? '-' : identity(value);
  return textKey(text);
}

/** Text that tells a value from all others, its kind included: `1`, `1.0` and `"1"` are three. */
export function identity(value: Value): string {
  if (typeof value === 'string') return tagged('s', value);
  if (value === null) return 'n';
  if (Array.isArray(value)) return `a${value.length}:${value.map(identity).join('')}`;
  if (value instanceof Uint8Array) return tagged('b', latin1Text(Buffer.from(value), 0, value.length));
  if (value instanceof Timestamp) return tagged('t', `${value.seconds}.${value.nanos}`);
  const text = scalarText(value);
  if (text !== undefined) return tagged(scalarTag(value), text);
  const object = value as Exclude<typeof value, number | bigint | boolean | Float | Regex>;
  const keys = sortedKeys(object);
  return `o${keys.length}:${keys.map((key) => tagged('k', key) + identity(getField(object, key)!)).join('')}`;
}

function scalarTag(value: Value): string {
  if (typeof value === 'boolean') return 'l';
  if (value instanceof Regex) return 'r';
  return value instanceof Float || (typeof value === 'number' && !Number.isInteger(value)) ? 'f' : 'i';
}

function tagged(tag: string, text: string): string {
  return `${tag}${text.length}:${text}`;
}
