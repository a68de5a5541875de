// The tokens of the language. `queryStart` and `queryEnd` stand for no text: they enclose a path with what it is taken
// from (`.a.b`, `x[0]`, `f(y).z`), so that the parser need not look at white space to tell `x.a` from `x .a`.

import type { Operator } from './ast.ts';

export const Token = {
  end: 0,
  newline: 1,
  semicolon: 2,
  comma: 3,
  colon: 4,
  dot: 5,
  percent: 6,
  underscore: 7,
  bang: 8,
  arrow: 9,
  assign: 10,
  mergeAssign: 11,
  openParen: 12,
  closeParen: 13,
  openBracket: 14,
  closeBracket: 15,
  openBrace: 16,
  closeBrace: 17,
  queryStart: 18,
  queryEnd: 19,
  identifier: 20,
  /** A name that only fields can have, with `@` in it. */
  pathField: 21,
  /** A name with `(` or `!` right behind it. */
  functionCall: 22,
  reserved: 23,
  if: 24,
  else: 25,
  true: 26,
  false: 27,
  null: 28,
  abort: 29,
  return: 30,
  string: 31,
  rawString: 32,
  integer: 33,
  float: 34,
  regex: 35,
  timestamp: 36,
  ampersand: 37,
  /** A character that means nothing here. */
  invalid: 38,
  // Binary operators: from here on.
  coalesce: 40,
  or: 41,
  and: 42,
  equal: 43,
  notEqual: 44,
  greaterEqual: 45,
  greater: 46,
  lessEqual: 47,
  less: 48,
  merge: 49,
  plus: 50,
  minus: 51,
  times: 52,
  divide: 53,
} as const;

export const OPERATORS: ReadonlyMap<string, number> = new Map<Operator, number>([
  ['??', Token.coalesce],
  ['||', Token.or],
  ['&&', Token.and],
  ['==', Token.equal],
  ['!=', Token.notEqual],
  ['>=', Token.greaterEqual],
  ['>', Token.greater],
  ['<=', Token.lessEqual],
  ['<', Token.less],
  ['|', Token.merge],
  ['+', Token.plus],
  ['-', Token.minus],
  ['*', Token.times],
  ['/', Token.divide],
]);

/** How tightly the binary operator of a token binds; 0 for any other token. All of them group to the left. */
export function bindingOf(kind: number): number {
  return kind < Token.coalesce ? 0 : BINDING[kind - Token.coalesce]!;
}

const BINDING = [1, 2, 2, 3, 3, 4, 4, 4, 4, 5, 6, 6, 7, 7];

const KEYWORDS: ReadonlyMap<string, number> = new Map<string, number>([
  ['if', Token.if],
  ['else', Token.else],
  ['true', Token.true],
  ['false', Token.false],
  ['null', Token.null],
  ['abort', Token.abort],
  ['return', Token.return],
  ...(
    'all any array bool boolean break continue do duration each emit float for forall foreach int integer iter loop ' +
    'object regex string timestamp traverse try undefined unless walk while'
  )
    .split(' ')
    .map((name): [string, number] => [name, Token.reserved]),
]);

export function wordToken(text: string): number {
  return KEYWORDS.get(text) ?? (text.includes('@') ? Token.pathField : Token.identifier);
}

/** Whether a token can be the name of a field, or of a keyword argument. */
export function isAnyWord(kind: number): boolean {
  return kind === Token.identifier || (kind >= Token.reserved && kind <= Token.return);
}

/** The tokens of a program as parallel lists, which end with one of kind `end`. Places are indexes into the text. */
export interface Tokens {
  readonly kinds: readonly number[];
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  /** Of words, literals (without quotes) and operators; empty for the rest. */
  readonly texts: readonly string[];
}
