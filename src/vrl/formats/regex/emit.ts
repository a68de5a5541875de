// Writes a regular expression down for V8, for text whose characters go up to a limit.
//
// V8 backtracks, and goes on with its linear engine when it has done so too often, but only for patterns without the
// flags `i` and `u`. So sets are written out: for Latin-1 in a few ranges, for the basic plane in full, and beyond it
// as pairs of surrogates. What V8 would match in another way than Rust is not written at all.

import type { CharSet, Limit } from './char_set.ts';
import { alwaysCaptures, capturesOf, isNullable, type Look, type Node } from './node.ts';
import { complement, type Ranges } from './ranges.ts';

/** Longer texts are not worth V8's time. */
const TEXT_MAX = 200_000;

export interface Emitted {
  readonly text: string;
  /** It is right only for text without line breaks other than `\n`. */
  readonly plainLines: boolean;
  /** It is right only for ASCII text. */
  readonly asciiOnly: boolean;
  /** It is right for any text, as nothing in it depends on the limit. */
  readonly unlimited: boolean;
}

/**
 * The pattern, or undefined when V8 cannot do what it means.
 * @param unroll write counted repetitions out, as the linear engine has no more than 16
 */
export function emit(node: Node, limit: Limit, unroll: boolean): Emitted | undefined {
  const emitter = new Emitter(limit, unroll);
  const text = emitter.write(node, true);
  if (emitter.failed || text.length > TEXT_MAX) return undefined;
  const { plainLines, asciiOnly, dependsOnLimit } = emitter;
  return { text, plainLines, asciiOnly, unlimited: !plainLines && !asciiOnly && !dependsOnLimit };
}

class Emitter {
  readonly #limit: Limit;
  readonly #unroll: boolean;
  readonly #sets = new Map<CharSet, string>();
  failed = false;
  plainLines = false;
  asciiOnly = false;
  dependsOnLimit = false;

  constructor(limit: Limit, unroll: boolean) {
    this.#limit = limit;
    this.#unroll = unroll;
  }

  /** @param captures whether groups that capture do so; copies of a repetition but the last do not */
  write(node: Node, captures: boolean): string {
    if (this.failed) return '';
    switch (node.type) {
      case 'empty':
        return '(?:)';
      case 'char':
        return this.#char(node.code);
      case 'set':
        return this.#set(node.set);
      case 'look':
        return this.#look(node.look, node.unicode);
      case 'capture':
        return captures ? `(${this.#open(node.body, captures)})` : `(?:${this.#open(node.body, captures)})`;
      case 'concat':
        return this.#joined(node.parts, captures, '');
      case 'alternation':
        return `(?:${this.#joined(node.branches, captures, '|')})`;
      case 'repeat':
        return this.#repeat(node, captures);
    }
  }

  /** Inside of parentheses of its own. */
  #open(node: Node, captures: boolean): string {
    return node.type === 'alternation' ? this.#joined(node.branches, captures, '|') : this.write(node, captures);
  }

  #joined(nodes: readonly Node[], captures: boolean, separator: string): string {
    let text = '';
    for (const [i, node] of nodes.entries()) {
      text += i > 0 ? separator + this.write(node, captures) : this.write(node, captures);
      if (text.length > TEXT_MAX) this.failed = true;
      if (this.failed) return '';
    }
    return text;
  }

  #char(code: number): string {
    if (code > 0xff) this.dependsOnLimit = true;
    if (code > this.#limit) return '[]';
    if (code <= 0xffff) return unit(code);
    return `(?:${unit(highOf(code))}${unit(lowOf(code))})`;
  }

  #set(set: CharSet): string {
    if (!set.isSmall) this.dependsOnLimit = true;
    let text = this.#sets.get(set);
    if (text === undefined) {
      text = setText(set.ranges(this.#limit), this.#limit);
      this.#sets.set(set, text);
    }
    return text;
  }

  #look(look: Look, unicode: boolean): string {
    if (look === 'start') return '^';
    if (look === 'end') return '$';
    if (look === 'line start' || look === 'line end') {
      this.plainLines = true;
      return look === 'line start' ? '(?m:^)' : '(?m:$)';
    }
    if (unicode) {
      this.asciiOnly = true;
      if (this.#limit > 0xff) this.failed = true;
    }
    if (look === 'word boundary') return '\\b';
    if (look === 'no word boundary') return '\\B';
    if (look === 'word start') return '\\b(?<!\\w)';
    if (look === 'word end') return '\\b(?<=\\w)';
    if (look === 'word start half') return '(?<!\\w)';
    this.failed = true;
    return '';
  }

  #repeat({ min, max, greedy, body }: Extract<Node, { type: 'repeat' }>, captures: boolean): string {
    const hasCaptures = captures && capturesOf(body).length > 0;
    if (max === 0) {
      // The numbers of the captures after it must stay.
      if (hasCaptures) this.failed = true;
      return '(?:)';
    }
    if (isNullable(body)) {
      if (max === 1) return this.#optional(this.write(body, captures), min, greedy);
      // V8 gives up a turn that takes nothing, Rust keeps it.
      if (hasCaptures || !greedy || !isPlain(body)) this.failed = true;
    }
    // V8 forgets captures at each turn, Rust keeps those of earlier ones.
    if (hasCaptures && max > 1 && !alwaysCaptures(body)) this.failed = true;
    const lazy = greedy ? '' : '?';
    const one = this.#atom(body, captures);
    if (max === Infinity && min <= 1) return `${one}${min === 0 ? '*' : '+'}${lazy}`;
    if (max === 1) return min === 1 ? one : `${one}?${lazy}`;
    if (!this.#unroll) return `${one}{${min}${max === min ? '' : max === Infinity ? ',' : `,${max}`}}${lazy}`;
    return this.#unrolled(body, one, min, max, greedy, captures);
  }

  #optional(one: string, min: number, greedy: boolean): string {
    if (min === 1) return one;
    return greedy ? `(?:${one}|)` : `(?:|${one})`;
  }

  #unrolled(body: Node, one: string, min: number, max: number, greedy: boolean, captures: boolean): string {
    const lazy = greedy ? '' : '?';
    const copies = max === Infinity ? min : max;
    const hasCaptures = captures && capturesOf(body).length > 0;
    if (copies * (one.length + 5) > TEXT_MAX || (hasCaptures && max !== min && max !== Infinity)) {
      this.failed = true;
      return '';
    }
    const copy = hasCaptures ? this.#atom(body, false) : one;
    if (max === Infinity) return `(?:${copy.repeat(min - 1)}${one}+${lazy})`;
    if (max === min) return `(?:${copy.repeat(min - 1)}${one})`;
    let tail = '';
    for (let i = min; i < max; i++) tail = tail === '' ? `${one}?${lazy}` : `(?:${one}${tail})?${lazy}`;
    return `(?:${one.repeat(min)}${tail})`;
  }

  /** Text that a quantifier can follow. */
  #atom(node: Node, captures: boolean): string {
    const text = this.write(node, captures);
    return node.type === 'concat' || node.type === 'repeat' || node.type === 'look' ? `(?:${text})` : text;
  }
}

