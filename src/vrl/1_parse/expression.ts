// Expressions from statements down to operands. Binary operators are parsed in a loop, so that a long chain of them does
// not nest.

import type { AbortNode, AssignmentTarget, Expression, GroupNode, Operator, ReturnNode } from './ast.ts';
import { parseCall } from './call.ts';
import { parseConditional } from './conditional.ts';
import { arrayOf, braces } from './container.ts';
import type { Cursor, Grammar } from './cursor.ts';
import { literalOf, startsLiteral } from './literal.ts';
import { parseQuery } from './query.ts';
import { bindingOf, Token } from './token.ts';

/** A statement: anything that can stand at the root, in a block, or to the right of `=`. */
/** What the parts of the grammar come back to. */
export const grammar: Grammar = {
  expression: parseExpression,
  assignment: parseAssignment,
  arithmetic: parseArithmetic,
  continueBinary,
  group: parseGroup,
  closeGroup,
};

function parseExpression(cursor: Cursor): Expression {
  switch (cursor.kind) {
    case Token.if:
      return parseConditional(cursor);
    case Token.abort:
      return parseAbort(cursor);
    case Token.return:
      return parseReturn(cursor);
    default:
      return parseAssignment(cursor);
  }
}

function parseAbort(cursor: Cursor): AbortNode {
  const start = cursor.start;
  cursor.advance();
  let message: Expression | undefined;
  cursor.height = 0;
  if (startsExpression(cursor)) {
    cursor.enter();
    message = parseExpression(cursor);
    cursor.leave();
  }
  cursor.rise(cursor.height);
  return { type: 'abort', span: cursor.spanFrom(start), message };
}

function parseReturn(cursor: Cursor): ReturnNode {
  const start = cursor.start;
  cursor.advance();
  cursor.enter();
  const value = parseExpression(cursor);
  cursor.leave();
  cursor.rise(cursor.height);
  return { type: 'return', span: cursor.spanFrom(start), value };
}

function startsExpression(cursor: Cursor): boolean {
  switch (cursor.kind) {
    case Token.if:
    case Token.abort:
    case Token.return:
    case Token.underscore:
    case Token.queryStart:
    case Token.identifier:
    case Token.functionCall:
    case Token.openParen:
    case Token.openBracket:
    case Token.openBrace:
    case Token.bang:
      return true;
    default:
      return startsLiteral(cursor.kind);
  }
}

/** An assignment, or an expression that is none. */
function parseAssignment(cursor: Cursor): Expression {
  if (!cursor.is(Token.underscore) && !cursor.is(Token.queryStart) && !cursor.is(Token.identifier)) {
    return parseArithmetic(cursor);
  }
  const start = cursor.start;
  if (cursor.is(Token.underscore)) return parseAssigned(cursor, parseTarget(cursor), start);
  const left = cursor.is(Token.queryStart) ? parseQuery(cursor) : parseVariable(cursor);
  if (cursor.is(Token.assign) || cursor.is(Token.mergeAssign) || cursor.is(Token.comma)) {
    return parseAssigned(cursor, targetOf(left), start);
  }
  return continueBinary(cursor, left, 1);
}

/** The rest of an assignment after its target. */
function parseAssigned(cursor: Cursor, target: AssignmentTarget, start: number): Expression {
  let errorTarget: AssignmentTarget | undefined;
  if (cursor.is(Token.comma)) {
    cursor.advance();
    errorTarget = parseTarget(cursor);
  }
  const operator = cursor.is(Token.assign) ? '=' : '|=';
  if (!cursor.is(Token.assign) && !cursor.is(Token.mergeAssign)) {
    throw cursor.refuse(errorTarget ? '`=`' : '`=`, or `,` and a second target for the error');
  }
  cursor.advance();
  cursor.skipNewlines();
  cursor.enter();
  const value = parseExpression(cursor);
  cursor.leave();
  cursor.rise(cursor.height);
  return { type: 'assignment', span: cursor.spanFrom(start), operator, target, errorTarget, value };
}

function parseTarget(cursor: Cursor): AssignmentTarget {
  if (cursor.is(Token.underscore)) {
    const span = cursor.here;
    cursor.advance();
    return { type: 'noop', span };
  }
  if (cursor.is(Token.queryStart)) return targetOf(parseQuery(cursor));
  if (cursor.is(Token.identifier)) return targetOf(parseVariable(cursor));
  throw cursor.refuse('a variable, a path or `_` to assign to');
}

/** An expression without assignments and statements at its top: operators and what they work on. */
function parseArithmetic(cursor: Cursor): Expression {
  return continueBinary(cursor, parseOperand(cursor), 1);
}

/** Goes on after an operand, with operators that bind at least as tightly as `binding`. */
function continueBinary(cursor: Cursor, first: Expression, binding: number): Expression {
  let left = first;
  for (let own = bindingOf(cursor.kind); own >= binding && own > 0; own = bindingOf(cursor.kind)) {
    const leftHeight = cursor.height;
    const operator = cursor.text as Operator;
    const operatorSpan = cursor.here;
    cursor.advance();
    cursor.skipNewlines();
    let right = parseOperand(cursor);
    if (bindingOf(cursor.kind) > own) right = continueBinary(cursor, right, own + 1);
    cursor.rise(Math.max(leftHeight, cursor.height));
    left = {
      type: 'op',
      span: { start: left.span.start, end: right.span.end },
      left,
      operator,
      operatorSpan,
      right,
    };
  }
  return left;
}

function parseOperand(cursor: Cursor): Expression {
  switch (cursor.kind) {
    case Token.bang:
      return parseNot(cursor);
    case Token.identifier:
      return parseVariable(cursor);
    case Token.queryStart:
      return parseQuery(cursor);
    case Token.functionCall:
      return parseCall(cursor);
    case Token.openParen:
      return parseGroup(cursor);
    case Token.openBracket:
      return arrayOf(cursor);
    case Token.openBrace:
      return braces(cursor);
    default:
      if (startsLiteral(cursor.kind)) return literalOf(cursor);
      throw cursor.refuse('an expression');
  }
}

function parseNot(cursor: Cursor): Expression {
  const bangSpan = cursor.here;
  cursor.advance();
  cursor.enter();
  const inner = parseOperand(cursor);
  cursor.leave();
  cursor.rise(cursor.height);
  return { type: 'not', span: { start: bangSpan.start, end: inner.span.end }, bangSpan, inner };
}

function parseVariable(cursor: Cursor): Expression {
  const node: Expression = { type: 'variable', span: cursor.here, name: cursor.text };
  cursor.advance();
  cursor.height = 1;
  return node;
}

function parseGroup(cursor: Cursor): GroupNode {
  const start = cursor.start;
  const opener = cursor.at;
  cursor.advance();
  cursor.enter(opener);
  const inner = parseAssignment(cursor);
  return closeGroup(cursor, start, opener, inner);
}

/** The rest of a group after its expression. */
function closeGroup(cursor: Cursor, start: number, opener: number, inner: Expression): GroupNode {
  cursor.expect(Token.closeParen, 'an operator or `)`');
  cursor.leave(opener);
  cursor.rise(cursor.height);
  return { type: 'group', span: cursor.spanFrom(start), inner };
}

function targetOf(expression: Expression): AssignmentTarget {
  if (expression.type === 'variable') return { type: 'variable', span: expression.span, name: expression.name };
  if (expression.type === 'query') return { type: 'query', span: expression.span, query: expression };
  throw new TypeError(`a ${expression.type} is not a target`);
}
