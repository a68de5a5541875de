// Texts of which every match of an expression has at least one, as long as the text at hand is of ASCII. They are in
// lower case, for both cases of letters.

import type { CharSet } from '../regex/char_set.ts';
import type { Node } from '../regex/node.ts';

/** Shorter texts are no use. */
export const KEY_LENGTH = 3;

/** More alternatives than this are not kept apart. */
const TEXTS_MAX = 1000;

/** More texts than this are not made by putting alternatives behind each other. */
const PRODUCT_MAX = 100;

/** Longer texts are taken in pieces. */
const LENGTH_MAX = 16;

/** Repetitions up to here are written out. */
const COPIES_MAX = 3;

/** Sets of more characters tell too little. */
const SET_MAX = 40;

/** What is known of the matches of a part of an expression. */
interface Known {
  /** All matches there are, when they are few. */
  readonly all: readonly string[] | undefined;
  /** Texts of which each match has at least one. */
  readonly required: readonly string[] | undefined;
}

const NOTHING: Known = { all: undefined, required: undefined };

/** Tells which of two choices of texts is better: that of lower cost. */
export type Cost = (texts: readonly string[]) => number;

export function requiredTexts(node: Node, cost: Cost): readonly string[] | undefined {
  return known(node, cost).required;
}

function known(node: Node, cost: Cost): Known {
  switch (node.type) {
    case 'char':
      return ofAll(node.code < 0x80 ? [String.fromCharCode(node.code).toLowerCase()] : undefined);
    case 'set':
      return ofAll(lettersOf(node.set));
    case 'capture':
      return known(node.body, cost);
    case 'repeat':
      return ofSequence(copiesOf(node, cost), cost);
    case 'alternation':
      return ofAlternation(node.branches.map((branch) => known(branch, cost)));
    case 'concat':
      return ofSequence(
        node.parts.flatMap((part) => piecesOf(part, cost)),
        cost,
      );
    default:
      return ofAll(['']);
  }
}

function ofAll(all: readonly string[] | undefined): Known {
  return { all, required: all && isUseful(all) ? all : undefined };
}

function isUseful(texts: readonly string[]): boolean {
  return texts.length > 0 && texts.every((text) => text.length >= KEY_LENGTH);
}

function lettersOf(set: CharSet): readonly string[] | undefined {
  const ranges = set.ranges(0xff);
  const letters = new Set<string>();
  for (let i = 0; i < ranges.length; i += 2)
    for (let code = ranges[i]!; code <= Math.min(ranges[i + 1]!, 0x7f); code++) {
      letters.add(String.fromCharCode(code).toLowerCase());
      if (letters.size > SET_MAX) return undefined;
    }
  return letters.size === 0 ? undefined : [...letters];
}

function ofAlternation(branches: readonly Known[]): Known {
  const union = (texts: readonly (readonly string[] | undefined)[]) => {
    const all = new Set<string>();
    for (const some of texts) {
      if (some === undefined) return undefined;
      for (const text of some) all.add(text);
    }
    return all.size > TEXTS_MAX ? undefined : [...all];
  };
  return { all: union(branches.map(({ all }) => all)), required: union(branches.map(({ required }) => required)) };
}

/** What stands behind each other in a part, with `NOTHING` where anything may stand. */
function piecesOf(node: Node, cost: Cost): readonly Known[] {
  if (node.type === 'capture') return piecesOf(node.body, cost);
  if (node.type === 'concat') return node.parts.flatMap((part) => piecesOf(part, cost));
  return node.type === 'repeat' ? copiesOf(node, cost) : [known(node, cost)];
}

function copiesOf({ min, max, body }: Node & { type: 'repeat' }, cost: Cost): readonly Known[] {
  const one = known(body, cost);
  const orNone: Known = { all: one.all && [...new Set(['', ...one.all])], required: undefined };
  if (max <= COPIES_MAX) return Array.from({ length: max }, (_, index) => (index < min ? one : orNone));
  const ends = Array<Known>(Math.min(min, COPIES_MAX)).fill(one);
  return [...ends, NOTHING, ...ends];
}

function ofSequence(pieces: readonly Known[], cost: Cost): Known {
  const choices: (readonly string[])[] = [];
  let isWhole = true;
  let run: readonly string[] = [''];
  const endRun = () => isUseful(run) && choices.push(run);
  for (const { all, required } of pieces) {
    if (required) choices.push(required);
    const longer = all && product(run, all);
    if (longer) run = longer;
    else {
      isWhole = false;
      endRun();
      run = all ?? [''];
    }
  }
  const all = isWhole ? run : undefined;
  endRun();
  return { all, required: cheapest(choices, cost) };
}

function product(heads: readonly string[], tails: readonly string[]): readonly string[] | undefined {
  if (heads.length * tails.length > PRODUCT_MAX || heads[0]!.length + tails[0]!.length > LENGTH_MAX) return undefined;
  if (heads.length === 1 && heads[0] === '') return tails;
  const texts: string[] = [];
  for (const head of heads) for (const tail of tails) texts.push(head + tail);
  return texts;
}

function cheapest(choices: readonly (readonly string[])[], cost: Cost): readonly string[] | undefined {
  if (choices.length < 2) return choices[0];
  const costs = choices.map(cost);
  return choices[costs.indexOf(Math.min(...costs))];
}
