// A pattern in Oniguruma's syntax as a tree, its options worked into it.

import type { CharSet } from '../regex/char_set.ts';

export type Anchor =
  | 'text start'
  | 'text end'
  | 'last line end'
  | 'line start'
  | 'line end'
  | 'word boundary'
  | 'no word boundary'
  | 'search start';

export type Node =
  | { readonly type: 'char'; readonly code: number }
  | { readonly type: 'set'; readonly set: CharSet }
  | { readonly type: 'anchor'; readonly anchor: Anchor }
  | { readonly type: 'sequence'; readonly parts: readonly Node[] }
  | { readonly type: 'choice'; readonly branches: readonly Node[] }
  | { readonly type: 'capture'; readonly index: number; readonly body: Node }
  | {
      readonly type: 'repeat';
      readonly min: number;
      readonly max: number;
      readonly greedy: boolean;
      readonly body: Node;
    }
  /** Once it has matched, no other way to match it is tried. */
  | { readonly type: 'atomic'; readonly body: Node }
  | { readonly type: 'look'; readonly behind: boolean; readonly negative: boolean; readonly body: Node }
  /** The text of the last of these captures that took part. */
  | { readonly type: 'reference'; readonly captures: readonly number[]; readonly foldCase: boolean };

export const EMPTY: Node = { type: 'sequence', parts: [] };

export interface Pattern {
  readonly node: Node;
  /** How many captures there are, without the whole match. */
  readonly captureCount: number;
  /** Named captures in the order of their first use, each with its numbers. */
  readonly names: ReadonlyMap<string, readonly number[]>;
}

/** Why a pattern is refused: Oniguruma's number and words. */
export class OnigProblem extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** The fewest and the most characters a node takes; the most may be infinite. */
export function widthOf(node: Node): readonly [min: number, max: number] {
  switch (node.type) {
    case 'char':
    case 'set':
      return [1, 1];
    case 'anchor':
    case 'look':
      return [0, 0];
    case 'reference':
      return [0, Number.POSITIVE_INFINITY];
    case 'capture':
    case 'atomic':
      return widthOf(node.body);
    case 'sequence': {
      let min = 0;
      let max = 0;
      for (const part of node.parts) {
        const [partMin, partMax] = widthOf(part);
        min += partMin;
        max += partMax;
      }
      return [min, max];
    }
    case 'choice': {
      let min = Number.POSITIVE_INFINITY;
      let max = 0;
      for (const branch of node.branches) {
        const [branchMin, branchMax] = widthOf(branch);
        min = Math.min(min, branchMin);
        max = Math.max(max, branchMax);
      }
      return [min, max];
    }
    case 'repeat': {
      const [min, max] = widthOf(node.body);
      return [min * node.min, max === 0 || node.max === 0 ? 0 : max * node.max];
    }
  }
}
