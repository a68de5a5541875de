// Values as plain text: what the text codec, templates, logfmt, CSV and CEF write. Not JSON: a string has no quotes and
// a float no exponent.

import { stringifyJson } from './json.ts';
import { Timestamp } from './timestamp.ts';
import { Float, lossyText, Regex, type Value } from './value.ts';

/** Text of any value: objects and arrays as compact JSON, null as `<null>`, bytes that are not UTF-8 with U+FFFD. */
export function textOf(value: Value): string {
  if (typeof value === 'string') return value;
  if (value === null) return '<null>';
  if (value instanceof Uint8Array) return lossyText(value);
  return scalarText(value) ?? stringifyJson(value);
}

/** Text of a number, boolean, timestamp or regex; undefined for any other value. */
export function scalarText(value: Value): string | undefined {
  switch (typeof value) {
    case 'number':
      return Number.isInteger(value) ? String(value) : displayFloat(value);
    case 'bigint':
    case 'boolean':
      return String(value);
  }
  if (value instanceof Float) return displayFloat(value.value);
  if (value instanceof Timestamp) return value.toString();
  return value instanceof Regex ? value.source : undefined;
}

/** A float with the fewest digits that are exact, no exponent and no trailing `.0`: `2`, `0.000000001`, `-0`, `inf`. */
export function displayFloat(value: number): string {
  if (Object.is(value, -0)) return '-0';
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? 'inf' : '-inf';
  const text = String(value);
  const match = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text);
  if (!match) return text;
  const [, sign, whole, fraction = '', exponent] = match;
  const digits = whole! + fraction;
  const point = Number(exponent) + 1;
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  return `${sign}${digits.padEnd(point, '0')}`;
}
