// The tokens inside of a placeholder: `%{number("x"):a.b:scale(10)}`.

import { float, type Value } from '../../../event/value.ts';
import { readFloat, readInteger } from '../number_text.ts';
import { isWhitespace } from '../utf8_text.ts';

export type Token =
  | { readonly kind: 'symbol'; readonly text: '%{' | '}' | '[' | ']' | '(' | ')' | '.' | ':' | ',' }
  | { readonly kind: 'name'; readonly text: string }
  /** A name with `@` or `-` in it, which only fields may have. */
  | { readonly kind: 'field name'; readonly text: string }
  | { readonly kind: 'literal'; readonly value: Value }
  /** Nothing that the syntax knows. */
  | { readonly kind: 'other' };

/** Text that is no token at all; the message is shown. */
export class LexicalProblem extends Error {}

export class Lexer {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** The next token; undefined at the end. Throws `LexicalProblem`. */
  next(): Token | undefined {
    const text = this.#text;
    while (isWhitespace(text.charCodeAt(this.#at))) this.#at++;
    const char = text[this.#at];
    if (char === undefined) return undefined;
    if (char === '"') return this.#string();
    if (isDigit(char) || (char === '.' && isDigit(text[this.#at + 1]))) return this.#number();
    if (/[$@_A-Za-z]/.test(char)) return this.#name();
    const symbol = text.startsWith('%{', this.#at) ? '%{' : char;
    this.#at += symbol.length;
    if (symbol === '%{' || '}[]().:,'.includes(symbol)) return { kind: 'symbol', text: symbol as '%{' };
    return { kind: 'other' };
  }

  #name(): Token {
    const match = this.#take(/[$@_A-Za-z0-9-]+/y);
    if (match === 'true' || match === 'false') return { kind: 'literal', value: match === 'true' };
    if (match === 'null') return { kind: 'literal', value: null };
    return { kind: /[@-]/.test(match) ? 'field name' : 'name', text: match };
  }

  #number(): Token {
    const text = this.#take(/[0-9eE+.-]+/y);
    const value = /[^0-9]/.test(text) ? floatOf(text) : readInteger(text);
    if (value === undefined) throw new LexicalProblem(`invalid numeric literal '${text}'`);
    return { kind: 'literal', value };
  }

  #string(): Token {
    const start = this.#at + 1;
    let end = start;
    for (; ; end++) {
      if (end >= this.#text.length) throw new LexicalProblem('invalid literal');
      if (this.#text[end] === '"') break;
      if (this.#text[end] === '\\') end++;
    }
    this.#at = end + 1;
    return { kind: 'literal', value: withoutEscapes(this.#text.slice(start, end)) };
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const text = pattern.exec(this.#text)![0];
    this.#at += text.length;
    return text;
  }
}

function isDigit(char: string | undefined): boolean {
  return char !== undefined && char >= '0' && char <= '9';
}

function floatOf(text: string): Value | undefined {
  const value = readFloat(text);
  return value === undefined ? undefined : float(value);
}

const LINE_ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

/** Escapes: `\\n`, `\\r` and `\\t` with two backslashes; quotes and the backslash with one. */
function withoutEscapes(text: string): string {
  let result = '';
  let from = 0;
  for (let at = text.indexOf('\\'); at !== -1; at = text.indexOf('\\', from)) {
    const escaped = text[at + 1];
    const line = escaped === '\\' ? LINE_ESCAPES[text[at + 2] ?? ''] : undefined;
    if (line === undefined && escaped !== "'" && escaped !== '"' && escaped !== '\\')
      throw new LexicalProblem(`invalid escape literal '${text.slice(from)}'`);
    result += text.slice(from, at) + (line ?? escaped);
    from = at + (line === undefined ? 2 : 3);
  }
  return result + text.slice(from);
}
