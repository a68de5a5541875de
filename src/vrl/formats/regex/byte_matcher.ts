// Finds the captures of a pattern in the bytes of a text, for patterns that leave no choice: anchored at the beginning, and
// one part after the other such that what a repetition may take, what follows cannot begin with. There is one way to
// match then, so nothing is ever tried twice.
//
//   ^(?P<time>\S+) (?P<stream>stdout|stderr) (?P<message>.*)$
//     │             │                         └ all but line feeds, to the end
//     │             └ one of these words, none of which begins another
//     └ all that is no white space; the next character is white space
//
// It says yes or does not know: of text outside of ASCII where a set has some of it, of invalid UTF-8 in a group and of
// what does not match, the ordinary way decides.

import { makeFunction } from '../../../std/make_function.ts';
import type { CharSet } from './char_set.ts';
import type { Node } from './node.ts';
import { CODE_MAX, intersection, type Ranges, union } from './ranges.ts';

export interface ByteMatcher {
  /** Names of the captures. */
  readonly names: readonly string[];
  /** By capture: whether its text is known to be ASCII. */
  readonly areAscii: readonly boolean[];
  /**
   * Whether the pattern matches the text `bytes[start, end)`. Capture i is at `places[2 * i]` up to `places[2 * i + 1]`
   * then.
   */
  match(bytes: Uint8Array, start: number, end: number, places: Int32Array): boolean;
}

/** Captures of a matcher at most. */
export const CAPTURES_MAX = 64;

/** Repetitions of more than this are as good as without a limit to nobody, and parts of a pattern at most. */
const COUNT_MAX = 1_000_000;
const PARTS_MAX = 500;

/** A part of a pattern that takes bytes, or marks a place. */
type Part =
  | { readonly kind: 'open'; readonly capture: number }
  | { readonly kind: 'close'; readonly capture: number }
  | { readonly kind: 'one'; readonly set: Ranges }
  | { readonly kind: 'many'; readonly set: Ranges; readonly min: number; readonly max: number }
  | { readonly kind: 'words'; readonly words: readonly string[]; readonly set: Ranges };

const ASCII_MAX = 0x7f;
const OTHERS: Ranges = [0x80, CODE_MAX];

/** Undefined when there might be a choice, or something that is more than bytes one after the other. */
export function byteMatcher(tree: Node, names: readonly (string | undefined)[]): ByteMatcher | undefined {
  const nodes = flat(tree);
  if (!isLook(nodes[0], 'start')) return undefined;
  const isClosed = isLook(nodes.at(-1), 'end');
  const inner = nodes.slice(1, isClosed ? -1 : undefined);
  const parts = partsOf(inner, isClosed);
  if (!parts || parts.length > PARTS_MAX || !leaveNoChoice(parts)) return undefined;
  const captures = names.flatMap((name, index) => (name === undefined ? [] : [index]));
  if (captures.length === 0 || captures.length > CAPTURES_MAX) return undefined;
  if (!captures.every((index) => parts.some((part) => part.kind === 'open' && part.capture === index)))
    return undefined;
  return {
    names: captures.map((index) => names[index]!),
    areAscii: captures.map((index) => isAscii(parts, index)),
    match: generated(parts, captures, isClosed),
  };
}

/** The nodes one after the other; groups that capture are there with what is in them. */
function flat(node: Node): readonly Node[] {
  return node.type === 'concat' ? node.parts.flatMap(flat) : [node];
}

function isLook(node: Node | undefined, look: 'start' | 'end'): boolean {
  return node?.type === 'look' && node.look === look;
}

/** `isClosed`: what comes behind all of them is the end of the text. */
function partsOf(nodes: readonly Node[], isClosed: boolean): Part[] | undefined {
  const parts: Part[] = [];
  for (const [index, node] of nodes.entries()) {
    const more = partsOfNode(node, isClosed || index < nodes.length - 1);
    if (!more) return undefined;
    parts.push(...more);
  }
  return parts;
}

/** `goesOn`: something follows, so that a lazy repetition has to take what a greedy one takes. */
function partsOfNode(node: Node, goesOn: boolean): readonly Part[] | undefined {
  switch (node.type) {
    case 'empty':
      return [];
    case 'char':
      return node.code > ASCII_MAX ? undefined : [{ kind: 'one', set: [node.code, node.code] }];
    case 'set':
      return [{ kind: 'one', set: rangesOf(node.set) }];
    case 'repeat':
      return repetition(node, goesOn);
    case 'alternation':
      return wordsOf(node.branches);
    case 'capture': {
      const inner = partsOf(flat(node.body), goesOn);
      const capture = node.index;
      return inner && [{ kind: 'open', capture }, ...inner, { kind: 'close', capture }];
    }
    default:
      return undefined;
  }
}

function repetition(
  { body, min, max, greedy }: Extract<Node, { readonly type: 'repeat' }>,
  goesOn: boolean,
): readonly Part[] | undefined {
  if (body.type !== 'char' && body.type !== 'set') return undefined;
  if (!greedy && !goesOn) return undefined;
  if (body.type === 'char' && body.code > ASCII_MAX) return undefined;
  const set: Ranges = body.type === 'char' ? [body.code, body.code] : rangesOf(body.set);
  const most = max > COUNT_MAX ? Number.POSITIVE_INFINITY : max;
  // Characters are counted, and bytes are not those where there are others than ASCII.
  const isCounted = min > 1 || most !== Number.POSITIVE_INFINITY;
  if (min > COUNT_MAX || (isCounted && kindOf(set) === 'all')) return undefined;
  return [{ kind: 'many', set, min, max: most }];
}

