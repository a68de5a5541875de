// The codec `logfmt`: `key=value` pairs, nested fields flattened with dots, sorted by the flattened key.

import type { Event, EventType, LogEvent } from '../../event/event.ts';
import { sortedKeys } from '../../event/object.ts';
import { scalarText } from '../../event/text.ts';
import { isObject, lossyText, type Value } from '../../event/value.ts';
import { type Codec, EncodeError } from './codec.ts';

export function logfmtCodec(): Codec {
  return {
    name: 'logfmt',
    accepts: ['log'],
    encode: (event: Event, _type: EventType) => logfmtText((event as LogEvent).value),
  };
}

/** One line of pairs. An event that is no object is its `message`. */
export function logfmtText(value: Value): string {
  const pairs = Object.create(null) as Record<string, string>;
  if (isObject(value)) flatten(value, '', pairs, 0);
  else flatten(value, 'message', pairs, 0);
  return sortedKeys(pairs)
    .map((key) => pairs[key])
    .join(' ');
}

/** Objects and arrays inside each other that are flattened: the keys grow with every level. */
const DEPTH_MAX = 128;

function flatten(value: Value, key: string, pairs: Record<string, string>, depth: number): void {
  if (depth > DEPTH_MAX) throw new EncodeError(`more than ${DEPTH_MAX} arrays and objects are nested`);
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) flatten(item, `${key}.${index}`, pairs, depth + 1);
    return;
  }
  if (isObject(value)) {
    for (const name of sortedKeys(value)) {
      flatten(value[name]!, depth === 0 && key === '' ? name : `${key}.${name}`, pairs, depth + 1);
    }
    return;
  }
  const pair = pairText(key, value);
  // A later field may have the name that an earlier one was flattened to: the later one stands.
  if (pair === undefined) delete pairs[key];
  else pairs[key] = pair;
}

/** True is its key alone, false is nothing. */
function pairText(key: string, value: Value): string | undefined {
  if (value === true) return quoted(key);
  if (value === false) return undefined;
  return `${quoted(key)}=${valueText(value)}`;
}

function valueText(value: Value): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return quoted(value);
  if (value instanceof Uint8Array) return quoted(lossyText(value));
  return quoted(scalarText(value) ?? '');
}

const NEEDS_QUOTES = /[\p{White_Space}"=]/u;
const NEEDS_ESCAPES = /["\\\n]/;

/** Text as it stands, or in quotes when a reader would split it. Vector writes a line break as `\\n`, so we do. */
function quoted(text: string): string {
  const inner = NEEDS_ESCAPES.test(text)
    ? text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\\\n')
    : text;
  return NEEDS_QUOTES.test(text) ? `"${inner}"` : inner;
}
