// What is known of an expression without running it, so that generated code can leave something out.

import type { Segment } from '../../event/path.ts';
import type { Checked } from '../2_check/checked.ts';
import { isPlainlyReadable } from './field_names.ts';
import { quote } from './quote.ts';

/** Expressions that give true or false whatever happens. */
export function isSurelyBoolean(node: Checked): boolean {
  switch (node.op) {
    case 'literal':
      return typeof node.value === 'boolean';
    case 'not':
      return true;
    case 'binary':
      return ['==', '!=', '<', '<=', '>', '>=', '&&'].includes(node.operator);
    case 'call': {
      const { kinds } = node.definition.returns;
      return kinds.length === 1 && kinds[0] === 'boolean';
    }
    case 'block':
      return isSurelyBoolean(node.expressions[node.expressions.length - 1]!);
    default:
      return false;
  }
}

/** Literals that equal only what is the same JavaScript value. */
export function isIdentity(node: Checked): boolean {
  if (node.op !== 'literal') return false;
  return typeof node.value === 'string' || typeof node.value === 'boolean' || node.value === null;
}

/** JavaScript that reads a path, `undefined` where there is nothing. */
export function reading(base: string, segments: readonly Segment[]): string {
  let code = base;
  for (const segment of segments) {
    if (typeof segment === 'number') code = `R.item(${code}, ${segment})`;
    else if (isPlainlyReadable(segment)) code = `${code}?.[${quote(segment)}]`;
    else code = `R.field(${code}, ${quote(segment)})`;
  }
  return code;
}

/** Whether it is the whole event or metadata: an object as far as the checker knows, but it may be anything. */
export function isRoot(node: Checked): boolean {
  return (
    node.op === 'query' && node.segments.length === 0 && (node.root.kind === 'event' || node.root.kind === 'metadata')
  );
}
