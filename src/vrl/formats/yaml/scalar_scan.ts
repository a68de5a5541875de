// Scalars in YAML's three notations: plain, in quotes, and as a block.

import {
  END,
  isBlank,
  isBreak,
  isBreakOrEnd,
  isSpaceOrEnd,
  type Mark,
  problemAt,
  type YamlProblem,
  type YamlText,
} from './text.ts';

export interface ScannedScalar {
  readonly value: string;
  /** Whether it went over a line break behind its last character, so that a key may follow. */
  readonly endedLine: boolean;
}

/** White space inside a scalar, gathered until it is known whether it counts. */
class Gap {
  #blanks = '';
  #firstBreak = '';
  #moreBreaks = '';
  hasBreak = false;

  addBlank(char: string): void {
    if (!this.hasBreak) this.#blanks += char;
  }

  addBreak(text: string): void {
    if (this.hasBreak) this.#moreBreaks += text;
    else this.#firstBreak = text;
    this.hasBreak = true;
  }

  /** A break that was escaped: it stands for nothing. */
  addEscapedBreak(): void {
    this.hasBreak = true;
  }

  /** What it becomes: a single line break is a space, of several the first goes. */
  take(): string {
    let text = this.#blanks;
    if (this.hasBreak) {
      if (this.#firstBreak === '\n') text = this.#moreBreaks === '' ? ' ' : this.#moreBreaks;
      else text = this.#firstBreak + this.#moreBreaks;
    }
    this.#blanks = this.#firstBreak = this.#moreBreaks = '';
    this.hasBreak = false;
    return text;
  }

  get isEmpty(): boolean {
    return this.#blanks === '' && !this.hasBreak;
  }
}

const FLOW_INDICATORS = ',[]{}';

/** A plain scalar; it ends where the indentation falls below `indent`. */
export function scanPlain(text: YamlText, indent: number, isInFlow: boolean): ScannedScalar {
  const start = text.mark;
  const gap = new Gap();
  let value = '';
  for (;;) {
    if (text.isDocumentIndicator() || text.peek() === '#') break;
    let run = '';
    while (!isSpaceOrEnd(text.peek())) {
      const char = text.peek();
      const next = text.peek(1);
      if (isInFlow && char === ':' && next !== END && ',?[]{}'.includes(next))
        throw problemAt("found unexpected ':'", text.mark, 'while scanning a plain scalar', start);
      if ((char === ':' && isSpaceOrEnd(next)) || (isInFlow && FLOW_INDICATORS.includes(char))) break;
      run += text.take();
    }
    if (run !== '') value += gap.take() + run;
    if (!isBlank(text.peek()) && !isBreak(text.peek())) break;
    readPlainGap(text, gap, indent, start);
    if (!isInFlow && text.column < indent) break;
  }
  return { value, endedLine: gap.hasBreak };
}

function readPlainGap(text: YamlText, gap: Gap, indent: number, start: Mark): void {
  for (let char = text.peek(); isBlank(char) || isBreak(char); char = text.peek()) {
    if (isBreak(char)) gap.addBreak(text.takeBreak());
    else {
      if (gap.hasBreak && text.column < indent && char === '\t')
        throw problemAt(
          'found a tab character that violates indentation',
          text.mark,
          'while scanning a plain scalar',
          start,
        );
      gap.addBlank(char);
      text.skip();
    }
  }
}

const WHILE_QUOTED = 'while scanning a quoted scalar';

/** A scalar in quotes, which the text stands at. */
export function scanQuoted(text: YamlText): ScannedScalar {
  const start = text.mark;
  const quote = text.peek();
  text.skip();
  const gap = new Gap();
  let value = '';
  for (;;) {
    if (text.isDocumentIndicator())
      throw problemAt('found unexpected document indicator', text.mark, WHILE_QUOTED, start);
    if (text.peek() === END) throw problemAt('found unexpected end of stream', text.mark, WHILE_QUOTED, start);
    let run = '';
    let isJoined = false;
    while (!isSpaceOrEnd(text.peek()) && !isJoined) {
      const char = text.peek();
      if (char === quote && quote === "'" && text.peek(1) === "'") {
        run += "'";
        text.skip(2);
      } else if (char === quote) break;
      else if (char === '\\' && quote === '"') {
        if (isBreak(text.peek(1))) {
          text.skip();
          text.takeBreak();
          isJoined = true;
        } else run += readEscape(text, start);
      } else run += text.take();
    }
    value += run;
    if (text.peek() === quote && !isJoined) break;
    if (isJoined) gap.addEscapedBreak();
    for (let char = text.peek(); isBlank(char) || isBreak(char); char = text.peek()) {
      if (isBreak(char)) gap.addBreak(text.takeBreak());
      else {
        gap.addBlank(char);
        text.skip();
      }
    }
    value += gap.take();
  }
  text.skip();
  return { value, endedLine: false };
}

const ESCAPES: Readonly<Record<string, string>> = {
  '0': '\0',
  a: '\x07',
  b: '\b',
  t: '\t',
  '\t': '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  e: '\x1b',
  ' ': ' ',
  '"': '"',
  '/': '/',
  '\\': '\\',
  N: '\x85',
  _: '\xa0',
  L: '\u2028',
  P: '\u2029',
};

const CODE_LENGTHS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

function readEscape(text: YamlText, start: Mark): string {
  const problem = (message: string): YamlProblem =>
    problemAt(message, text.mark, 'while parsing a quoted scalar', start);
  const char = text.peek(1);
  const length = Object.hasOwn(CODE_LENGTHS, char) ? CODE_LENGTHS[char]! : 0;
  if (length === 0 && !Object.hasOwn(ESCAPES, char)) throw problem('found unknown escape character');
  text.skip(2);
  if (length === 0) return ESCAPES[char]!;
  let code = 0;
  for (let i = 0; i < length; i++) {
    const digit = text.peek(i);
    if (!/^[0-9A-Fa-f]$/.test(digit)) throw problem('did not find expected hexadecimal number');
    code = code * 16 + Number.parseInt(digit, 16);
  }
  if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
    throw problem('found invalid Unicode character escape code');
  text.skip(length);
  return String.fromCodePoint(code);
}

const WHILE_BLOCK = 'while scanning a block scalar';

/** A scalar as a block, whose `|` or `>` the text stands at. `parentIndent` is -1 at the outermost level. */
export function scanBlock(text: YamlText, parentIndent: number): ScannedScalar {
  const start = text.mark;
  const isLiteral = text.peek() === '|';
  text.skip();
  const { chomping, increment } = readBlockHeader(text, start);
  const lines: BlockLines = { text, start, parentIndent, indent: 0, breaks: '' };
  if (increment > 0) lines.indent = parentIndent >= 0 ? parentIndent + increment : increment;
  readBlockBreaks(lines);
  let value = '';
  let lastBreak = '';
  let wasBlank = false;
  while (text.column === lines.indent && text.peek() !== END) {
    const startsBlank = isBlank(text.peek());
    if (isLiteral || lastBreak !== '\n' || wasBlank || startsBlank) value += lastBreak;
    else if (lines.breaks === '') value += ' ';
    value += lines.breaks;
    wasBlank = startsBlank;
    value += text.takeWhile((char) => !isBreak(char));
    lastBreak = text.peek() === END ? '' : text.takeBreak();
    lines.breaks = '';
    readBlockBreaks(lines);
  }
  if (chomping !== '-') value += lastBreak;
  if (chomping === '+') value += lines.breaks;
  return { value, endedLine: true };
}

function readBlockHeader(text: YamlText, start: Mark): { readonly chomping: string; readonly increment: number } {
  let chomping = '';
  let increment = 0;
  for (let i = 0; i < 2; i++) {
    const char = text.peek();
    if (chomping === '' && (char === '+' || char === '-')) chomping = char;
    else if (increment === 0 && /^[0-9]$/.test(char)) {
      if (char === '0') throw problemAt('found an indentation indicator equal to 0', text.mark, WHILE_BLOCK, start);
      increment = Number(char);
    } else break;
    text.skip();
  }
  text.skipBlanks();
  text.skipComment();
  if (!isBreakOrEnd(text.peek()))
    throw problemAt('did not find expected comment or line break', text.mark, WHILE_BLOCK, start);
  if (text.peek() !== END) text.takeBreak();
  return { chomping, increment };
}

interface BlockLines {
  readonly text: YamlText;
  readonly start: Mark;
  readonly parentIndent: number;
  /** 0 until it is known. */
  indent: number;
  /** Breaks of empty lines. */
  breaks: string;
}

/** Steps over empty lines and the indentation; finds the indentation out by the first line that is not empty. */
function readBlockBreaks(lines: BlockLines): void {
  const { text } = lines;
  let widest = 0;
  const isBefore = (): boolean => lines.indent === 0 || text.column < lines.indent;
  for (;;) {
    while (isBefore() && text.peek() === ' ') text.skip();
    widest = Math.max(widest, text.column);
    if (isBefore() && text.peek() === '\t')
      throw problemAt(
        'found a tab character where an indentation space is expected',
        text.mark,
        WHILE_BLOCK,
        lines.start,
      );
    if (!isBreak(text.peek())) break;
    lines.breaks += text.takeBreak();
  }
  if (lines.indent === 0) lines.indent = Math.max(widest, lines.parentIndent + 1, 1);
}
