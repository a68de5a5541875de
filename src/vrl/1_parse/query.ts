// Paths: of the event, its metadata, and of variables, calls and containers.

import type { Segment } from '../../event/path.ts';
import type { QueryNode, QueryTarget } from './ast.ts';
import { parseCall } from './call.ts';
import { arrayOf, braces } from './container.ts';
import type { Cursor } from './cursor.ts';
import { fieldText } from './literal.ts';
import { isAnyWord, Token } from './token.ts';

export function parseQuery(cursor: Cursor): QueryNode {
  const start = cursor.start;
  cursor.advance();
  const target = queryTarget(cursor);
  const height = cursor.height;
  const isRoot = target.type === 'event' || target.type === 'metadata';
  const pathStart = cursor.start;
  const segments: Segment[] = [];
  while (cursor.kind !== Token.queryEnd || (segments.length === 0 && !isRoot)) segments.push(segmentOf(cursor));
  const pathSpan = segments.length > 0 ? cursor.spanFrom(pathStart) : target.span;
  cursor.advance();
  cursor.rise(height);
  return { type: 'query', span: cursor.spanFrom(start), target, segments, pathSpan };
}

function queryTarget(cursor: Cursor): QueryTarget {
  const span = cursor.here;
  cursor.height = 0;
  switch (cursor.kind) {
    case Token.dot:
      cursor.advance();
      return { type: 'event', span };
    case Token.percent:
      cursor.advance();
      return { type: 'metadata', span };
    case Token.identifier: {
      const name = cursor.text;
      cursor.advance();
      return { type: 'variable', span, name };
    }
    case Token.functionCall: {
      const call = parseCall(cursor);
      return { type: 'call', span: call.span, call };
    }
    case Token.openParen:
      return containerTarget(cursor.grammar.group(cursor));
    case Token.openBracket:
      return containerTarget(arrayOf(cursor));
    case Token.openBrace:
      return containerTarget(braces(cursor));
    default:
      throw cursor.refuse('a path, or a variable, call or container to take a path from');
  }
}

function containerTarget(container: Extract<QueryTarget, { type: 'container' }>['container']): QueryTarget {
  return { type: 'container', span: container.span, container };
}

function segmentOf(cursor: Cursor): Segment {
  if (cursor.kind === Token.openBracket) return indexOf(cursor);
  const dotted = cursor.kind === Token.dot;
  if (dotted) cursor.advance();
  let field: string;
  if (cursor.kind === Token.string) field = fieldText(cursor.text);
  else if (isAnyWord(cursor.kind) || cursor.kind === Token.pathField) field = cursor.text;
  else throw cursor.refuse(dotted ? 'the name of a field' : 'a field or an index');
  cursor.advance();
  return field;
}

function indexOf(cursor: Cursor): number {
  const opener = cursor.at;
  cursor.advance();
  cursor.enter(opener);
  if (cursor.kind !== Token.integer) throw cursor.refuse('a whole number as the index');
  const index = Number(cursor.text) + 0;
  cursor.advance();
  cursor.expect(Token.closeBracket, '`]` after the index');
  cursor.leave(opener);
  return index;
}
