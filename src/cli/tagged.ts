// Values as JSON that keeps what JSON has no words for: `{"$float": "1.0"}`, `{"$timestamp": …}`. The form of test
// vectors and of the batch protocol.

import { setField } from '../event/object.ts';
import { parseRfc3339, Timestamp } from '../event/timestamp.ts';
import { bytesValue, Float, float, integer, isObject, type ObjectValue, Regex, type Value } from '../event/value.ts';

const TAGS: ReadonlySet<string> = new Set(['$int', '$float', '$timestamp', '$regex', '$bytes', '$object']);

/** The value that a parsed JSON text in tagged form stands for. */
export function fromTagged(json: unknown): Value {
  if (typeof json === 'number') return json;
  if (json === null || typeof json === 'string' || typeof json === 'boolean') return json;
  if (Array.isArray(json)) return json.map(fromTagged);
  const object = json as Record<string, unknown>;
  const keys = Object.keys(object);
  const tag = keys[0];
  if (keys.length === 1 && tag !== undefined && TAGS.has(tag)) return untagged(tag, object[tag]);
  return members(object);
}

function members(object: Record<string, unknown>): ObjectValue {
  const result: ObjectValue = {};
  for (const key of Object.keys(object)) setField(result, key, fromTagged(object[key]));
  return result;
}

function untagged(tag: string, inner: unknown): Value {
  const text = String(inner);
  switch (tag) {
    case '$int':
      return integer(BigInt(text));
    case '$float':
      return float(
        text === 'inf' ? Number.POSITIVE_INFINITY : text === '-inf' ? Number.NEGATIVE_INFINITY : Number(text),
      );
    case '$timestamp':
      return parseRfc3339(text) ?? text;
    case '$regex':
      return new Regex(text);
    case '$bytes':
      return bytesValue(Buffer.from(text, 'base64'));
    default:
      return members(inner as Record<string, unknown>);
  }
}

/** A value in tagged form, ready for `JSON.stringify`. */
export function toTagged(value: Value): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'number':
      return value;
    case 'bigint':
      return { $int: String(value) };
  }
  if (value === null) return null;
  if (Array.isArray(value)) return value.map(toTagged);
  if (value instanceof Float) return { $float: floatText(value.value) };
  if (value instanceof Timestamp) return { $timestamp: value.toString() };
  if (value instanceof Regex) return { $regex: value.source };
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('base64') };
  if (!isObject(value)) return null;
  const keys = Object.keys(value);
  const result: Record<string, unknown> = {};
  for (const key of keys) setField(result as ObjectValue, key, toTagged(value[key]!) as Value);
  return keys.length === 1 && TAGS.has(keys[0]!) ? { $object: result } : result;
}

function floatText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return 'inf';
  if (value === Number.NEGATIVE_INFINITY) return '-inf';
  if (Object.is(value, -0)) return '-0.0';
  const text = String(value);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}
