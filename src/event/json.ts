// Exact JSON: 64-bit integers, the difference between `1` and `1.0`, hostile keys and hostile depth.
//
// Text that the native parser cannot misread (nearly all of it) goes to the native parser; what it might goes to the
// exact one below. The exact parser is the specification, a property test compares the two.

import { makeFunction } from '../std/make_function.ts';
import { keyOrder } from './key_order.ts';
import { setField, sortedKeys } from './object.ts';
import { Timestamp } from './timestamp.ts';
import {
  Float,
  float,
  INTEGER_MAX,
  INTEGER_MIN,
  integer,
  isObject,
  lossyText,
  type ObjectValue,
  own,
  Regex,
  type Value,
} from './value.ts';

/** Text that is not JSON, or a value too deep to be written. */
export class JsonError extends Error {
  /** Where in the text, in UTF-16 units. */
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.name = 'JsonError';
    this.offset = offset;
  }
}

/** Arrays and objects inside each other that are read. Vector's parser refuses the 128th. */
export const JSON_DEPTH_MAX = 127;

/** Arrays and objects inside each other that are written: more than can be read, as transforms may nest events. */
export const JSON_WRITE_DEPTH_MAX = 1000;

type Unsigned = 'text' | 'float' | 'bigint';

export interface ParseOptions {
  /**
   * What becomes of a whole number above the i64 range and within u64: the text of its digits (the default; the `json`
   * codec and `parse_json` of Vector do that), a float, or a bigint, for readers that know where u64 may stand. Larger
   * ones are floats in any case.
   */
  readonly unsigned?: Unsigned;
}

/** The value of a JSON text. Throws `JsonError`. */
export function parseJson(text: string, options?: ParseOptions): Value {
  if (needsExact(text)) return parseJsonExact(text, options);
  let value: Value;
  try {
    value = JSON.parse(text) as Value;
  } catch {
    // The exact parser says what is wrong in one voice, and where.
    return parseJsonExact(text, options);
  }
  if (mayBeTooDeep(text) && !isWithinDepth(value, JSON_DEPTH_MAX)) throw tooDeep(text.length);
  return value;
}

/** Sixteen digits or dots in a row. Written out, the engine skips ahead: seven times as fast as `{16}`. */
const WIDE = new RegExp('[0-9.]'.repeat(16));
/** Of those: whole numbers past 2^53, and fractions so near to a whole number that their float is one. */
const WIDE_WHOLE = /(?:^|[\s:,[])-?[0-9]{16,}(?:[\s,\]}]|$)/;
const WIDE_FRACTION = /[0-9]{11}\.[0-9]|\.(?:0{6}|9{6})/;
/** `1e3`, `1.0`, `-0`: floats whose value is whole, or may be. */
const WHOLE_FLOAT = /(?:[0-9][eE][+-]?[0-9]+|\.0+|-0)(?:[\s,\]}]|$)/;
/** Escapes of surrogates, which must come in pairs. */
const SURROGATE_ESCAPE = /\\u[dD][89a-fA-F]/;

/** Whether the native parser could read `text` otherwise than it is meant. False positives only cost time. */
function needsExact(text: string): boolean {
  if (WHOLE_FLOAT.test(text)) return true;
  if (text.includes('\\') && (SURROGATE_ESCAPE.test(text) || hasEscapeInName(text))) return true;
  return WIDE.test(text) && (WIDE_WHOLE.test(text) || WIDE_FRACTION.test(text));
}

/**
 * Whether the name of a member holds an escape. The native parser of Node 26 takes such a name for another one that it
 * has seen at the same place: after `{"d\\\\":1}`, `{"d\\n":1}` has the member `d\\`.
 */
function hasEscapeInName(text: string): boolean {
  let quote = -1;
  for (let at = text.indexOf('\\'); at >= 0; at = text.indexOf('\\', quote + 1)) {
    // To the quote that closes this string: the next one with no slash before it.
    for (let slash = at; ; ) {
      const after = slash + 2;
      if (quote < after) quote = text.indexOf('"', after);
      if (quote < 0) return false;
      slash = text.indexOf('\\', after);
      if (slash < 0 || slash > quote) break;
    }
    let next = quote + 1;
    while (text.charCodeAt(next) <= 32) next++;
    if (text[next] === ':') return true;
  }
  return false;
}

/** Whether the text holds enough brackets to be too deep. The native parser takes any depth and keeps no stack. */
function mayBeTooDeep(text: string): boolean {
  if (text.length <= 2 * JSON_DEPTH_MAX) return false;
  let opened = 0;
  for (let at = text.indexOf('{'); at >= 0; at = text.indexOf('{', at + 1)) if (++opened > JSON_DEPTH_MAX) return true;
  for (let at = text.indexOf('['); at >= 0; at = text.indexOf('[', at + 1)) if (++opened > JSON_DEPTH_MAX) return true;
  return false;
}

