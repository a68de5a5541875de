// Datadog searches compiled to functions that look at an event.
//
// Where a field is looked for depends on its name: `@a.b` is the path `.a.b`, a few reserved names are fields of the
// event, words without a field are looked for in the message and its kin, and all other names are tags: items
// `name:value` of the list `.tags`.

import { getPath, parsePath, type Segment } from '../../../event/path.ts';
import { displayFloat } from '../../../event/text.ts';
import { toNumber, type Value } from '../../../event/value.ts';
import { compilePattern, PatternProblem } from '../../../std/pattern.ts';
import { displayValue } from '../../4_run/display.ts';
import { utf8Text } from '../utf8_text.ts';
import { type Bound, type Comparator, DEFAULT_FIELD, parseDatadogSearch, type SearchNode } from './parse.ts';
import { wordFinder } from './word.ts';

export type DatadogMatcher = (event: Value) => boolean;

/** What is said of a query with a field that is no path. */
export const UNUSABLE_FIELD = 'failed to build matcher';

/** Compiles a query; text says why it is none, `UNUSABLE_FIELD` among others. */
export function compileDatadogSearch(query: string): DatadogMatcher | string {
  const node = parseDatadogSearch(query);
  if (typeof node === 'string') return node;
  try {
    return compile(node);
  } catch (error) {
    if (error instanceof UnusableField) return UNUSABLE_FIELD;
    throw error;
  }
}

class UnusableField extends Error {}

function compile(node: SearchNode): DatadogMatcher {
  switch (node.type) {
    case 'all':
      return () => true;
    case 'none':
      return () => false;
    case 'not': {
      const inner = compile(node.node);
      return (event) => !inner(event);
    }
    case 'and': {
      const matchers = node.nodes.map(compile);
      return (event) => matchers.every((matcher) => matcher(event));
    }
    case 'or':
      return any(node.nodes.map(compile));
    case 'missing': {
      const matchers = fieldsOf(node.field).map(exists);
      return (event) => !matchers.some((matcher) => matcher(event));
    }
    case 'exists':
      return any(fieldsOf(node.field).map(exists));
    case 'equals':
      return any(fieldsOf(node.field).map((field) => equals(field, node.text)));
    case 'prefix':
      return any(fieldsOf(node.field).map((field) => hasPrefix(field, node.text)));
    case 'wildcard':
      return any(fieldsOf(node.field).map((field) => fits(field, node.text)));
    case 'compare':
      return any(fieldsOf(node.field).map((field) => compare(field, node.comparator, node.bound)));
    case 'range':
      return any(fieldsOf(node.field).map((field) => inRange(field, node.lower, node.upper, node.inclusive)));
  }
}

function any(matchers: readonly DatadogMatcher[]): DatadogMatcher {
  if (matchers.length === 1) return matchers[0]!;
  return (event) => matchers.some((matcher) => matcher(event));
}

const DEFAULT_FIELDS = ['message', 'custom.error.message', 'custom.error.stack', 'custom.title', DEFAULT_FIELD];
const RESERVED_FIELDS = ['host', 'source', 'status', 'service', 'trace_id', 'message', 'timestamp', 'tags'];

interface Field {
  readonly type: 'default' | 'reserved' | 'attribute' | 'tag';
  readonly name: string;
}

function fieldsOf(attribute: string): readonly Field[] {
  if (attribute === DEFAULT_FIELD) return DEFAULT_FIELDS.map((name) => ({ type: 'default', name }));
  const name = attribute.replaceAll('@', '.');
  if (attribute.startsWith('@')) return [{ type: 'attribute', name }];
  if (DEFAULT_FIELDS.includes(name)) return [{ type: 'default', name }];
  return [{ type: RESERVED_FIELDS.includes(name) ? 'reserved' : 'tag', name }];
}

/** Looks at the value of a field, where there is one. */
function at(field: Field, test: (value: Value) => boolean): DatadogMatcher {
  const segments = segmentsOf(field);
  return (event) => {
    const value = getPath(event, segments);
    return value !== undefined && test(value);
  };
}

function segmentsOf({ type, name }: Field): readonly Segment[] {
  if (type === 'tag') return ['tags'];
  const path = parsePath(name);
  if (typeof path === 'string' || path.target === 'metadata') throw new UnusableField();
  return path.segments;
}

function items(value: Value): readonly Value[] {
  return Array.isArray(value) ? value : [];
}

/** A value as text: strings as they are, others as the language writes them. */
function textOf(value: Value): string {
  if (typeof value === 'string' || value instanceof Uint8Array) return utf8Text(value);
  return displayValue(value);
}

function exists(field: Field): DatadogMatcher {
  if (field.type === 'tag') {
    const { name } = field;
    return at(field, (tags) => items(tags).some((tag) => textOf(tag) === name || textOf(tag).startsWith(`${name}:`)));
  }
  // The list itself is compared with its items, of which none can be the list.
  if (isTags(field)) return () => false;
  return at(field, () => true);
}

