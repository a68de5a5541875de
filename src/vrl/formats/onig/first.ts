// What a text can begin with where a node matches: by this the machine knows, before it tries a way, that it leads
// nowhere. Characters beyond Latin-1 are one.

import type { CharSet } from '../regex/char_set.ts';
import type { Node } from './node.ts';

export interface First {
  /** Of the characters of Latin-1, 1 for those it can begin with. */
  readonly narrow: Uint8Array;
  /** Whether it can begin with any other character. */
  readonly wide: boolean;
  /** Whether it can match without taking a character. */
  readonly nullable: boolean;
}

export const NOTHING: First = { narrow: new Uint8Array(256), wide: false, nullable: true };

/** What is known of the end of a pattern: anything may follow. */
export const ANYTHING: First = { narrow: new Uint8Array(256).fill(1), wide: true, nullable: true };

const ofSet = new WeakMap<CharSet, First>();

const ofNode = new WeakMap<Node, First>();

export function firstOf(node: Node): First {
  let first = ofNode.get(node);
  if (!first) {
    first = compute(node);
    ofNode.set(node, first);
  }
  return first;
}

function compute(node: Node): First {
  switch (node.type) {
    case 'char':
      return firstOfChar(node.code);
    case 'set':
      return firstOfSet(node.set);
    case 'anchor':
    case 'look':
      return NOTHING;
    case 'reference':
      return ANYTHING;
    case 'capture':
    case 'atomic':
      return firstOf(node.body);
    case 'sequence':
      return node.parts.reduceRight<First>((follow, part) => followed(firstOf(part), follow), NOTHING);
    case 'choice':
      return node.branches.map(firstOf).reduce(either);
    case 'repeat': {
      if (node.max === 0) return NOTHING;
      const body = firstOf(node.body);
      return node.min === 0 ? { ...body, nullable: true } : body;
    }
  }
}

function firstOfChar(code: number): First {
  const narrow = new Uint8Array(256);
  if (code < 256) narrow[code] = 1;
  return { narrow, wide: code >= 256, nullable: false };
}

function firstOfSet(set: CharSet): First {
  let first = ofSet.get(set);
  if (!first) {
    first = { narrow: narrowTable(set), wide: !set.isSmall, nullable: false };
    ofSet.set(set, first);
  }
  return first;
}

/** Which characters of Latin-1 a set has. */
export function narrowTable(set: CharSet): Uint8Array {
  const narrow = new Uint8Array(256);
  const ranges = set.ranges(0xff);
  for (let i = 0; i < ranges.length; i += 2) narrow.fill(1, ranges[i]!, ranges[i + 1]! + 1);
  return narrow;
}

/** What `first` followed by `follow` begins with. */
export function followed(first: First, follow: First): First {
  return first.nullable ? { ...either(first, follow), nullable: follow.nullable } : first;
}

export function either(a: First, b: First): First {
  const narrow = new Uint8Array(256);
  for (let code = 0; code < 256; code++) narrow[code] = a.narrow[code]! | b.narrow[code]!;
  return {
    narrow,
    wide: a.wide || b.wide,
    nullable: a.nullable || b.nullable,
  };
}

/** Whether no text can begin with both, and both take a character. */
export function areDisjoint(a: First, b: First): boolean {
  if (a.nullable || b.nullable || (a.wide && b.wide)) return false;
  return a.narrow.every((has, index) => (has & b.narrow[index]!) === 0);
}