function isWithinDepth(value: Value, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (depth === 0) return false;
  if (Array.isArray(value)) return value.every((item) => isWithinDepth(item, depth - 1));
  const members = value as { [key: string]: Value };
  for (const key of Object.keys(members)) if (!isWithinDepth(members[key]!, depth - 1)) return false;
  return true;
}

function tooDeep(offset: number): JsonError {
  return new JsonError(`more than ${JSON_DEPTH_MAX} arrays and objects inside each other`, offset);
}

/** `parseJson` without the shortcut. */
export function parseJsonExact(text: string, options?: ParseOptions): Value {
  return new Parser(text, options?.unsigned ?? 'text').parse();
}

const WHITESPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
const SPECIAL = /[\\\u0000-\u001f]/;

const U64_MAX = 2n ** 64n - 1n;
/** Whole numbers with fewer digits are safe integers. */
const SAFE_DIGITS = 15;
/** Whole numbers with more digits are past u64, and turning them into a bigint first would cost quadratic time. */
const U64_DIGITS = 20;

class Parser {
  readonly #text: string;
  readonly #unsigned: Unsigned;
  #at = 0;

  constructor(text: string, unsigned: Unsigned) {
    this.#text = text;
    this.#unsigned = unsigned;
  }

  parse(): Value {
    const value = this.#value(JSON_DEPTH_MAX);
    this.#skip();
    if (this.#at < this.#text.length) throw this.#unexpected('the end of the text');
    return value;
  }

  #value(depth: number): Value {
    this.#skip();
    switch (this.#text[this.#at]) {
      case '{':
        return this.#object(depth);
      case '[':
        return this.#array(depth);
      case '"':
        return this.#string();
      case 't':
        return this.#word('true', true);
      case 'f':
        return this.#word('false', false);
      case 'n':
        return this.#word('null', null);
      default:
        return this.#number();
    }
  }