function isTags({ type, name }: Field): boolean {
  return type === 'reserved' && name === 'tags';
}

function equals(field: Field, text: string): DatadogMatcher {
  if (field.type === 'default') {
    const isIn = wordFinder(text);
    return at(field, (value) => isText(value) && isIn(utf8Text(value)));
  }
  if (field.type === 'tag' || isTags(field)) {
    const wanted = field.type === 'tag' ? `${field.name}:${text}` : text;
    return at(field, (tags) => items(tags).includes(wanted));
  }
  return at(field, (value) => textOf(value) === text);
}

function isText(value: Value): value is string | Uint8Array {
  return typeof value === 'string' || value instanceof Uint8Array;
}

function hasPrefix(field: Field, prefix: string): DatadogMatcher {
  if (field.type === 'default') {
    const isIn = wordFinder(`${prefix}*`);
    return at(field, (value) => isIn(textOf(value)));
  }
  if (field.type === 'tag') {
    const wanted = `${field.name}:${prefix}`;
    return at(field, (tags) => items(tags).some((tag) => textOf(tag).startsWith(wanted)));
  }
  return at(field, (value) => textOf(value).startsWith(prefix));
}

function fits(field: Field, wildcard: string): DatadogMatcher {
  if (field.type === 'default') {
    const isIn = wordFinder(wildcard);
    return at(field, (value) => isIn(textOf(value)));
  }
  if (field.type === 'tag') {
    const pattern = wholePattern(`${field.name}:${wildcard}`);
    return at(field, (tags) => items(tags).some((tag) => pattern.test(textOf(tag))));
  }
  const pattern = wholePattern(wildcard);
  return at(field, (value) => pattern.test(textOf(value)));
}

/** The pattern of a whole text in which `*` stands for anything. */
function wholePattern(wildcard: string): RegExp {
  const escaped = wildcard.replace(/[\\.+*?()|[\]{}^$#&\-~]/g, (char) => (char === '*' ? '.*' : `\\${char}`));
  const pattern = compilePattern(`^${escaped}$`);
  if (pattern instanceof PatternProblem) throw new UnusableField();
  return pattern;
}

function compare(field: Field, comparator: Comparator, bound: Bound): DatadogMatcher {
  const text = boundText(bound);
  if (field.type === 'tag') {
    // Whatever the tag's name is: its value is compared.
    return at(field, (tags) =>
      items(tags).some((tag) => {
        const whole = textOf(tag);
        const colon = whole.indexOf(':');
        return colon !== -1 && holds(comparator, compareText(whole.slice(colon + 1), text));
      }),
    );
  }
  if (field.type === 'attribute' && (bound.type === 'integer' || bound.type === 'float')) {
    return at(field, (value) => {
      const number = toNumber(value);
      if (number === undefined) return holds(comparator, compareText(textOf(value), text));
      if (bound.type === 'integer' && (typeof value === 'bigint' || Number.isInteger(value)))
        return holds(comparator, sign(BigInt(value as number | bigint), bound.value));
      return holds(comparator, sign(number, Number(bound.value)));
    });
  }
  return at(field, (value) => holds(comparator, compareText(textOf(value), text)));
}

function boundText(bound: Bound): string {
  switch (bound.type) {
    case 'unbounded':
      return '*';
    case 'string':
      return bound.value;
    case 'integer':
      return String(bound.value);
    case 'float':
      return displayFloat(bound.value);
  }
}

function inRange(field: Field, lower: Bound, upper: Bound, inclusive: boolean): DatadogMatcher {
  if (lower.type === 'unbounded' && upper.type === 'unbounded') return exists(field);
  const isAbove = compare(field, inclusive ? '>=' : '>', lower);
  const isBelow = compare(field, inclusive ? '<=' : '<', upper);
  if (lower.type === 'unbounded') return isBelow;
  if (upper.type === 'unbounded') return isAbove;
  return (event) => isAbove(event) && isBelow(event);
}

/** Negative, 0, positive, or NaN when they cannot be compared. */
function sign<T extends number | bigint>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : a === b ? 0 : Number.NaN;
}

/** Texts in the order of their UTF-8 bytes, which differs from JavaScript's only where surrogates stand. */
function compareText(a: string, b: string): number {
  const end = Math.min(a.length, b.length);
  for (let i = 0; i < end; i++) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    if (left !== right) return isSurrogate(left) === isSurrogate(right) ? left - right : isSurrogate(left) ? 1 : -1;
  }
  return a.length - b.length;
}

function isSurrogate(code: number): boolean {
  return code >= 0xd800 && code < 0xe000;
}

function holds(comparator: Comparator, order: number): boolean {
  switch (comparator) {
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
  }
}
