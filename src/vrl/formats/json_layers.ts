// The outer layers of a JSON text as a value; arrays and objects further in stay text, byte for byte.

import { JsonError, parseJson } from '../../event/json.ts';
import { setField } from '../../event/object.ts';
import type { ObjectValue, Value } from '../../event/value.ts';
import { bytesOf } from './bytes.ts';
import { jsonError } from './json_error.ts';

/** A part of the text that cannot be read although its brackets and quotes are right. */
export class JsonLayerError extends Error {}

/** The value of a text that is known to be well-formed, `depth` layers of it. Throws `JsonLayerError`. */
export function parseJsonLayers(text: string, depth: number): Value {
  return layer(text, 0, depth).value;
}

interface Read {
  readonly value: Value;
  readonly end: number;
}

function layer(text: string, from: number, depth: number): Read {
  const start = skipSpace(text, from);
  const bracket = text[start];
  if (bracket !== '{' && bracket !== '[') return leaf(text, start);
  if (depth === 0) {
    const end = valueEnd(text, start);
    return { value: text.slice(start, end), end };
  }
  return bracket === '{' ? objectLayer(text, start, depth) : arrayLayer(text, start, depth);
}

function arrayLayer(text: string, start: number, depth: number): Read {
  const array: Value[] = [];
  let at = skipSpace(text, start + 1);
  if (text[at] === ']') return { value: array, end: at + 1 };
  for (;;) {
    const item = layer(text, at, depth - 1);
    array.push(item.value);
    at = skipSpace(text, item.end) + 1;
    if (text[at - 1] === ']') return { value: array, end: at };
  }
}

function objectLayer(text: string, start: number, depth: number): Read {
  const object: ObjectValue = {};
  let at = skipSpace(text, start + 1);
  if (text[at] === '}') return { value: object, end: at + 1 };
  for (;;) {
    const key = leaf(text, skipSpace(text, at));
    const member = layer(text, skipSpace(text, key.end) + 1, depth - 1);
    setField(object, key.value as string, member.value);
    at = skipSpace(text, member.end) + 1;
    if (text[at - 1] === '}') return { value: object, end: at };
  }
}

function leaf(text: string, start: number): Read {
  const end = valueEnd(text, start);
  const part = text.slice(start, end);
  try {
    return { value: parseJson(part), end };
  } catch (error) {
    if (error instanceof JsonError) throw new JsonLayerError(jsonError(bytesOf(part)) ?? error.message);
    throw error;
  }
}

const SPACE = /[ \t\n\r]*/y;

function skipSpace(text: string, at: number): number {
  SPACE.lastIndex = at;
  SPACE.test(text);
  return SPACE.lastIndex;
}

const STOP = /["{}[\],: \t\n\r]/g;

/** Where the value that begins at `start` ends. */
function valueEnd(text: string, start: number): number {
  let depth = 0;
  for (let at = start; ; ) {
    STOP.lastIndex = at;
    const match = STOP.exec(text);
    if (match === null) return text.length;
    const char = match[0];
    if (char === '"') at = stringEnd(text, match.index);
    else {
      if (depth === 0 && char !== '{' && char !== '[') return match.index;
      if (char === '{' || char === '[') depth += 1;
      else if (char === '}' || char === ']') depth -= 1;
      at = match.index + 1;
    }
    if (depth === 0) return at;
  }
}

function stringEnd(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text[end - backslashes - 1] === '\\') backslashes += 1;
    if (backslashes % 2 === 0) return end + 1;
  }
  return text.length;
}