function wordsOf(branches: readonly Node[]): readonly Part[] | undefined {
  const words: string[] = [];
  for (const branch of branches) {
    let word = '';
    for (const node of flat(branch)) {
      if (node.type !== 'char' || node.code > ASCII_MAX) return undefined;
      word += String.fromCharCode(node.code);
    }
    if (word === '') return undefined;
    words.push(word);
  }
  const isOpen = words.some((word, index) => words.some((other, at) => at !== index && other.startsWith(word)));
  if (isOpen) return undefined;
  const set = words.map((word) => word.charCodeAt(0)).reduce<Ranges>((all, code) => union(all, [code, code]), []);
  return [{ kind: 'words', words, set }];
}

function rangesOf(set: CharSet): Ranges {
  return set.ranges(CODE_MAX);
}

/** Which of the characters that are not ASCII a set holds. */
function kindOf(set: Ranges): 'all' | 'none' | 'some' {
  const high = intersection(set, OTHERS);
  if (high.length === 0) return 'none';
  const count = high.reduce((sum, code, index) => sum + (index % 2 === 0 ? -code : code + 1), 0);
  return count >= CODE_MAX + 1 - 0x80 - SURROGATES ? 'all' : 'some';
}

/** No text holds them. */
const SURROGATES = 0x800;

/** Whether what follows a repetition cannot begin with what that may take. */
function leaveNoChoice(parts: readonly Part[]): boolean {
  return parts.every((part, index) => {
    if (part.kind !== 'many') return true;
    for (const next of parts.slice(index + 1)) {
      if (next.kind === 'open' || next.kind === 'close') continue;
      if (intersection(part.set, next.set).length > 0) return false;
      if (next.kind !== 'many' || next.min > 0) return true;
    }
    return true;
  });
}

function isAscii(parts: readonly Part[], capture: number): boolean {
  const from = parts.findIndex((part) => part.kind === 'open' && part.capture === capture);
  const to = parts.findIndex((part) => part.kind === 'close' && part.capture === capture);
  return parts.slice(from, to).every((part) => part.kind !== 'many' || kindOf(part.set) !== 'all');
}

/** The code of a matcher: `p` is where it is in the bytes `b`, which end at `e`. */
function generated(parts: readonly Part[], captures: readonly number[], isClosed: boolean): ByteMatcher['match'] {
  const tables: Uint8Array[] = [];
  const lines = parts.map((part) => {
    if (part.kind === 'open' || part.kind === 'close') {
      const index = captures.indexOf(part.capture);
      return index < 0 ? '' : `at[${2 * index + (part.kind === 'open' ? 0 : 1)}] = p;`;
    }
    if (part.kind === 'words') return wordsCode(part.words);
    return part.kind === 'one'
      ? `if (p >= e || !(${test(part.set, tables, false)})) return false; p++;`
      : many(part, tables);
  });
  const body = `let p = s, q = s;\n${lines.join('\n')}\nreturn ${isClosed ? 'p === e' : 'true'};`;
  const code = makeFunction(['T', 'b', 's', 'e', 'at'], body, 'vrl/byte_matcher') as (
    tables: readonly Uint8Array[],
    ...rest: Parameters<ByteMatcher['match']>
  ) => boolean;
  return (bytes, start, end, places) => code(tables, bytes, start, end, places);
}

function many({ set, min, max }: Extract<Part, { readonly kind: 'many' }>, tables: Uint8Array[]): string {
  const kind = kindOf(set);
  const limit = max === Number.POSITIVE_INFINITY ? 'e' : `Math.min(e, q + ${max})`;
  const least = min === 0 ? '' : ` if (p - q < ${min}) return false;`;
  // A character that may be of the set or not, as far as bytes tell.
  const unknown = kind === 'some' ? ' if (p < e && b[p] > 127) return false;' : '';
  return `q = p; { const l = ${limit}; while (p < l && ${test(set, tables, kind === 'all')}) p++; }${least}${unknown}`;
}

function wordsCode(words: readonly string[]): string {
  const branches = words.map((word) => {
    const bytes = [...word].map((char, index) => `b[p + ${index}] === ${char.charCodeAt(0)}`);
    return `if (p + ${word.length} <= e && ${bytes.join(' && ')}) p += ${word.length};`;
  });
  return `${branches.join(' else ')} else return false;`;
}

/** Whether the byte at `p` is of a set; `takesOthers`: those of characters that are not ASCII are. */
function test(set: Ranges, tables: Uint8Array[], takesOthers: boolean): string {
  const inside = Array.from({ length: ASCII_MAX + 1 }, (_, code) => holds(set, code));
  const count = inside.filter(Boolean).length;
  if (count === 1 && !takesOthers) return `b[p] === ${inside.indexOf(true)}`;
  if (count === ASCII_MAX && takesOthers) return `b[p] !== ${inside.indexOf(false)}`;
  const table = new Uint8Array(256).fill(takesOthers ? 1 : 0);
  for (const [code, isIn] of inside.entries()) table[code] = isIn ? 1 : 0;
  tables.push(table);
  return `T[${tables.length - 1}][b[p]] === 1`;
}

function holds(set: Ranges, code: number): boolean {
  for (let i = 0; i < set.length; i += 2) if (code >= set[i]! && code <= set[i + 1]!) return true;
  return false;
}
