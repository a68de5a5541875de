// Parses a placeholder, `%{MATCHER:FIELD:FILTER}`, into its parts.

import type { Value } from '../../../event/value.ts';
import { Lexer, LexicalProblem, type Token } from './lexer.ts';

/** A matcher, filter or alias, with its arguments where it has any. */
export interface GrokFunction {
  readonly name: string;
  readonly args: readonly Argument[] | undefined;
}

export type Argument =
  | { readonly kind: 'value'; readonly value: Value }
  | { readonly kind: 'function'; readonly function: GrokFunction };

export interface Placeholder {
  readonly matcher: GrokFunction;
  readonly destination: { readonly path: readonly string[]; readonly filter: GrokFunction | undefined } | undefined;
}

/** Functions nested deeper than this as arguments are refused. */
const NESTING_MAX = 100;

/** The placeholder, or what is wrong with it. */
export function parsePlaceholder(text: string): Placeholder | string {
  try {
    return new PlaceholderParser(text).parse();
  } catch (error) {
    if (error instanceof LexicalProblem) return error.message;
    if (error instanceof SyntaxProblem) return `invalid grok pattern: ${text}`;
    throw error;
  }
}

class SyntaxProblem extends Error {}

class PlaceholderParser {
  readonly #lexer: Lexer;
  #token: Token | undefined;

  constructor(text: string) {
    this.#lexer = new Lexer(text);
    this.#token = this.#lexer.next();
  }

  parse(): Placeholder {
    this.#expect('%{');
    const matcher = this.#function(0);
    const destination = this.#take(':') ? this.#destination() : undefined;
    this.#expect('}');
    if (this.#token) throw new SyntaxProblem();
    return { matcher, destination };
  }

  #destination(): Placeholder['destination'] {
    if (this.#is('}')) return undefined;
    if (this.#take(':')) return { path: [], filter: this.#function(0) };
    const path = [this.#segment()];
    while (!this.#is(':') && !this.#is('}')) path.push(this.#segment());
    return { path, filter: this.#take(':') ? this.#function(0) : undefined };
  }

  #segment(): string {
    if (this.#take('[')) {
      const token = this.#advance();
      if (token?.kind !== 'literal' || typeof token.value !== 'string') throw new SyntaxProblem();
      this.#expect(']');
      return token.value;
    }
    this.#take('.');
    const token = this.#advance();
    if (token?.kind !== 'name' && token?.kind !== 'field name') throw new SyntaxProblem();
    return token.text;
  }

  #function(depth: number): GrokFunction {
    if (depth > NESTING_MAX) throw new SyntaxProblem();
    let name = this.#name();
    while (this.#take('.')) name += `.${this.#name()}`;
    return { name, args: this.#take('(') ? this.#arguments(depth) : undefined };
  }

  #name(): string {
    const token = this.#advance();
    if (token?.kind !== 'name') throw new SyntaxProblem();
    return token.text;
  }

  #arguments(depth: number): Argument[] {
    const args: Argument[] = [];
    while (!this.#take(')')) {
      const token = this.#token;
      if (token?.kind === 'literal') {
        this.#advance();
        args.push({ kind: 'value', value: token.value });
      } else args.push({ kind: 'function', function: this.#function(depth + 1) });
      if (this.#take(',')) continue;
      this.#expect(')');
      break;
    }
    return args;
  }

  #is(symbol: string): boolean {
    return this.#token?.kind === 'symbol' && this.#token.text === symbol;
  }

  #take(symbol: string): boolean {
    if (!this.#is(symbol)) return false;
    this.#advance();
    return true;
  }

  #expect(symbol: string): void {
    if (!this.#take(symbol)) throw new SyntaxProblem();
  }

  #advance(): Token | undefined {
    const token = this.#token;
    this.#token = this.#lexer.next();
    return token;
  }
}
