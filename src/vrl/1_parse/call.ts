// Calls of functions, with their arguments and closures.

import type { ArgumentNode, CallNode, ClosureNode, Expression } from './ast.ts';
import { list, parseBlock } from './container.ts';
import type { Cursor } from './cursor.ts';
import { isAnyWord, Token } from './token.ts';

export function parseCall(cursor: Cursor): CallNode {
  const nameSpan = cursor.here;
  const name = cursor.text;
  cursor.advance();
  const abortOnError = cursor.kind === Token.bang;
  if (abortOnError) cursor.advance();
  const opener = cursor.at;
  cursor.expect(Token.openParen, '`(` and the arguments');
  cursor.enter(opener);
  cursor.skipNewlines();
  const args = list(cursor, Token.closeParen, 'an operator, `,` or `)`', () => argument(cursor));
  let height = cursor.height;
  cursor.advance();
  cursor.leave(opener);
  let closure: ClosureNode | undefined;
  if (cursor.kind === Token.arrow) {
    closure = closureOf(cursor);
    height = Math.max(height, cursor.height);
  }
  cursor.rise(height);
  return {
    type: 'call',
    span: cursor.spanFrom(nameSpan.start),
    name,
    nameSpan,
    abortOnError,
    arguments: args,
    closure,
  };
}

function argument(cursor: Cursor): ArgumentNode {
  const start = cursor.start;
  let keyword: string | undefined;
  let keywordSpan: ArgumentNode['keywordSpan'];
  if (isAnyWord(cursor.kind) && (cursor.following === Token.colon || !isValue(cursor.kind))) {
    keyword = cursor.text;
    keywordSpan = cursor.here;
    cursor.advance();
    cursor.expect(Token.colon, '`:` and a value, as in `keyword: value`');
  }
  const value: Expression = cursor.grammar.arithmetic(cursor);
  return { span: { start, end: value.span.end }, keyword, keywordSpan, value };
}

/** Whether a word can also be a value; the others are keywords of arguments and nothing else here. */
function isValue(kind: number): boolean {
  return kind === Token.identifier || (kind >= Token.true && kind <= Token.null);
}

function closureOf(cursor: Cursor): ClosureNode {
  const start = cursor.start;
  cursor.advance();
  const parameters = closureParameters(cursor);
  cursor.skipNewlines();
  if (cursor.kind !== Token.openBrace) throw cursor.refuse('`{` and the block of the closure');
  cursor.enter();
  const block = parseBlock(cursor);
  cursor.leave();
  return { span: cursor.spanFrom(start), parameters, block };
}

function closureParameters(cursor: Cursor): ClosureNode['parameters'] {
  if (cursor.kind === Token.or) {
    cursor.advance();
    return [];
  }
  const opener = cursor.at;
  cursor.expect(Token.merge, '`|` and the names of the closure, as in `-> |key, value| { … }`');
  cursor.enter(opener);
  const parameters = list(cursor, Token.merge, '`,` or `|`', () => parameterOf(cursor));
  cursor.advance();
  cursor.leave(opener);
  return parameters;
}

function parameterOf(cursor: Cursor): ClosureNode['parameters'][number] {
  if (cursor.kind !== Token.identifier && cursor.kind !== Token.underscore) throw cursor.refuse('a name, `_` or `|`');
  const parameter = { name: cursor.text, span: cursor.here };
  cursor.advance();
  return parameter;
}
