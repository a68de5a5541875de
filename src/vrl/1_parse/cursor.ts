// Where the parser stands in the tokens, and how deep. The functions that parse the parts of the grammar share one.

import type { Span } from '../diagnostics/diagnostic.ts';
import type { Expression, GroupNode } from './ast.ts';
import type { ByteOffsets } from './byte_offsets.ts';
import { HEIGHT_MAX, NESTING_MAX, type Place, type Refusal, tooDeep, tooLong } from './refusal.ts';
import { Token, type Tokens } from './token.ts';
import { unexpected } from './unexpected.ts';

/** The parts of the grammar that its other parts come back to. */
export interface Grammar {
  /** Anything that can stand in a block. */
  expression(cursor: Cursor): Expression;
  /** An assignment, or operators and what they work on. */
  assignment(cursor: Cursor): Expression;
  /** Operators and what they work on. */
  arithmetic(cursor: Cursor): Expression;
  /** Goes on after an operand, with operators that bind at least as tightly as `binding`. */
  continueBinary(cursor: Cursor, first: Expression, binding: number): Expression;
  group(cursor: Cursor): GroupNode;
  /** The rest of a group after its expression. */
  closeGroup(cursor: Cursor, start: number, opener: number, inner: Expression): GroupNode;
}

export class Cursor {
  readonly grammar: Grammar;
  readonly tokens: Tokens;
  /** The token to be read next. */
  at = 0;
  kind: number;
  /** Of the expression parsed last: the levels of its tree. */
  height = 0;
  #depth = 0;
  /** Tokens that opened what is not closed yet. */
  #openers: number[] = [];
  readonly #toBytes: ByteOffsets;

  constructor(tokens: Tokens, toBytes: ByteOffsets, grammar: Grammar) {
    this.grammar = grammar;
    this.tokens = tokens;
    this.#toBytes = toBytes;
    this.kind = tokens.kinds[0]!;
  }

  // Tokens.

  advance(): void {
    this.kind = this.tokens.kinds[++this.at]!;
  }

  /** The kind of the token after the next one. */
  get following(): number {
    return this.tokens.kinds[this.at + 1]!;
  }

  /** Whether the next token is of a kind. */
  is(kind: number): boolean {
    return this.kind === kind;
  }

  get text(): string {
    return this.tokens.texts[this.at]!;
  }

  expect(kind: number, expected: string): void {
    if (this.kind !== kind) throw this.refuse(expected);
    this.advance();
  }

  skipNewlines(): void {
    while (this.kind === Token.newline) this.advance();
  }

  /** The complaint about the next token. */
  refuse(expected: string): Refusal {
    return unexpected(this.tokens, this.at, expected, this.#openers.at(-1));
  }

  // Places.

  /** The byte at which the next token begins. */
  get start(): number {
    return this.#toBytes(this.tokens.starts[this.at]!);
  }

  /** From `start` to the end of the token read last. */
  spanFrom(start: number): Span {
    return { start, end: this.#toBytes(this.tokens.ends[this.at - 1]!) };
  }

  /** The span of the next token. */
  get here(): Span {
    return { start: this.start, end: this.#toBytes(this.tokens.ends[this.at]!) };
  }

  /** The span of a place in the source text. */
  spanAt(start: number, end: number): Span {
    return { start: this.#toBytes(start), end: this.#toBytes(end) };
  }

  // Depth.

  /** Goes a level deeper; `leave` comes back. An opening bracket is named when something goes wrong inside of it. */
  enter(opener?: number): void {
    if (++this.#depth > NESTING_MAX) throw tooDeep(this.#place());
    if (opener !== undefined) this.#openers.push(opener);
  }

  leave(opener?: number): void {
    this.#depth--;
    if (opener !== undefined) this.#openers.pop();
  }

  /** Sets the height of a node whose highest part has the height `below`. */
  rise(below: number): void {
    this.height = below + 1;
    if (this.height > HEIGHT_MAX) throw tooLong(this.#place());
  }

  #place(): Place {
    return { start: this.tokens.starts[this.at]!, end: this.tokens.ends[this.at]! };
  }

  /** Back to the root, after an error. */
  reset(): void {
    this.#depth = 0;
    this.#openers = [];
  }

  /** Whether the next token ends a statement at the root. */
  get isAtEnd(): boolean {
    return this.kind === Token.newline || this.kind === Token.semicolon || this.kind === Token.end;
  }
}
