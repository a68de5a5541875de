// What is said about a token that no program could have at its place.

import { adviceOn } from './advice.ts';
import { type Place, Refusal } from './refusal.ts';
import { bindingOf, Token, type Tokens } from './token.ts';

/**
 * The complaint about token `at`.
 * @param expected what could stand there instead
 * @param opener the token of the innermost bracket that is open
 */
export function unexpected(tokens: Tokens, at: number, expected: string, opener: number | undefined): Refusal {
  const kind = tokens.kinds[at]!;
  const place: Place = { start: tokens.starts[at]!, end: tokens.ends[at]! };
  const advice = adviceOn(tokens, at);
  const notes = advice === undefined ? [] : [`hint: ${advice}`];
  if (kind === Token.reserved) return reserved(tokens.texts[at]!, place, notes);
  const isLate = isClosing(kind) || tokens.kinds[at - 1] === Token.newline;
  const context = isLate ? openedAt(tokens, opener) : undefined;
  if (kind === Token.end) {
    return new Refusal(204, 'syntax error', place, `the program ends here, but needs ${expected}`, { notes, context });
  }
  const found = kind === Token.queryEnd ? 'the path ends here' : `unexpected ${describe(tokens, at)}`;
  return new Refusal(203, 'syntax error', place, `${found}: expected ${expected}`, { notes, context });
}

function reserved(word: string, place: Place, notes: readonly string[]): Refusal {
  return new Refusal(205, 'reserved keyword', place, `\`${word}\` is reserved and cannot be used as a name`, {
    notes: notes.length > 0 ? notes : [`hint: use another name, such as \`${word}_\``],
  });
}

/** Tokens at which, as in a new line, a bracket that is still open may be what is wrong. */
function isClosing(kind: number): boolean {
  switch (kind) {
    case Token.end:
    case Token.newline:
    case Token.semicolon:
    case Token.closeParen:
    case Token.closeBracket:
    case Token.closeBrace:
      return true;
    default:
      return false;
  }
}

function openedAt(tokens: Tokens, opener: number | undefined): Refusal['context'] {
  if (opener === undefined) return undefined;
  const start = tokens.starts[opener]!;
  return { message: 'opened here', start, end: tokens.ends[opener]! };
}

const SHOWN_MAX = 24;

/** A token in words. */
function describe(tokens: Tokens, at: number): string {
  const kind = tokens.kinds[at]!;
  const text = tokens.texts[at]!;
  switch (kind) {
    case Token.newline:
      return 'end of the line';
    case Token.queryStart:
      return tokens.kinds[at + 1] === Token.percent && tokens.kinds[at + 2] === Token.queryEnd ? '`%`' : 'path';
    case Token.identifier:
    case Token.pathField:
      return `name \`${clip(text)}\``;
    case Token.functionCall:
      return `call of \`${clip(text)}\``;
    case Token.string:
      return `string "${clip(text)}"`;
    case Token.rawString:
      return `string s'${clip(text)}'`;
    case Token.regex:
      return `regular expression r'${clip(text)}'`;
    case Token.timestamp:
      return `timestamp t'${clip(text)}'`;
    case Token.integer:
    case Token.float:
      return `number \`${clip(text)}\``;
    case Token.invalid:
      return `character \`${text}\``;
    default:
      return `\`${bindingOf(kind) > 0 || text !== '' ? text : (SYMBOLS[kind] ?? text)}\``;
  }
}

const SYMBOLS: Readonly<Record<number, string>> = {
  [Token.semicolon]: ';',
  [Token.comma]: ',',
  [Token.colon]: ':',
  [Token.dot]: '.',
  [Token.percent]: '%',
  [Token.underscore]: '_',
  [Token.bang]: '!',
  [Token.arrow]: '->',
  [Token.assign]: '=',
  [Token.mergeAssign]: '|=',
  [Token.openParen]: '(',
  [Token.closeParen]: ')',
  [Token.openBracket]: '[',
  [Token.closeBracket]: ']',
  [Token.openBrace]: '{',
  [Token.closeBrace]: '}',
  [Token.ampersand]: '&',
};

function clip(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  if (line.length <= SHOWN_MAX) return line;
  return `${[...line.slice(0, SHOWN_MAX)].slice(0, -1).join('')}…`;
}
