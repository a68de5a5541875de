// Values as messages spell them: `{ "a": [1, "b"] }`, `t'2020-01-01T00:00:00Z'`.

import { sortedKeys } from '../../event/object.ts';
import { displayFloat } from '../../event/text.ts';
import { Timestamp } from '../../event/timestamp.ts';
import { Float, lossyText, Regex, type Value } from '../../event/value.ts';

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
