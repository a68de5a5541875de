// Values and their kinds as messages spell them: `{ "a": [1, "b"] }`, `t'2020-01-01T00:00:00Z'`, `[string, integer]`.

import { sortedKeys } from '../../event/object.ts';
import { isPlainField } from '../../event/path.ts';
import { displayFloat } from '../../event/text.ts';
import { Timestamp } from '../../event/timestamp.ts';
import { Float, isObject, lossyText, Regex, type Value } from '../../event/value.ts';
import { kindWord } from './failure.ts';

const ESCAPED = /["\\\n]/g;

/** A value as source code would write it, near enough to be read. Whole floats show no fraction. */
export function displayValue(value: Value): string {
  switch (typeof value) {
    case 'string':
      return quoted(value);
    case 'number':
      return Number.isInteger(value) ? String(value) : displayFloat(value);
    case 'bigint':
    case 'boolean':
      return String(value);
  }
  if (value === null) return 'null';
  if (Array.isArray(value)) return `[${value.map(displayValue).join(', ')}]`;
  if (value instanceof Uint8Array) return quoted(lossyText(value));
  if (value instanceof Float) return displayFloat(value.value);
  if (value instanceof Timestamp) return `t'${timestampText(value)}'`;
  if (value instanceof Regex) return `r'${value.source}'`;
  return `{ ${sortedKeys(value)
    .map((key) => `"${key}": ${displayValue(value[key]!)}`)
    .join(', ')} }`;
}

function quoted(text: string): string {
  return `"${text.replace(ESCAPED, (char) => (char === '\n' ? '\\n' : `\\${char}`))}"`;
}

/** RFC 3339 in UTC; years of more or less than four digits have a sign and no zeros beyond four digits. */
export function timestampText(timestamp: Timestamp): string {
  const text = timestamp.toString();
  return text[0] === '+' || text[0] === '-' ? text.replace(/^([+-])0{0,2}(?=\d{4,6}-)/, '$1') : text;
}

/**
 * The kind of a value as messages spell it. Arrays and objects that hold something show the kinds of what they hold:
 * `[integer, string]`, `{ a: string, "b c": object }`.
 */
export function displayKind(value: Value): string {
  if (Array.isArray(value) && value.length > 0) return `[${value.map(displayKind).join(', ')}]`;
  if (!isObject(value)) return kindWord(value);
  const keys = sortedKeys(value);
  if (keys.length === 0) return 'object';
  return `{ ${keys.map((key) => `${fieldText(key)}: ${displayKind(value[key]!)}`).join(', ')} }`;
}

function fieldText(name: string): string {
  return isPlainField(name) ? name : `"${name.replace(/["\\]/g, '\\$&')}"`;
}
