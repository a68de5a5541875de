// A regular expression with all flags worked into it: what remains is sets of characters, assertions and structure.

import { CharSet } from './char_set.ts';

export type Look =
  | 'start'
  | 'end'
  | 'line start'
  | 'line end'
  | 'crlf line start'
  | 'crlf line end'
  | 'word boundary'
  | 'no word boundary'
  | 'word start'
  | 'word end'
  | 'word start half'
  | 'word end half';

export type Node =
  | { readonly type: 'empty' }
  | { readonly type: 'char'; readonly code: number }
  | { readonly type: 'set'; readonly set: CharSet }
  | { readonly type: 'look'; readonly look: Look; readonly unicode: boolean }
  | {
      readonly type: 'repeat';
      readonly min: number;
      readonly max: number;
      readonly greedy: boolean;
      readonly body: Node;
    }
  | { readonly type: 'capture'; readonly index: number; readonly body: Node }
  | { readonly type: 'concat'; readonly parts: readonly Node[] }
  | { readonly type: 'alternation'; readonly branches: readonly Node[] };

/** Whether it can match without taking a character. */
export function isNullable(node: Node): boolean {
  switch (node.type) {
    case 'empty':
    case 'look':
      return true;
    case 'char':
    case 'set':
      return false;
    case 'repeat':
      return node.min === 0 || isNullable(node.body);
    case 'capture':
      return isNullable(node.body);
    case 'concat':
      return node.parts.every(isNullable);
    case 'alternation':
      return node.branches.some(isNullable);
  }
}

/** The numbers of the captures in it. */
export function capturesOf(node: Node): readonly number[] {
  switch (node.type) {
    case 'repeat':
      return capturesOf(node.body);
    case 'capture':
      return [node.index, ...capturesOf(node.body)];
    case 'concat':
      return node.parts.flatMap(capturesOf);
    case 'alternation':
      return node.branches.flatMap(capturesOf);
    default:
      return [];
  }
}

/** Whether each capture in it is set by each match of it. */
export function alwaysCaptures(node: Node): boolean {
  switch (node.type) {
    case 'repeat':
      return node.min > 0 ? alwaysCaptures(node.body) : capturesOf(node).length === 0;
    case 'capture':
      return alwaysCaptures(node.body);
    case 'concat':
      return node.parts.every(alwaysCaptures);
    case 'alternation':
      return capturesOf(node).length === 0;
    default:
      return true;
  }
}

/** The characters that a match can begin with; undefined when it can be empty. */
export function firstOf(node: Node): CharSet | undefined {
  return isNullable(node) ? undefined : CharSet.union(firstSets(node));
}

/** The sets of the characters that come first, those after parts that can be empty included. */
function firstSets(node: Node): CharSet[] {
  switch (node.type) {
    case 'char':
      return [CharSet.of([node.code, node.code])];
    case 'set':
      return [node.set];
    case 'repeat':
      return node.max === 0 ? [] : firstSets(node.body);
    case 'capture':
      return firstSets(node.body);
    case 'alternation':
      return node.branches.flatMap(firstSets);
    case 'concat': {
      const end = node.parts.findIndex((part) => !isNullable(part));
      return node.parts.slice(0, end === -1 ? undefined : end + 1).flatMap(firstSets);
    }
    default:
      return [];
  }
}
