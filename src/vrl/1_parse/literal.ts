// Literals, and strings with variables in them.

import type { LiteralNode, TemplateNode } from './ast.ts';
import type { Cursor } from './cursor.ts';
import { templateParts, unescapeString } from './quoted.ts';
import { Token } from './token.ts';

export function startsLiteral(kind: number): boolean {
  return (kind >= Token.string && kind <= Token.timestamp) || (kind >= Token.true && kind <= Token.null);
}

/** The literal that the next token is. */
export function literalOf(cursor: Cursor): LiteralNode | TemplateNode {
  const node = cursor.kind === Token.string ? stringOf(cursor) : plainLiteral(cursor);
  cursor.advance();
  cursor.height = 1;
  return node;
}

function plainLiteral(cursor: Cursor): LiteralNode {
  return { type: 'literal', span: cursor.here, literal: literalValue(cursor.kind, cursor.text) };
}

function literalValue(kind: number, text: string): LiteralNode['literal'] {
  switch (kind) {
    case Token.rawString:
      return { kind: 'raw_string', value: text };
    case Token.integer:
      return { kind: 'integer', value: integerOf(text) };
    case Token.float:
      return { kind: 'float', value: Number(text) };
    case Token.regex:
      return { kind: 'regex', value: text.replaceAll("\\'", "'") };
    case Token.timestamp:
      return { kind: 'timestamp', value: text.replaceAll("\\'", "'") };
    case Token.null:
      return { kind: 'null' };
    default:
      return { kind: 'boolean', value: kind === Token.true };
  }
}

function integerOf(text: string): number | bigint {
  const value = Number(text);
  // Minus zero is no integer.
  return Number.isSafeInteger(value) ? value + 0 : BigInt(text);
}

function stringOf(cursor: Cursor): LiteralNode | TemplateNode {
  const span = cursor.here;
  const content = cursor.text;
  if (!content.includes('{{') && !content.includes('}}')) {
    return { type: 'literal', span, literal: { kind: 'string', value: unescapeString(content) } };
  }
  const parts = templateParts(content);
  if (!parts.some((part) => part.type === 'variable')) {
    const value = parts.map((part) => (part.type === 'text' ? part.value : '')).join('');
    return { type: 'literal', span, literal: { kind: 'string', value } };
  }
  const origin = cursor.tokens.starts[cursor.at]! + 1;
  return {
    type: 'template',
    span,
    parts: parts.map(({ start, end, ...part }) => ({ ...part, span: cursor.spanAt(origin + start, origin + end) })),
  };
}

/** A string as a field of a path: variables have no meaning there, and are kept as they are written. */
export function fieldText(content: string): string {
  if (!content.includes('{{') && !content.includes('}}')) return unescapeString(content);
  return templateParts(content)
    .map((part) => (part.type === 'text' ? part.value : `{{ ${part.name} }}`))
    .join('');
}
