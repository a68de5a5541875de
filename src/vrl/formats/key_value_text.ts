// Objects as `key=value` pairs, logfmt above all: nested members under joined keys (`a.b.0=…`).

import { sortedKeys, sortedStrings } from '../../event/object.ts';
import { textOf } from '../../event/text.ts';
import { isObject, type ObjectValue, type Value } from '../../event/value.ts';

export interface PairStyle {
  readonly keyDelimiter: string;
  readonly pairDelimiter: string;
  /** True is the key alone, and false is left out. */
  readonly flattensBooleans: boolean;
}

/** Arrays and objects inside each other that are gone into; what lies further in is left out. */
const NESTING_MAX = 1000;

/** The pairs of an object, first the keys of `order` and then the others in order. */
export function keyValueText(object: ObjectValue, order: readonly string[], style: PairStyle): string {
  const pairs = new Map<string, Value>();
  let isNested = false;
  for (const key of sortedKeys(object)) {
    const member = object[key]!;
    if (Array.isArray(member) || isObject(member)) {
      isNested = true;
      flatten(pairs, key, member, 0);
    } else pairs.set(key, member);
  }
  let out = '';
  for (const key of order) {
    const value = pairs.get(key);
    if (value === undefined) continue;
    pairs.delete(key);
    out += pairText(key, value, style);
  }
  // Joined keys come out of turn: `a.b` stands before `a-b`, which is smaller.
  const keys = isNested ? sortedStrings(pairs.keys()) : pairs.keys();
  for (const key of keys) out += pairText(key, pairs.get(key)!, style);
  return out.endsWith(style.pairDelimiter) ? out.slice(0, out.length - style.pairDelimiter.length) : out;
}

function flatten(pairs: Map<string, Value>, key: string, value: Value, depth: number): void {
  if (depth > NESTING_MAX) return;
  if (Array.isArray(value)) for (const [i, item] of value.entries()) flatten(pairs, `${key}.${i}`, item, depth + 1);
  else if (isObject(value))
    for (const name of sortedKeys(value)) flatten(pairs, `${key}.${name}`, value[name]!, depth + 1);
  else pairs.set(key, value);
}

/** A pair and the delimiter behind it. */
function pairText(key: string, value: Value, { keyDelimiter, pairDelimiter, flattensBooleans }: PairStyle): string {
  if (typeof value === 'boolean' && flattensBooleans) return value ? quoted(key) + pairDelimiter : '';
  return quoted(key) + keyDelimiter + quoted(value === null ? 'null' : textOf(value)) + pairDelimiter;
}

/** Most text: visible ASCII without quotes, backslashes and equals signs. */
const PLAIN = /^[!#-<>-[\]-~]*$/;
const QUOTED = /[\p{White_Space}"=]/u;

function quoted(text: string): string {
  if (PLAIN.test(text)) return text;
  // A line break gets two backslashes: Vector writes it so.
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\\\n');
  return QUOTED.test(text) ? `"${escaped}"` : escaped;
}
