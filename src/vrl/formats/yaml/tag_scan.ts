// Anchors, tags and directives of YAML.

import { END, isBreak, isBreakOrEnd, isSpaceOrEnd, type Mark, problemAt, type YamlText } from './text.ts';

export interface TagDirective {
  readonly handle: string;
  readonly prefix: string;
}

const isWord = (char: string): boolean => /^[0-9A-Za-z_-]$/.test(char);

/** The name behind `&` or `*`, which the text stands at. */
export function scanAnchor(text: YamlText, type: 'anchor' | 'alias'): string {
  const start = text.mark;
  text.skip();
  const name = text.takeWhile(isWord);
  const char = text.peek();
  if (name === '' || !(isSpaceOrEnd(char) || '?:,]}%@`'.includes(char)))
    throw problemAt(
      'did not find expected alphabetic or numeric character',
      text.mark,
      `while scanning an ${type}`,
      start,
    );
  return name;
}

export interface ScannedTag {
  /** `!`, `!!`, `!name!`, or nothing where the tag is written out. */
  readonly handle: string;
  readonly suffix: string;
}

/** The tag that the text stands at. */
export function scanTag(text: YamlText, isInFlow: boolean): ScannedTag {
  const start = text.mark;
  const tag = text.peek(1) === '<' ? verbatimTag(text, start) : shorthandTag(text, start);
  const char = text.peek();
  if (isSpaceOrEnd(char) || (isInFlow && char === ',')) return tag;
  throw problemAt('did not find expected whitespace or line break', text.mark, 'while scanning a tag', start);
}

function verbatimTag(text: YamlText, start: Mark): ScannedTag {
  text.skip(2);
  const suffix = scanUri(text, { allowsFlow: true, isDirective: false, head: '', start });
  if (text.peek() !== '>') throw problemAt("did not find the expected '>'", text.mark, 'while scanning a tag', start);
  text.skip();
  return { handle: '', suffix };
}

function shorthandTag(text: YamlText, start: Mark): ScannedTag {
  const handle = scanHandle(text, start, false);
  const isComplete = handle.length > 1 && handle.endsWith('!');
  if (isComplete) return { handle, suffix: scanUri(text, { allowsFlow: false, isDirective: false, head: '', start }) };
  const suffix = scanUri(text, { allowsFlow: false, isDirective: false, head: handle, start });
  // A lone `!` is a tag of its own, and says that the value has none.
  return suffix === '' ? { handle: '', suffix: '!' } : { handle: '!', suffix };
}

function scanHandle(text: YamlText, start: Mark, isDirective: boolean): string {
  if (text.peek() !== '!') {
    const context = isDirective ? 'while scanning a tag directive' : 'while scanning a tag';
    throw problemAt("did not find expected '!'", text.mark, context, start);
  }
  text.skip();
  const word = text.takeWhile(isWord);
  if (text.peek() === '!') {
    text.skip();
    return `!${word}!`;
  }
  if (isDirective && word !== '')
    throw problemAt("did not find expected '!'", text.mark, 'while parsing a tag directive', start);
  return `!${word}`;
}

interface UriOptions {
  /** Whether brackets and commas belong to it. */
  readonly allowsFlow: boolean;
  readonly isDirective: boolean;
  /** What was read of it already, after a `!`. */
  readonly head: string;
  readonly start: Mark;
}

function scanUri(text: YamlText, { allowsFlow, isDirective, head, start }: UriOptions): string {
  const context = isDirective ? 'while parsing a %TAG directive' : 'while parsing a tag';
  let uri = head.slice(1);
  let count = head.length;
  for (let char = text.peek(); isUriChar(char, allowsFlow); char = text.peek()) {
    uri += char === '%' ? scanUriEscape(text, context, start) : text.take();
    count += 1;
  }
  if (count === 0) throw problemAt('did not find expected tag URI', text.mark, context, start);
  return uri;
}

function isUriChar(char: string, allowsFlow: boolean): boolean {
  if (char === END) return false;
  return isWord(char) || ";/?:@&=+$.%!~*'()".includes(char) || (allowsFlow && ',[]'.includes(char));
}

/** A character as the bytes that it has, each `%` and two digits. */
function scanUriEscape(text: YamlText, context: string, start: Mark): string {
  const bytes: number[] = [];
  let left = 1;
  for (; left > 0; left--) {
    const digits = text.peek(1) + text.peek(2);
    if (text.peek() !== '%' || !/^[0-9A-Fa-f]{2}$/.test(digits))
      throw problemAt('did not find URI escaped octet', text.mark, context, start);
    const byte = Number.parseInt(digits, 16);
    if (bytes.length === 0) {
      left = byte < 0x80 ? 1 : byte >> 5 === 6 ? 2 : byte >> 4 === 14 ? 3 : byte >> 3 === 30 ? 4 : 0;
      if (left === 0) throw problemAt('found an incorrect leading UTF-8 octet', text.mark, context, start);
    } else if (byte >> 6 !== 2) throw problemAt('found an incorrect trailing UTF-8 octet', text.mark, context, start);
    bytes.push(byte);
    text.skip(3);
  }
  return new TextDecoder().decode(Uint8Array.from(bytes));
}

const WHILE_DIRECTIVE = 'while scanning a directive';

/** The directive that the text stands at: a version, or a handle of tags. */
export function scanDirective(text: YamlText): string | TagDirective {
  const start = text.mark;
  text.skip();
  const name = text.takeWhile(isWord);
  if (name === '') throw problemAt('could not find expected directive name', text.mark, WHILE_DIRECTIVE, start);
  if (!isSpaceOrEnd(text.peek()))
    throw problemAt('found unexpected non-alphabetical character', text.mark, WHILE_DIRECTIVE, start);
  if (name !== 'YAML' && name !== 'TAG')
    throw problemAt('found unknown directive name', text.mark, WHILE_DIRECTIVE, start);
  const directive = name === 'YAML' ? scanVersion(text, start) : scanTagDirective(text, start);
  text.skipBlanks();
  text.skipComment();
  if (!isBreakOrEnd(text.peek()))
    throw problemAt('did not find expected comment or line break', text.mark, WHILE_DIRECTIVE, start);
  if (isBreak(text.peek())) text.takeBreak();
  return directive;
}

/** Longer numbers are no versions. */
const VERSION_DIGITS_MAX = 9;

function scanVersion(text: YamlText, start: Mark): string {
  const context = 'while scanning a %YAML directive';
  const number = (): string => {
    const digits = text.takeWhile((char) => /^[0-9]$/.test(char));
    if (digits.length > VERSION_DIGITS_MAX)
      throw problemAt('found extremely long version number', text.mark, context, start);
    if (digits === '') throw problemAt('did not find expected version number', text.mark, context, start);
    return String(Number(digits));
  };
  text.skipBlanks();
  const major = number();
  if (text.peek() !== '.') throw problemAt("did not find expected digit or '.' character", text.mark, context, start);
  text.skip();
  return `${major}.${number()}`;
}

function scanTagDirective(text: YamlText, start: Mark): TagDirective {
  const context = 'while scanning a %TAG directive';
  text.skipBlanks();
  const handle = scanHandle(text, start, true);
  if (!isSpaceOrEnd(text.peek()) || isBreakOrEnd(text.peek()))
    throw problemAt('did not find expected whitespace', text.mark, context, start);
  text.skipBlanks();
  const prefix = scanUri(text, { allowsFlow: true, isDirective: true, head: '', start });
  if (!isSpaceOrEnd(text.peek()))
    throw problemAt('did not find expected whitespace or line break', text.mark, context, start);
  return { handle, prefix };
}
