// Cuts a program into tokens. Everything is cut before anything is parsed: a text that is no token (a string that is
// not closed, an unknown operator) makes the whole program unreadable, and is then the one thing reported.

import { isDigit, isOperator, isQueryStart, isSpace, isWordPart, isWordStart } from './characters.ts';
import { QueryScan } from './query_scan.ts';
import { endOfQuoted, endOfString } from './quoted.ts';
import { NESTING_MAX, Refusal, tooDeep } from './refusal.ts';
import { OPERATORS, Token, type Tokens, wordToken } from './token.ts';
import { unknownOperator } from './unknown_operator.ts';

const NEWLINE = 10;
const BANG = 33;
const QUOTE = 34;
const HASH = 35;
const AMPERSAND = 38;
const APOSTROPHE = 39;
const OPEN_PAREN = 40;
const MINUS = 45;
const DOT = 46;
const GREATER = 62;
const BACKSLASH = 92;
const UNDERSCORE = 95;

const PUNCTUATION: ReadonlyMap<number, number> = new Map(
  Object.entries({
    ';': Token.semicolon,
    '(': Token.openParen,
    ')': Token.closeParen,
    '[': Token.openBracket,
    ']': Token.closeBracket,
    '{': Token.openBrace,
    '}': Token.closeBrace,
    '.': Token.dot,
    '%': Token.percent,
    ':': Token.colon,
    ',': Token.comma,
  }).map(([character, kind]) => [character.charCodeAt(0), kind]),
);

/** Literals that begin with a letter and an apostrophe. */
const QUOTED: ReadonlyMap<number, number> = new Map([
  [114, Token.regex],
  [115, Token.rawString],
  [116, Token.timestamp],
]);

/** Throws a `Refusal` for a text that is no token. */
export function lex(source: string): Tokens {
  return new Lexer(source).run();
}

class Lexer {
  readonly #source: string;
  readonly #kinds: number[] = [];
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  readonly #texts: string[] = [];
  readonly #scan: QueryScan;
  #at = 0;
  /** Brackets that are open, by the kind of token that opens them. */
  readonly #open = { parens: 0, brackets: 0, braces: 0 };
  /** The last characters of the paths that are open, the innermost last. */
  readonly #queryEnds: number[] = [];
  readonly #queryEndSet = new Set<number>();
  #scannedAt = -1;
  /** Up to this index there is only white space and comments, and whether `else` follows is known. */
  #quietUntil = -1;
  #elseFollows = false;

  constructor(source: string) {
    this.#source = source;
    this.#scan = new QueryScan(source);
  }

