// Arrays, objects and blocks.

import { sortedStrings } from '../../event/object.ts';
import type { ArrayNode, BlockNode, Expression, ObjectMember, ObjectNode } from './ast.ts';
import type { Cursor } from './cursor.ts';
import { unescapeString } from './quoted.ts';
import { Token } from './token.ts';

/** Items up to a closing bracket, which is left to be read: a comma after each, newlines only behind commas and at the end. */
export function list<Item>(cursor: Cursor, close: number, expected: string, item: () => Item): Item[] {
  const items: Item[] = [];
  let height = 0;
  while (cursor.kind !== close) {
    items.push(item());
    height = Math.max(height, cursor.height);
    if (cursor.kind !== Token.comma) {
      cursor.skipNewlines();
      if (cursor.kind !== close) throw cursor.refuse(expected);
      break;
    }
    cursor.advance();
    cursor.skipNewlines();
  }
  cursor.height = height;
  return items;
}

export function arrayOf(cursor: Cursor): ArrayNode {
  const start = cursor.start;
  const opener = cursor.at;
  cursor.advance();
  cursor.enter(opener);
  cursor.skipNewlines();
  const items = list(cursor, Token.closeBracket, 'an operator, `,` or `]`', () => cursor.grammar.arithmetic(cursor));
  cursor.advance();
  cursor.leave(opener);
  cursor.rise(cursor.height);
  return { type: 'array', span: cursor.spanFrom(start), items };
}

/** `{ … }` where either an object or a block can stand. `{}` is an object. */
export function braces(cursor: Cursor): ObjectNode | BlockNode {
  const start = cursor.start;
  const opener = cursor.at;
  cursor.advance();
  cursor.enter(opener);
  cursor.skipNewlines();
  const isObject =
    cursor.kind === Token.closeBrace || (cursor.kind === Token.string && cursor.following === Token.colon);
  return isObject ? objectBody(cursor, start, opener) : parseBlockBody(cursor, start, opener);
}

function objectBody(cursor: Cursor, start: number, opener: number): ObjectNode {
  const written = list(cursor, Token.closeBrace, 'an operator, `,` or `}`', () => memberOf(cursor));
  cursor.advance();
  cursor.leave(opener);
  cursor.rise(cursor.height);
  return { type: 'object', span: cursor.spanFrom(start), members: sorted(written), written };
}

function memberOf(cursor: Cursor): ObjectMember {
  if (cursor.kind !== Token.string) throw cursor.refuse('a key in double quotes, or `}`');
  const keySpan = cursor.here;
  const key = unescapeString(cursor.text);
  cursor.advance();
  cursor.expect(Token.colon, '`:` after the key');
  const value: Expression = cursor.grammar.arithmetic(cursor);
  return { key, keySpan, value };
}

function sorted(written: readonly ObjectMember[]): readonly ObjectMember[] {
  const byKey = new Map(written.map((member) => [member.key, member]));
  return sortedStrings(byKey.keys()).map((key) => byKey.get(key)!);
}

/** `{ … }` that can only be a block. */
export function parseBlock(cursor: Cursor): BlockNode {
  const start = cursor.start;
  const opener = cursor.at;
  cursor.expect(Token.openBrace, '`{`');
  cursor.skipNewlines();
  cursor.enter(opener);
  return parseBlockBody(cursor, start, opener);
}

/** The rest of a block after its `{` and newlines. */
export function parseBlockBody(cursor: Cursor, start: number, opener: number): BlockNode {
  const expressions: Expression[] = [];
  let height = 0;
  do {
    expressions.push(cursor.grammar.expression(cursor));
    height = Math.max(height, cursor.height);
  } while (endsStatement(cursor) && cursor.kind !== Token.closeBrace);
  cursor.expect(Token.closeBrace, 'an operator, a new line, `;` or `}`');
  cursor.leave(opener);
  cursor.rise(height);
  return { type: 'block', span: cursor.spanFrom(start), expressions };
}

/** Newlines, or `;` with newlines behind it. */
function endsStatement(cursor: Cursor): boolean {
  if (cursor.kind !== Token.newline && cursor.kind !== Token.semicolon) return false;
  if (cursor.kind === Token.semicolon) cursor.advance();
  cursor.skipNewlines();
  return true;
}
