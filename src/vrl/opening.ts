// How a program begins and ends, for who runs it on a part of the event. A first statement that puts something else in
// the place of the whole event (`. = parse_json!(.message)`) means that all before it is needed no more; a last one
// that only names the event (`.`) does nothing, as nobody looks at what a program gives.

import type { Segment } from '../event/path.ts';
import type { Expression, RootExpression } from './1_parse/ast.ts';
import { parse } from './1_parse/parser.ts';

export interface Opening {
  /** The first statement alone, where it replaces the whole event or merges JSON into it. */
  readonly first: string | undefined;
  /** What comes after it, in its place: what stood before is blank. Undefined when there is nothing. */
  readonly rest: string | undefined;
  /** Of a first statement that makes the event what a text in it says. */
  readonly text: ReadText | undefined;
  /** The program without a last statement that does nothing. */
  readonly whole: string;
}

/** A text that is read, and becomes the event. */
export interface ReadText {
  readonly format: TextFormat;
  readonly path: readonly Segment[];
  /** The regular expression, where that is the format. */
  readonly pattern?: string;
  /** Whether the members of the event that the text does not have stay: `. |= …`, `. = merge(., …)`; not of syslog. */
  readonly merges: boolean;
}

export type TextFormat = 'json' | 'syslog' | 'regex';

const FORMATS: ReadonlyMap<string, TextFormat> = new Map([
  ['parse_json', 'json'],
  ['parse_syslog', 'syslog'],
]);

/** Undefined for text that is no program. */
export function openingOf(source: string): Opening | undefined {
  const parsed = parse(source);
  if ('diagnostic' in parsed) return undefined;
  const { expressions } = parsed.program;
  const text = new Bytes(source);
  const last = expressions.at(-1);
  const isIdle = expressions.length > 1 && last !== undefined && isRoot(last);
  const end = isIdle ? last.span.start : text.length;
  const whole = text.slice(0, end);
  const first = expressions[0];
  const read = first && writesEvent(first) ? readBy(first) : undefined;
  if (!first || !writesEvent(first) || (first.operator === '|=' && !read))
    return { first: undefined, rest: undefined, text: undefined, whole };
  const count = expressions.length - (isIdle ? 1 : 0);
  const next = expressions[1];
  return {
    first: text.slice(first.span.start, first.span.end),
    rest: count > 1 && next ? text.blank(next.span.start) + text.slice(next.span.start, end) : undefined,
    text: read,
    whole,
  };
}

function isRoot(node: RootExpression): boolean {
  return node.type === 'query' && node.target.type === 'event' && node.segments.length === 0;
}

type Assignment = Extract<Expression, { readonly type: 'assignment' }>;

function writesEvent(node: RootExpression): node is Assignment {
  if (node.type !== 'assignment' || node.errorTarget) return false;
  return node.target.type === 'query' && isRoot(node.target.query);
}

/** The text whose content an assignment puts in the place of the event, or merges into it. */
function readBy({ operator, value }: Assignment): ReadText | undefined {
  const merges = operator === '|=' || mergedWith(value) !== undefined;
  const read = readIn(operator === '|=' ? value : (mergedWith(value) ?? value));
  return read && (!merges || read.format !== 'syslog') ? { ...read, merges } : undefined;
}

/** The `x` of `merge(., x)`. */
function mergedWith(node: Expression): Expression | undefined {
  const call = ungrouped(node);
  if (call.type !== 'call' || call.name !== 'merge' || call.arguments.length !== 2) return undefined;
  if (call.arguments.some(({ keyword }) => keyword !== undefined)) return undefined;
  return isRoot(call.arguments[0]!.value) ? call.arguments[1]!.value : undefined;
}

/** `parse_json!(.a)` or `parse_regex!(.a, r'…')`, the path perhaps in `string!(…)`, the whole perhaps in `object!(…)`. */
function readIn(node: Expression): Omit<ReadText, 'merges'> | undefined {
  const call = callOf(node, 1) ?? callOf(node, 2);
  if (!call) return undefined;
  const [about, second] = call.arguments;
  if (call.name === 'object') return second ? undefined : readIn(about!);
  const pattern = call.name === 'parse_regex' && second ? patternOf(second) : undefined;
  const format = pattern === undefined ? (second ? undefined : FORMATS.get(call.name)) : 'regex';
  if (!format) return undefined;
  const text = callOf(about!, 1);
  const path = ungrouped(text?.name === 'string' ? text.arguments[0]! : about!);
  if (path.type !== 'query' || path.target.type !== 'event' || path.segments.length === 0) return undefined;
  return { format, path: path.segments, ...(pattern !== undefined && { pattern }) };
}

/** A regular expression that is written there. */
function patternOf(node: Expression): string | undefined {
  const literal = ungrouped(node);
  return literal.type === 'literal' && literal.literal.kind === 'regex' ? literal.literal.value : undefined;
}

/** A call that fails loudly, with so many arguments and no names for them. */
function callOf(
  node: Expression,
  count: number,
): { readonly name: string; readonly arguments: readonly Expression[] } | undefined {
  const call = ungrouped(node);
  if (call.type !== 'call' || !call.abortOnError || call.closure || call.arguments.length !== count) return undefined;
  if (call.arguments.some(({ keyword }) => keyword !== undefined)) return undefined;
  return { name: call.name, arguments: call.arguments.map(({ value }) => value) };
}

function ungrouped(node: Expression): Expression {
  return node.type === 'group' ? ungrouped(node.inner) : node;
}

/** Text by its UTF-8 bytes, in which spans are counted. */
class Bytes {
  readonly #bytes: Uint8Array;

  constructor(text: string) {
    this.#bytes = new TextEncoder().encode(text);
  }

  get length(): number {
    return this.#bytes.length;
  }

  slice(start: number, end: number): string {
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(this.#bytes.subarray(start, end));
  }

  /** As many bytes of nothing, on as many lines. */
  blank(end: number): string {
    return Array.from(this.#bytes.subarray(0, end), (byte) => (byte === NEWLINE ? '\n' : ' ')).join('');
  }
}

const NEWLINE = 10;
