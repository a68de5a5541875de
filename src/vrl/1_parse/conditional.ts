// `if` with its `else if`s and `else`. A chain of them is parsed in a loop.

import type { Span } from '../diagnostics/diagnostic.ts';
import type { BlockNode, Expression, IfNode, Predicate } from './ast.ts';
import { parseBlock } from './container.ts';
import type { Cursor } from './cursor.ts';
import { Token } from './token.ts';

export function parseConditional(cursor: Cursor): IfNode {
  const start = cursor.start;
  const branches = [branchOf(cursor, start)];
  let otherwise: BlockNode | undefined;
  let height = 0;
  while (cursor.is(Token.else)) {
    const elseStart = cursor.start;
    cursor.advance();
    cursor.skipNewlines();
    if (cursor.is(Token.if)) {
      branches.push(branchOf(cursor, elseStart));
      continue;
    }
    if (!cursor.is(Token.openBrace)) throw cursor.refuse('`{` or `if`');
    otherwise = parseBlock(cursor);
    height = cursor.height;
    break;
  }
  const span = cursor.spanFrom(start);
  // A chain is parsed in a loop, and built from its end.
  for (let i = branches.length - 1; i > 0; i--) {
    const branch = branches[i]!;
    cursor.rise(Math.max(branch.height, height) + 1);
    height = cursor.height;
    const { predicate, then } = branch;
    const node: IfNode = { type: 'if', span: branch.span, predicate, then, otherwise };
    otherwise = { type: 'block', span: branch.span, expressions: [node] };
  }
  const { predicate, then, height: own } = branches[0]!;
  cursor.rise(Math.max(own, height));
  return { type: 'if', span, predicate, then, otherwise };
}

/** `if … { … }`, of an `if` or `else if` that begins at `start`. */
function branchOf(
  cursor: Cursor,
  start: number,
): { span: Span; predicate: Predicate; then: BlockNode; height: number } {
  cursor.advance();
  const predicate = cursor.is(Token.openParen) ? parenthesized(cursor) : single(cursor.grammar.arithmetic(cursor));
  const height = cursor.height;
  cursor.skipNewlines();
  if (!cursor.is(Token.openBrace)) throw cursor.refuse('an operator, or `{` and the block to run');
  const then = parseBlock(cursor);
  return { span: cursor.spanFrom(start), predicate, then, height: Math.max(height, cursor.height) };
}

function single(expression: Expression): Predicate {
  return { span: expression.span, expressions: [expression], many: false };
}

/** A predicate that begins with `(`: a group and what follows, or several expressions `(a; b)`. */
function parenthesized(cursor: Cursor): Predicate {
  const start = cursor.start;
  const opener = cursor.at;
  cursor.advance();
  cursor.enter(opener);
  const many = cursor.is(Token.newline);
  cursor.skipNewlines();
  const first = cursor.grammar.assignment(cursor);
  if (!many && !isSeparator(cursor)) {
    return single(cursor.grammar.continueBinary(cursor, cursor.grammar.closeGroup(cursor, start, opener, first), 1));
  }
  const expressions = [first];
  let height = cursor.height;
  if (!isSeparator(cursor)) throw cursor.refuse('an operator, a new line or `;`');
  for (;;) {
    while (isSeparator(cursor)) cursor.advance();
    if (cursor.is(Token.closeParen)) break;
    expressions.push(cursor.grammar.assignment(cursor));
    height = Math.max(height, cursor.height);
    if (cursor.is(Token.closeParen)) break;
    if (!isSeparator(cursor)) {
      throw cursor.refuse('an operator, a new line, `;` or `)`');
    }
  }
  cursor.advance();
  cursor.leave(opener);
  cursor.rise(height);
  return { span: cursor.spanFrom(start), expressions, many: true };
}

function isSeparator(cursor: Cursor): boolean {
  return cursor.is(Token.newline) || cursor.is(Token.semicolon);
}