  run(): Tokens {
    const length = this.#source.length;
    while (this.#at < length) {
      const code = this.#source.charCodeAt(this.#at);
      if (isQueryStart(code) && this.#startsQuery()) continue;
      if (this.#queryEnds.length > 0 && this.#endsQuery()) continue;
      this.#next(code);
    }
    while (this.#queryEnds.length > 0) this.#emitQueryEnd();
    const end = this.#ends.at(-1) ?? 0;
    this.#push(Token.end, end, end);
    return { kinds: this.#kinds, starts: this.#starts, ends: this.#ends, texts: this.#texts };
  }

  #push(kind: number, start: number, end: number, text = ''): void {
    this.#kinds.push(kind);
    this.#starts.push(start);
    this.#ends.push(end);
    this.#texts.push(text);
  }

  #startsQuery(): boolean {
    const start = this.#at;
    if (this.#scannedAt === start || this.#queryEnds.at(-1) === start) return false;
    this.#scannedAt = start;
    const end = this.#scan.endOf(start);
    if (end < 0 || this.#queryEndSet.has(end)) return false;
    this.#queryEnds.push(end);
    this.#queryEndSet.add(end);
    this.#push(Token.queryStart, start, start + 1);
    return true;
  }

  /** Whether the innermost path ends with the character before. One beyond ASCII is never seen as the end. */
  #endsQuery(): boolean {
    const end = this.#queryEnds.at(-1)!;
    if (this.#at - 1 !== end || this.#source.charCodeAt(end) >= 0x80) return false;
    this.#emitQueryEnd();
    return true;
  }

  #emitQueryEnd(): void {
    const end = this.#queryEnds.pop()!;
    this.#queryEndSet.delete(end);
    this.#push(Token.queryEnd, end, end + 1);
  }

  #next(code: number): void {
    const start = this.#at;
    const punctuation = PUNCTUATION.get(code);
    if (isWordStart(code)) this.#word(code, start);
    else if (isSpace(code)) this.#space(code, start);
    else if (punctuation !== undefined) this.#punctuation(punctuation, start);
    else if (code === QUOTE) this.#string(start);
    else if (code === HASH) this.#comment();
    else if (isDigit(code) || (code === MINUS && isDigit(this.#source.charCodeAt(start + 1)))) this.#number(start);
    else if (isOperator(code)) this.#operator(code, start);
    else if (code === BACKSLASH) throw unknownOperator('\\', start);
    else this.#invalid(start);
  }

  #string(start: number): void {
    this.#at = endOfString(this.#source, start + 1, start);
    this.#push(Token.string, start, this.#at, this.#source.slice(start + 1, this.#at - 1));
  }

  #space(code: number, start: number): void {
    this.#at = start + 1;
    if (code === NEWLINE && !this.#isBeforeElse()) this.#push(Token.newline, start, start + 1);
  }

  #comment(): void {
    const newline = this.#source.indexOf('\n', this.#at);
    this.#at = newline < 0 ? this.#source.length : newline;
  }

  /** Whether the next thing that is neither white space nor a comment is the word `else`, which then joins the lines. */
  #isBeforeElse(): boolean {
    if (this.#at <= this.#quietUntil) return this.#elseFollows;
    let i = this.#at;
    for (; i < this.#source.length; i++) {
      const code = this.#source.charCodeAt(i);
      if (code === HASH) {
        const newline = this.#source.indexOf('\n', i);
        i = newline < 0 ? this.#source.length : newline;
      } else if (!isSpace(code)) break;
    }
    this.#quietUntil = i;
    this.#elseFollows = this.#source.startsWith('else', i) && !isWordPart(this.#source.charCodeAt(i + 4));
    return this.#elseFollows;
  }

  #punctuation(kind: number, start: number): void {
    this.#at = start + 1;
    this.#push(kind, start, start + 1);
    const open = this.#open;
    switch (kind) {
      case Token.openParen:
        open.parens++;
        break;
      case Token.openBracket:
        open.brackets++;
        break;
      case Token.openBrace:
        open.braces++;
        break;
      case Token.closeParen:
        if (open.parens > 0) open.parens--;
        return;
      case Token.closeBracket:
        if (open.brackets > 0) open.brackets--;
        return;
      case Token.closeBrace:
        if (open.braces > 0) open.braces--;
        return;
      default:
        return;
    }
    if (open.parens + open.brackets + open.braces > NESTING_MAX) throw tooDeep({ start, end: start + 1 });
  }

  #word(code: number, start: number): void {
    const source = this.#source;
    const next = source.charCodeAt(start + 1);
    if (code === UNDERSCORE && !isWordPart(next)) this.#single(Token.underscore, start);
    else if (next === APOSTROPHE && QUOTED.has(code)) {
      this.#at = endOfQuoted(source, start + 1, start);
      this.#push(QUOTED.get(code)!, start, this.#at, source.slice(start + 2, this.#at - 1));
    } else {
      const end = this.#endOfWord(start + 1);
      const text = source.slice(start, end);
      const after = source.charCodeAt(end);
      this.#at = end;
      this.#push(after === OPEN_PAREN || after === BANG ? Token.functionCall : wordToken(text), start, end, text);
    }
  }

  #endOfWord(from: number): number {
    let end = from;
    while (isWordPart(this.#source.charCodeAt(end))) end++;
    return end;
  }

  #endOfDigits(from: number): number {
    let end = from;
    while (isDigit(this.#source.charCodeAt(end)) || this.#source.charCodeAt(end) === UNDERSCORE) end++;
    return end;
  }

  /** A number, or a name that begins with digits. */
  #number(start: number): void {
    const source = this.#source;
    let end = this.#endOfDigits(start + 1);
    const after = source.charCodeAt(end);
    if (isWordPart(after) && source.charCodeAt(start) !== MINUS) {
      end = this.#endOfWord(end);
      const text = source.slice(start, end);
      this.#push(wordToken(text), start, end, text);
    } else if (after === DOT) {
      end = this.#endOfDigits(end + 1);
      this.#push(Token.float, start, end, source.slice(start, end).replaceAll('_', ''));
    } else {
      const digits = source.slice(start, end).replaceAll('_', '');
      if (digits.length > 18 && !fitsInteger(digits)) throw outOfRange(start, end);
      this.#push(Token.integer, start, end, digits);
    }
    this.#at = end;
  }

  #operator(code: number, start: number): void {
    const source = this.#source;
    const next = source.charCodeAt(start + 1);
    if (code === AMPERSAND && next !== AMPERSAND) this.#single(Token.ampersand, start);
    else if (code === BANG && start + 1 < source.length && (next === BANG || !isOperator(next))) {
      this.#single(Token.bang, start);
    } else if (code === MINUS && next === GREATER) {
      this.#at = start + 2;
      this.#push(Token.arrow, start, start + 2);
    } else this.#operatorRun(start);
  }

  /** All operator characters that follow each other are one operator. */
  #operatorRun(start: number): void {
    let end = start + 1;
    while (isOperator(this.#source.charCodeAt(end))) end++;
    const text = this.#source.slice(start, end);
    const kind = text === '=' ? Token.assign : text === '|=' ? Token.mergeAssign : OPERATORS.get(text);
    if (kind === undefined) throw unknownOperator(text, start);
    this.#at = end;
    this.#push(kind, start, end, text);
  }

  #single(kind: number, start: number): void {
    this.#at = start + 1;
    this.#push(kind, start, start + 1);
  }

  #invalid(start: number): void {
    const character = String.fromCodePoint(this.#source.codePointAt(start)!);
    this.#at = start + character.length;
    this.#push(Token.invalid, start, this.#at, character);
  }
}

function fitsInteger(digits: string): boolean {
  // Longer ones than any integer are not converted at all, which would take long.
  const significant = digits.replace(/^-?0*/, '');
  if (significant.length > 19) return false;
  const value = BigInt(digits);
  return value === BigInt.asIntN(64, value);
}

function outOfRange(start: number, end: number): Refusal {
  return new Refusal(
    206,
    'invalid numeric literal',
    { start, end },
    'integers go from -9223372036854775808 to 9223372036854775807',
    { notes: ['hint: a float can be larger: add `.0`'] },
  );
}
