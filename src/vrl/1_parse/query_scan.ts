// Looks ahead from where a path could begin, to see whether there is one and where it ends. Paths are known by their
// characters alone, before anything is parsed: `x.a` is a path and `x .a` is not. Which characters continue a path in
// odd places (comments, quotes, unbalanced brackets) follows the original to the letter, as it decides what a program
// means.

import { isDigit, isSpace, isWordPart } from './characters.ts';
import { endOfQuoted, endOfString } from './quoted.ts';
import { Refusal } from './refusal.ts';

const NEWLINE = 10;
const BANG = 33;
const QUOTE = 34;
const HASH = 35;
const PERCENT = 37;
const APOSTROPHE = 39;
const OPEN_PAREN = 40;
const CLOSE_PAREN = 41;
const DOT = 46;
const UNDERSCORE = 95;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;

/** Characters looked at ahead in one program. Nested calls are looked at once per level; only bad faith needs more. */
const LOOKAHEAD_MAX = 30_000_000;

export class QueryScan {
  readonly #source: string;
  #looked = 0;

  constructor(source: string) {
    this.#source = source;
  }

  /** The index of the last character of the path that begins at `start`, or -1. */
  endOf(start: number): number {
    const walk = new Walk(this.#source, start);
    const end = walk.run();
    this.#looked += walk.at - start;
    if (this.#looked > LOOKAHEAD_MAX) {
      const place = { start, end: start + 1 };
      throw new Refusal(
        210,
        'unexpected parse error: the program is too long',
        place,
        'too many brackets are open here',
      );
    }
    return end;
  }
}

/** One look ahead. */
class Walk {
  at: number;
  readonly #source: string;
  #braces = 0;
  #brackets = 0;
  #parens = 0;
  #valid = false;
  /** The character before, -1 at the start. */
  #last = -1;
  /** Where the character before stands. */
  #end = 0;

  constructor(source: string, start: number) {
    this.#source = source;
    this.at = start;
  }

  run(): number {
    while (this.at < this.#source.length && this.#step());
    return this.#valid ? this.#end : -1;
  }

  /** Goes on by one character, literal, comment or inside of brackets; false when the path ends before it. */
  #step(): boolean {
    const position = this.at++;
    const code = this.#source.charCodeAt(position);
    if (code === QUOTE || this.#opensQuoted(position)) return this.#literal(position);
    if (!this.#bracket(code)) {
      if (code === CLOSE_BRACE || code === CLOSE_PAREN || code === CLOSE_BRACKET) return false;
      if (this.#braces > 0 || this.#brackets > 0 || this.#parens > 0) this.#skipInside();
      else if (code === HASH) return this.#comment();
      else if (!this.#continues(code, position)) return false;
    }
    this.#last = code;
    this.#end = position;
    return true;
  }

  /** Counts an opening bracket, or a closing one that has its partner. */
  #bracket(code: number): boolean {
    switch (code) {
      case OPEN_BRACE:
        this.#braces++;
        return true;
      case OPEN_PAREN:
        this.#parens++;
        return true;
      case OPEN_BRACKET:
        if (this.#braces === 0 && this.#parens === 0 && this.#brackets === 0) {
          const last = this.#last;
          if (last === CLOSE_BRACKET || last === CLOSE_BRACE || last === CLOSE_PAREN || isWordPart(last)) {
            this.#valid = true;
          }
        }
        this.#brackets++;
        return true;
      case CLOSE_BRACE:
        return this.#braces > 0 && this.#braces-- > 0;
      case CLOSE_PAREN:
        return this.#parens > 0 && this.#parens-- > 0;
      case CLOSE_BRACKET:
        return this.#brackets > 0 && this.#brackets-- > 0;
      default:
        return false;
    }
  }

  #continues(code: number, position: number): boolean {
    if (code === DOT || code === PERCENT) {
      const last = this.#last;
      if (last === -1) this.#valid = true;
      else if (code === PERCENT) return false;
      else if (last === CLOSE_PAREN || last === CLOSE_BRACE || last === CLOSE_BRACKET || last === QUOTE) {
        this.#valid = true;
      } else if (!isWordPart(last)) return false;
      else if (!this.#followsNumber(position)) this.#valid = true;
      return true;
    }
    return code === BANG || isWordPart(code);
  }

  /** Whether a dot is that of a float. */
  #followsNumber(dot: number): boolean {
    for (let i = dot - 1; i >= 0; i--) {
      const code = this.#source.charCodeAt(i);
      if (isSpace(code)) return true;
      if (!isDigit(code) && code !== UNDERSCORE) return false;
    }
    return true;
  }

  /** A literal outside of brackets, or right behind an opening one. One that is not closed ends the path. */
  #literal(position: number): boolean {
    try {
      this.at = this.#endOfLiteral(position);
    } catch (error) {
      if (error instanceof Refusal) return false;
      throw error;
    }
    this.#end = this.at - 1;
    this.#last = this.#source.charCodeAt(this.#end);
    return true;
  }

  /** A comment does not end a path, and is not seen by what follows. */
  #comment(): boolean {
    while (this.at < this.#source.length) {
      const position = this.at++;
      if (this.#source.charCodeAt(position) === NEWLINE) break;
      this.#end = position;
    }
    return true;
  }

  /** Goes to the closing bracket of the kind that counts most. Comments and literals are passed over. */
  #skipInside(): void {
    const [open, close] = this.#bracketsInside();
    let depth = 0;
    while (this.at < this.#source.length) {
      this.#passOver();
      const code = this.#source.charCodeAt(this.at);
      if (depth === 0 && code === close) return;
      this.at++;
      if (code === open) depth++;
      else if (code === close) depth--;
    }
  }

  #bracketsInside(): readonly [open: number, close: number] {
    if (this.#braces > 0) return [OPEN_BRACE, CLOSE_BRACE];
    return this.#brackets > 0 ? [OPEN_BRACKET, CLOSE_BRACKET] : [OPEN_PAREN, CLOSE_PAREN];
  }

  /** Passes over one comment or literal, which must not be the end of the program. */
  #passOver(): void {
    const start = this.at;
    const code = this.#source.charCodeAt(start);
    if (code === HASH) {
      const newline = this.#source.indexOf('\n', start);
      this.at = newline < 0 ? this.#source.length : newline + 1;
    } else if (code === QUOTE || this.#opensQuoted(start)) this.at = this.#endOfLiteral(start);
    else return;
    if (this.at < this.#source.length) return;
    throw new Refusal(
      210,
      `unexpected parse error: the program ends inside brackets`,
      { start: 0, end: 0 },
      `the program ends with ${code === HASH ? 'a comment' : 'a literal'} while a bracket is still open`,
    );
  }

  #opensQuoted(position: number): boolean {
    const code = this.#source.charCodeAt(position);
    return (code === 114 || code === 115 || code === 116) && this.#source.charCodeAt(position + 1) === APOSTROPHE;
  }

  #endOfLiteral(position: number): number {
    const next = position + 1;
    return this.#source.charCodeAt(position) === QUOTE
      ? endOfString(this.#source, next, next)
      : endOfQuoted(this.#source, next, next);
  }
}