/** Whether each turn that takes something is preferred to one that does not. */
function isPlain(node: Node): boolean {
  switch (node.type) {
    case 'repeat':
      return node.greedy && isPlain(node.body);
    case 'concat':
      return node.parts.every(isPlain);
    case 'char':
    case 'set':
      return true;
    default:
      return false;
  }
}

function highOf(code: number): number {
  return 0xd800 + ((code - 0x10000) >> 10);
}

function lowOf(code: number): number {
  return 0xdc00 + ((code - 0x10000) & 0x3ff);
}

/** A code unit that stands for itself, in a class or outside. */
function unit(code: number): string {
  if (
    (code >= 0x30 && code <= 0x39) ||
    (code >= 0x41 && code <= 0x5a) ||
    (code >= 0x61 && code <= 0x7a) ||
    code === 0x5f
  )
    return String.fromCharCode(code);
  return code <= 0xff ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

function rangesText(ranges: Ranges): string {
  let text = '';
  for (let i = 0; i < ranges.length; i += 2) {
    const from = ranges[i]!;
    const to = ranges[i + 1]!;
    text += from === to ? unit(from) : to === from + 1 ? unit(from) + unit(to) : `${unit(from)}-${unit(to)}`;
  }
  return text;
}

function setText(ranges: Ranges, limit: Limit): string {
  const low: number[] = [];
  const high: number[] = [];
  for (let i = 0; i < ranges.length; i += 2) {
    const from = ranges[i]!;
    const to = ranges[i + 1]!;
    if (from <= 0xffff) low.push(from, Math.min(to, 0xffff));
    if (to > 0xffff) high.push(Math.max(from, 0x10000), to);
  }
  if (high.length === 0) return limit > 0xffff ? `[${rangesText(low)}]` : unitClass(low, limit);
  const pairs = pairsText(high);
  return low.length === 0 ? `(?:${pairs})` : `(?:${unitClass(low, limit)}|${pairs})`;
}

/** A class, or what is not in it where that is shorter. No surrogate is ever in it. */
function unitClass(ranges: Ranges, limit: Limit): string {
  const others = complement(ranges, Math.min(limit, 0xffff));
  if (others.length >= ranges.length) return `[${rangesText(ranges)}]`;
  return `[^${rangesText(others)}${limit > 0xffff ? '\\ud800-\\udfff' : ''}]`;
}

/** Characters beyond the basic plane, as alternatives of pairs of surrogates. */
function pairsText(ranges: Ranges): string {
  // What low surrogates go with each high one; neighbours that have the same are written once.
  const lows = new Map<number, number[]>();
  const add = (high: number, from: number, to: number) => {
    const known = lows.get(high);
    if (known) known.push(from, to);
    else lows.set(high, [from, to]);
  };
  for (let i = 0; i < ranges.length; i += 2) {
    const first = highOf(ranges[i]!);
    const last = highOf(ranges[i + 1]!);
    for (let high = first; high <= last; high++) {
      add(high, high === first ? lowOf(ranges[i]!) : 0xdc00, high === last ? lowOf(ranges[i + 1]!) : 0xdfff);
    }
  }
  const highs = new Map<string, number[]>();
  for (const [high, pairs] of lows) {
    const text = rangesText(pairs);
    const known = highs.get(text);
    if (!known) highs.set(text, [high, high]);
    else if (known.at(-1) === high - 1) known[known.length - 1] = high;
    else known.push(high, high);
  }
  return [...highs].map(([text, pairs]) => `[${rangesText(pairs)}][${text}]`).join('|');
}
