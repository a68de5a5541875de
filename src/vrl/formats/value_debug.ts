// Values as the original's messages show their insides: `Array([Integer(1), Bytes(b"a")])`.

import { sortedKeys } from '../../event/object.ts';
import { Timestamp } from '../../event/timestamp.ts';
import { Float, Regex, type Value } from '../../event/value.ts';
import { bytesOf } from './bytes.ts';
import { debugText } from './debug_text.ts';

/** Deeper values are cut off. */
const NESTING_MAX = 128;

export function debugValue(value: Value, depth = 0): string {
  switch (typeof value) {
    case 'string':
      return `Bytes(${debugBytes(value)})`;
    case 'number':
      return Number.isInteger(value) ? `Integer(${value})` : `Float(${debugFloat(value)})`;
    case 'bigint':
      return `Integer(${value})`;
    case 'boolean':
      return `Boolean(${value})`;
  }
  if (value === null) return 'Null';
  if (value instanceof Float) return `Float(${debugFloat(value.value)})`;
  if (value instanceof Timestamp) return `Timestamp(${value})`;
  if (value instanceof Regex) return `Regex(ValueRegex(Regex(${debugText(value.source)})))`;
  if (value instanceof Uint8Array) return `Bytes(${debugBytes(value)})`;
  if (depth >= NESTING_MAX) return '…';
  if (Array.isArray(value)) return `Array([${value.map((item) => debugValue(item, depth + 1)).join(', ')}])`;
  const members = sortedKeys(value).map((key) => `KeyString(${debugText(key)}): ${debugValue(value[key]!, depth + 1)}`);
  return `Object({${members.join(', ')}})`;
}

const SHORT: Readonly<Record<number, string>> = { 0: '\\0', 9: '\\t', 10: '\\n', 13: '\\r', 34: '\\"', 92: '\\\\' };

function debugBytes(value: string | Uint8Array): string {
  let text = 'b"';
  for (const byte of bytesOf(value)) {
    const plain = byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`;
    text += SHORT[byte] ?? plain;
  }
  return `${text}"`;
}

/** Always with a fraction or an exponent; exponents from 1e16 on and below 1e-5. */
function debugFloat(value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e16 || size < 1e-4)) {
    const [digits, exponent] = value.toExponential().split('e') as [string, string];
    return `${digits}e${Number(exponent)}`;
  }
  const text = Object.is(value, -0) ? '-0' : String(value);
  return text.includes('.') ? text : `${text}.0`;
}