  #object(depth: number): Value {
    if (depth === 0) throw tooDeep(this.#at);
    this.#at++;
    const object = {};
    if (this.#take('}')) return object;
    do {
      this.#skip();
      if (this.#text[this.#at] !== '"') throw this.#unexpected('a member name in quotes');
      const key = this.#string();
      if (!this.#take(':')) throw this.#unexpected('`:`');
      setField(object, key, this.#value(depth - 1));
    } while (this.#take(','));
    if (!this.#take('}')) throw this.#unexpected('`,` or `}`');
    return object;
  }

  #array(depth: number): Value {
    if (depth === 0) throw tooDeep(this.#at);
    this.#at++;
    const array: Value[] = [];
    if (this.#take(']')) return array;
    do array.push(this.#value(depth - 1));
    while (this.#take(','));
    if (!this.#take(']')) throw this.#unexpected('`,` or `]`');
    return array;
  }

  #string(): string {
    const start = this.#at;
    const end = this.#closingQuote(start + 1);
    const inner = this.#text.slice(start + 1, end);
    this.#at = end + 1;
    if (!SPECIAL.test(inner)) return inner;
    let value: string;
    try {
      value = JSON.parse(this.#text.slice(start, end + 1)) as string;
    } catch {
      throw new JsonError(`a bad escape or a control character in the string at offset ${start}`, start);
    }
    if (!value.isWellFormed()) throw new JsonError(`half of a surrogate pair in the string at offset ${start}`, start);
    return value;
  }

  /** The quote that closes a string: the next with an even number of backslashes before it. */
  #closingQuote(from: number): number {
    for (let end = this.#text.indexOf('"', from); end >= 0; end = this.#text.indexOf('"', end + 1)) {
      let backslashes = 0;
      while (end - backslashes > from && this.#text[end - backslashes - 1] === '\\') backslashes++;
      if (backslashes % 2 === 0) return end;
    }
    throw new JsonError(`the string at offset ${from - 1} is not closed`, from - 1);
  }

  #number(): Value {
    const start = this.#at;
    NUMBER.lastIndex = start;
    const match = NUMBER.exec(this.#text);
    if (!match) throw this.#unexpected('a value');
    const [digits, fraction, exponent] = match;
    this.#at += digits.length;
    if (fraction === undefined && exponent === undefined && digits !== '-0') return this.#whole(digits, start);
    return finite(digits, start);
  }

  #whole(digits: string, start: number): Value {
    if (digits.length <= SAFE_DIGITS) return Number(digits);
    if (digits.length > U64_DIGITS) return finite(digits, start);
    const value = BigInt(digits);
    if (value >= INTEGER_MIN && value <= INTEGER_MAX) return integer(value);
    if (value < INTEGER_MIN || value > U64_MAX || this.#unsigned === 'float') return finite(digits, start);
    return this.#unsigned === 'text' ? digits : value;
  }

  #word<T>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) throw this.#unexpected('a value');
    this.#at += word.length;
    return value;
  }

  #skip(): void {
    WHITESPACE.lastIndex = this.#at;
    WHITESPACE.test(this.#text);
    this.#at = WHITESPACE.lastIndex;
  }

  #take(char: string): boolean {
    this.#skip();
    if (this.#text[this.#at] !== char) return false;
    this.#at++;
    return true;
  }

  #unexpected(wanted: string): JsonError {
    const found = this.#text.codePointAt(this.#at);
    const got = found === undefined ? 'the end of the text' : JSON.stringify(String.fromCodePoint(found));
    return new JsonError(`expected ${wanted}, got ${got} at offset ${this.#at}`, this.#at);
  }
}

function finite(digits: string, offset: number): Value {
  const value = Number(digits);
  if (!Number.isFinite(value)) throw new JsonError(`a number is out of range at offset ${offset}`, offset);
  return float(value);
}

/**
 * A finite float as Vector's JSON spells it: the fewest digits that are exact, always with a fraction or an exponent
 * (`1000.0`, `0.00001`, `1e-6`, `1e+16`). `null` for what is not finite.
 */
export function formatFloat(value: number): string {
  if (!Number.isFinite(value)) return 'null';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-5 || size >= 1e16)) return value.toExponential();
  if (!Number.isInteger(value)) return String(value);
  return Object.is(value, -0) ? '-0.0' : `${value}.0`;
}

/**
 * JSON text of a value, members in the order of their names. Compact, or with `indent` spaces a level. Timestamps are
 * RFC 3339, bytes text with U+FFFD, a regex is its pattern, infinities are null. Throws `JsonError` when the value is
 * nested beyond `JSON_WRITE_DEPTH_MAX`, where `depth` counts the arrays and objects that the text is to be put in.
 */
export function stringifyJson(value: Value, indent = 0, depth = 0): string {
  // The native writer is several times as fast, and right for what is in order and holds nothing it cannot know.
  if (indent === 0) {
    isBeyondNative = false;
    const copy = written(value, depth);
    if (!isBeyondNative) return JSON.stringify(copy);
  }
  return stringifyJsonInOrder(value, sortedKeys, indent, depth);
}

/** Whether `written` came upon members that no object of JavaScript has in their order. */
let isBeyondNative = false;

/** The names of an object's members in the order they are to be written. */
export type KeyOrder = (object: ObjectValue) => readonly string[];

/** `stringifyJson` with another order of members. */
export function stringifyJsonInOrder(value: Value, order: KeyOrder, indent = 0, depth = 0): string {
  return indent > 0 ? pretty(value, order, '\n', ' '.repeat(indent), depth) : compact(value, order, depth);
}

declare global {
  interface JSON {
    /** A value that is written as it is; for numbers that the native writer would spell otherwise. */
    rawJSON(text: string): object;
  }
}

/** The value as the native writer has to see it: itself where that is right, else a copy. */
function written(value: Value, depth: number): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isInteger(value) || Math.abs(value) >= 1e-5 ? value : JSON.rawJSON(formatFloat(value));
    case 'bigint':
      return JSON.rawJSON(String(value));
  }
  if (value === null) return null;
  if (Array.isArray(value)) return writtenItems(value, depth);
  if (value.constructor === Object || isObject(value)) return writtenMembers(value as ObjectValue, depth);
  if (value instanceof Timestamp) return value.toString();
  if (value instanceof Float) return Number.isFinite(value.value) ? JSON.rawJSON(formatFloat(value.value)) : null;
  return value instanceof Uint8Array ? lossyText(value) : (value as Regex).source;
}

function writtenItems(items: readonly Value[], depth: number): unknown {
  if (depth >= JSON_WRITE_DEPTH_MAX) throw tooDeepToWrite();
  for (let i = 0; i < items.length; i++) {
    const item = items[i]!;
    const text = written(item, depth + 1);
    if (text === item) continue;
    const copy: unknown[] = items.slice(0, i);
    for (let j = i; j < items.length; j++) copy.push(j === i ? text : written(items[j]!, depth + 1));
    return copy;
  }
  return items;
}

type Rebuild = (object: ObjectValue, written: (value: Value, depth: number) => unknown, depth: number) => object;

/** Sets of names that come this often get code of their own. */
const REBUILD_AFTER = 16;
const REBUILD_KEYS_MAX = 64;

function writtenMembers(object: ObjectValue, depth: number): unknown {
  if (depth >= JSON_WRITE_DEPTH_MAX) throw tooDeepToWrite();
  const order = keyOrder(object);
  if (order.isSorted) return writtenInOrder(object, order.keys, depth);
  const rebuild = order.made as Rebuild | undefined;
  if (rebuild !== undefined) return rebuild(object, written, depth + 1);
  if (order.uses >= REBUILD_AFTER && order.canBeSorted && order.keys.length <= REBUILD_KEYS_MAX)
    order.made = rebuildOf(order.sorted);
  if (!order.canBeSorted) {
    isBeyondNative = true;
    return null;
  }
  const copy: Record<string, unknown> = {};
  for (const key of order.sorted) setField(copy as ObjectValue, key, written(object[key]!, depth + 1) as Value);
  return copy;
}

/** Code that makes a copy with the members in this order: the engine knows its shape from the start. */
function rebuildOf(sorted: readonly string[]): Rebuild {
  const members = sorted.map((key) => {
    const name = JSON.stringify(key);
    const member = key === '__proto__' ? `[${name}]` : name;
    return `${member}: typeof (v = o[${name}]) === 'string' ? v : w(v, d)`;
  });
  return makeFunction(['o', 'w', 'd'], `let v; return { ${members.join(', ')} };`, 'event/sorted_copy') as Rebuild;
}

/** Members that are in order already: copied only from the first that is to be written otherwise. */
function writtenInOrder(object: ObjectValue, keys: readonly string[], depth: number): unknown {
  let copy: Record<string, unknown> | undefined;
  for (const key of keys) {
    const member = object[key]!;
    const text = written(member, depth + 1);
    if (text === member) continue;
    copy ??= { ...object };
    copy[key] = text;
  }
  return copy ?? object;
}
function compact(value: Value, order: KeyOrder, depth: number): string {
  const text = scalar(value);
  if (text !== undefined) return text;
  if (depth >= JSON_WRITE_DEPTH_MAX) throw tooDeepToWrite();
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]';
    let items = `[${compact(value[0]!, order, depth + 1)}`;
    for (let i = 1; i < value.length; i++) items += `,${compact(value[i]!, order, depth + 1)}`;
    return `${items}]`;
  }
  const object = value as ObjectValue;
  let members = '';
  for (const key of order(object)) {
    members += (members === '' ? '{' : ',') + quotedKey(key) + compact(object[key]!, order, depth + 1);
  }
  return members === '' ? '{}' : `${members}}`;
}

function pretty(value: Value, order: KeyOrder, newline: string, indent: string, depth: number): string {
  const text = scalar(value);
  if (text !== undefined) return text;
  if (depth >= JSON_WRITE_DEPTH_MAX) throw tooDeepToWrite();
  const inner = newline + indent;
  if (Array.isArray(value)) {
    const items = value.map((item) => inner + pretty(item, order, inner, indent, depth + 1));
    return items.length === 0 ? '[]' : `[${items.join(',')}${newline}]`;
  }
  const object = value as ObjectValue;
  const members = order(object).map(
    (key) => `${inner}${quotedKey(key)} ${pretty(object[key]!, order, inner, indent, depth + 1)}`,
  );
  return members.length === 0 ? '{}' : `{${members.join(',')}${newline}}`;
}

/** JSON of anything but an array or object, and undefined for those. */
function scalar(value: Value): string | undefined {
  switch (typeof value) {
    case 'string':
      return quoteJson(value);
    case 'number':
      return Number.isInteger(value) ? String(value) : formatFloat(value);
    case 'boolean':
    case 'bigint':
      return String(value);
  }
  if (value === null) return 'null';
  if (Array.isArray(value)) return undefined;
  if (value instanceof Timestamp) return `"${value.toString()}"`;
  if (value instanceof Float) return formatFloat(value.value);
  if (value instanceof Uint8Array) return quoteJson(lossyText(value));
  return value instanceof Regex ? quoteJson(value.source) : undefined;
}

const ESCAPED = /["\\\u0000-\u001f\ud800-\udfff]/;

/** A string as JSON. */
export function quoteJson(text: string): string {
  return ESCAPED.test(text) ? JSON.stringify(text) : `"${text}"`;
}

/** Quoted names of members, as the same ones come again and again. Full, it stays as it is. */
const quotedKeys = new Map<string, string>();
const QUOTED_KEYS_MAX = 1024;
const QUOTED_KEY_LENGTH_MAX = 64;

const QUOTED_KEY_BYTES = 150;

/** Estimated bytes of the names of members that are kept. */
export function keptNameBytes(): number {
  return quotedKeys.size * QUOTED_KEY_BYTES;
}

/** The name of a member, quoted, and its colon. */
function quotedKey(key: string): string {
  let text = quotedKeys.get(key);
  if (text === undefined) {
    text = `${quoteJson(key)}:`;
    if (quotedKeys.size < QUOTED_KEYS_MAX && key.length <= QUOTED_KEY_LENGTH_MAX) quotedKeys.set(own(key), text);
  }
  return text;
}

function tooDeepToWrite(): JsonError {
  return new JsonError(`more than ${JSON_WRITE_DEPTH_MAX} arrays and objects inside each other`, 0);
}
