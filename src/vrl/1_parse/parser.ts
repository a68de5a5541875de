// Tokens to a tree, by recursive descent. The first token that no program could have at its place is refused; the root
// expression it stands in becomes an `error` node, everything up to the next newline or `;` is dropped (whatever
// brackets that leaves open), and parsing goes on.

import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Parsed, RootExpression } from './ast.ts';
import { type ByteOffsets, byteOffsets } from './byte_offsets.ts';
import { Cursor } from './cursor.ts';
import { grammar } from './expression.ts';
import { lex } from './lexer.ts';
import { type Place, Refusal } from './refusal.ts';
import { Token } from './token.ts';

/** Errors reported for one program. What follows the last of them is not read. */
const ERRORS_MAX = 200;

export function parse(source: string): Parsed {
  const toBytes = byteOffsets(source);
  try {
    return { program: { expressions: parseProgram(new Cursor(lex(source), toBytes, grammar), toBytes) } };
  } catch (error) {
    if (error instanceof Refusal) return { diagnostic: diagnosticOf(error, toBytes) };
    throw error;
  }
}

function parseProgram(cursor: Cursor, toBytes: ByteOffsets): RootExpression[] {
  const expressions: RootExpression[] = [];
  let errors = 0;
  cursor.skipNewlines();
  while (cursor.kind !== Token.end) {
    const expression = parseRoot(cursor, toBytes);
    expressions.push(expression);
    if (expression.type === 'error' && ++errors >= ERRORS_MAX) break;
    if (cursor.kind === Token.semicolon) cursor.advance();
    cursor.skipNewlines();
  }
  return expressions;
}

function parseRoot(cursor: Cursor, toBytes: ByteOffsets): RootExpression {
  const start = cursor.start;
  const first = cursor.at;
  try {
    const expression = cursor.grammar.expression(cursor);
    if (!cursor.isAtEnd) throw cursor.refuse('an operator, or a new line before the next expression');
    return expression;
  } catch (error) {
    if (!(error instanceof Refusal) || error.isFatal) throw error;
    cursor.reset();
    while (!cursor.isAtEnd) cursor.advance();
    const span = cursor.at > first ? cursor.spanFrom(start) : { start, end: start };
    return { type: 'error', span, diagnostic: diagnosticOf(error, toBytes) };
  }
}

function diagnosticOf(refusal: Refusal, toBytes: ByteOffsets): Diagnostic {
  const span = (place: Place) => ({ start: toBytes(place.start), end: toBytes(place.end) });
  const labels = [{ message: refusal.label, primary: true, span: span(refusal) }];
  if (refusal.context) labels.push({ message: refusal.context.message, primary: false, span: span(refusal.context) });
  return { severity: 'error', code: refusal.code, message: refusal.message, labels, notes: refusal.notes };
}
