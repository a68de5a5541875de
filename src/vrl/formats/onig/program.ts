// Turns the tree of a pattern into a program for the machine. Instructions are numbers in one array: an operation and
// its operands.

import type { CharSet } from '../regex/char_set.ts';
import { ANYTHING, areDisjoint, either, type First, firstOf, followed, narrowTable } from './first.ts';
import { type Anchor, type Node, OnigProblem, type Pattern, widthOf } from './node.ts';

/** Longer programs are refused. */
const PROGRAM_MAX = 500_000;

/** Repetitions are written out up to this many copies of a body, and this much code. */
const COPIES_MAX = 8;
const COPIED_CODE_MAX = 48;

/** Operations, with their operands. */
export const MATCH = 0;
/** unit */
export const CHAR = 1;
/** count, units… */
export const TEXT = 2;
/** class */
export const SET = 3;
/** to */
export const JUMP = 4;
/** to, class of this way or -1, class of the other way or -1: goes on, and if that fails to the other place. */
export const SPLIT = 5;
/** register */
export const SAVE = 6;
/** class, min, max or -1, class of what follows or -1: as many as there are, giving back one by one. */
export const GREEDY = 7;
/** The same operands: as few as possible, taking one more each time. */
export const LAZY = 8;
/** class, min, max or -1: as many as there are, for good. */
export const TAKE = 9;
/** register: remembers the choices that are open and the place. */
export const MARK = 10;
/** register: forgets the choices made since. */
export const CUT = 11;
/** register: the same, and goes back to the place. */
export const CUT_BACK = 12;
export const FAIL = 13;
/** anchor */
export const ANCHOR = 14;
/** register, value: sets a register until backtracking past here. */
export const SET_REGISTER = 15;
/** register, min, max or -1, exit, greedy: at the head of a counted loop. */
export const COUNT = 16;
/** register, body: enters the body of a counted loop once more. */
export const COUNT_ENTER = 17;
/** register: remembers the place, to tell turns that take nothing. */
export const TURN = 18;
/** register, exit: leaves a loop whose turn took nothing. */
export const TURN_END = 19;
/** end of the body, negative, min width, max width or -1; the body follows. */
export const BEHIND = 20;
/** class, negative: the character before. */
export const BEHIND_SET = 21;
/** class, negative: the character after. */
export const AHEAD_SET = 22;
/** fold case, count, captures… */
export const REFERENCE = 23;
/** register: keeps its value for when backtracking passes here. */
export const KEEP = 24;

export const ANCHORS: readonly Anchor[] = [
  'text start',
  'text end',
  'last line end',
  'line start',
  'line end',
  'word boundary',
  'no word boundary',
  'search start',
];

/** Which characters a class has: Latin-1 by table, the rest by this. */
export const WIDE_NONE = 0;
export const WIDE_ALL = 1;
export const WIDE_LOOKUP = 2;

export interface Program {
  readonly code: Int32Array;
  /** 256 entries for each class. */
  readonly narrow: Uint8Array;
  readonly wide: Uint8Array;
  readonly sets: readonly (CharSet | undefined)[];
  readonly captureCount: number;
  readonly registerCount: number;
  /** What any match begins with. */
  readonly first: First;
  /** It can match at the start of the text only. */
  readonly isAnchored: boolean;
  /** It begins with `.*`: where it fails it fails up to the end of the line. */
  readonly skipsLines: boolean;
}

export function programOf(pattern: Pattern): Program {
  return new Compiler(pattern).run();
}

class Compiler {
  readonly #pattern: Pattern;
  readonly #code: number[] = [];
  readonly #narrow: Uint8Array[] = [];
  readonly #wide: number[] = [];
  readonly #sets: (CharSet | undefined)[] = [];
  readonly #classNumbers = new Map<CharSet | string, number>();
  #registers: number;

  constructor(pattern: Pattern) {
    this.#pattern = pattern;
    this.#registers = (pattern.captureCount + 1) * 2;
  }

  run(): Program {
    const { node, captureCount } = this.#pattern;
    this.#compile(node, ANYTHING);
    this.#emit(MATCH);
    const narrow = new Uint8Array(this.#narrow.length * 256);
    for (const [number, table] of this.#narrow.entries()) narrow.set(table, number * 256);
    const start = leading(node);
    return {
      code: Int32Array.from(this.#code),
      narrow,
      wide: Uint8Array.from(this.#wide),
      sets: this.#sets,
      captureCount,
      registerCount: this.#registers,
      first: firstOf(node),
      isAnchored: start?.type === 'anchor' && start.anchor === 'text start',
      skipsLines: start?.type === 'repeat' && start.min === 0 && isLineSet(start),
    };
  }

  #emit(...numbers: number[]): number {
    const at = this.#code.length;
    if (at > PROGRAM_MAX) throw new OnigProblem(-5, 'pattern is too big');
    for (const number of numbers) this.#code.push(number);
    return at;
  }

  get #here(): number {
    return this.#code.length;
  }

  #register(count = 1): number {
    this.#registers += count;
    return this.#registers - count;
  }

  #compile(node: Node, follow: First): void {
    switch (node.type) {
      case 'char':
        this.#text([node.code]);
        return;
      case 'set':
        this.#emit(SET, this.#class(node.set));
        return;
      case 'anchor':
        this.#emit(ANCHOR, ANCHORS.indexOf(node.anchor));
        return;
      case 'sequence':
        this.#sequence(node.parts, follow);
        return;
      case 'choice':
        this.#choice(node.branches, follow);
        return;
      case 'capture':
        this.#emit(SAVE, node.index * 2);
        this.#compile(node.body, follow);
        this.#emit(SAVE, node.index * 2 + 1);
        return;
      case 'repeat':
        this.#repeat(node, follow);
        return;
      case 'atomic':
        this.#atomic(node.body, follow);
        return;
      case 'look':
        this.#look(node);
        return;
      case 'reference':
        this.#emit(REFERENCE, node.foldCase ? 1 : 0, node.captures.length, ...node.captures);
    }
  }

  #text(codes: readonly number[]): void {
    const units = [...String.fromCodePoint(...codes)].flatMap((char) => [...unitsOf(char)]);
    if (units.length === 1) this.#emit(CHAR, units[0]!);
    else this.#emit(TEXT, units.length, ...units);
  }

  #sequence(parts: readonly Node[], follow: First): void {
    const follows: First[] = [];
    let after = follow;
    for (let i = parts.length - 1; i >= 0; i--) {
      follows[i] = after;
      after = followed(firstOf(parts[i]!), after);
    }
    for (let i = 0; i < parts.length; ) {
      const codes: number[] = [];
      for (; parts[i + codes.length]?.type === 'char'; )
        codes.push((parts[i + codes.length] as Extract<Node, { type: 'char' }>).code);
      if (codes.length > 0) this.#text(codes);
      else this.#compile(parts[i]!, follows[i]!);
      i += Math.max(1, codes.length);
    }
  }

  #choice(branches: readonly Node[], follow: First): void {
    const firsts = branches.map((branch) => followed(firstOf(branch), follow));
    const jumps: number[] = [];
    for (const [index, branch] of branches.entries()) {
      if (index === branches.length - 1) {
        this.#compile(branch, follow);
        break;
      }
      const rest = firsts.slice(index + 1).reduce(either);
      const split = this.#emit(SPLIT, 0, this.#filter(firsts[index]!), this.#filter(rest));
      this.#compile(branch, follow);
      jumps.push(this.#emit(JUMP, 0));
      this.#code[split + 1] = this.#here;
    }
    for (const jump of jumps) this.#code[jump + 1] = this.#here;
  }

  #repeat(node: Extract<Node, { type: 'repeat' }>, follow: First): void {
    const { min, max, greedy, body } = node;
    if (max === 0) return;
    const single = singleSet(body);
    if (single) {
      if (min === 1 && max === 1) {
        this.#compile(single, follow);
        return;
      }
      this.#singles(single, min, max, greedy, follow);
      return;
    }
    if (min === 1 && max === 1) {
      this.#compile(body, follow);
      return;
    }
    const copies = max === Number.POSITIVE_INFINITY ? min : max;
    const inner = followed(firstOf(body), follow);
    const again: First = { ...either(inner, follow), nullable: inner.nullable || follow.nullable };
    if (min <= 1 && max === Number.POSITIVE_INFINITY) {
      this.#loop(body, min, greedy, again, follow);
      return;
    }
    const start = this.#here;
    if (copies <= COPIES_MAX) {
      this.#unrolled(body, min, max, greedy, again, follow);
      if (this.#here - start <= COPIED_CODE_MAX || copies === 1) return;
      this.#code.length = start;
    }
    this.#counted(body, min, max, greedy, again);
  }

  /** A repeated class. It gives nothing back when what follows can begin with none of it. */
  #singles(single: Node, min: number, max: number, greedy: boolean, follow: First): void {
    const set = this.#classOf(single);
    const most = max === Number.POSITIVE_INFINITY ? -1 : max;
    if (min === max || (greedy && most === -1 && areDisjoint(firstOf(single), follow)))
      this.#emit(TAKE, set, min, most);
    else this.#emit(greedy ? GREEDY : LAZY, set, min, most, this.#filter(follow));
  }

  /** `*` and `+`. */
  #loop(body: Node, min: number, greedy: boolean, again: First, follow: First): void {
    const isNullable = firstOf(body).nullable;
    const turn = isNullable ? this.#register() : -1;
    const enterFilter = this.#filter(followed(firstOf(body), again));
    const exitFilter = this.#filter(follow);
    const start = this.#here;
    let split = -1;
    if (min === 0) split = this.#split(greedy, enterFilter, exitFilter);
    const bodyStart = this.#here;
    if (isNullable) this.#emit(TURN, turn);
    this.#compile(body, again);
    const turnEnd = isNullable ? this.#emit(TURN_END, turn, 0) : -1;
    if (min === 0) this.#emit(JUMP, start);
    else if (greedy) {
      split = this.#emit(SPLIT, 0, enterFilter, exitFilter);
      this.#emit(JUMP, bodyStart);
    } else this.#emit(SPLIT, bodyStart, exitFilter, enterFilter);
    this.#patch(split, greedy);
    if (turnEnd !== -1) this.#code[turnEnd + 2] = this.#here;
  }

  /** A choice between what follows here and an exit; `#patch` tells the exit. Lazy ones try the exit first. */
  #split(greedy: boolean, enterFilter: number, exitFilter: number): number {
    if (greedy) return this.#emit(SPLIT, 0, enterFilter, exitFilter);
    const split = this.#emit(SPLIT, 0, exitFilter, enterFilter);
    const jump = this.#emit(JUMP, 0);
    this.#code[split + 1] = this.#here;
    return jump;
  }

  #patch(place: number, _greedy: boolean): void {
    if (place !== -1) this.#code[place + 1] = this.#here;
  }

  #unrolled(body: Node, min: number, max: number, greedy: boolean, again: First, follow: First): void {
    for (let i = 0; i < min; i++) this.#compile(body, i === max - 1 ? follow : again);
    if (max === Number.POSITIVE_INFINITY) {
      this.#loop(body, 0, greedy, again, follow);
      return;
    }
    const enterFilter = this.#filter(followed(firstOf(body), again));
    const exits: number[] = [];
    for (let i = min; i < max; i++) {
      exits.push(this.#split(greedy, enterFilter, this.#filter(follow)));
      this.#compile(body, i === max - 1 ? follow : again);
    }
    for (const exit of exits) this.#patch(exit, greedy);
  }

  #counted(body: Node, min: number, max: number, greedy: boolean, again: First): void {
    const counter = this.#register();
    const turn = firstOf(body).nullable ? this.#register() : -1;
    this.#emit(SET_REGISTER, counter, 0);
    const head = this.#emit(COUNT, counter, min, max === Number.POSITIVE_INFINITY ? -1 : max, 0, greedy ? 1 : 0);
    this.#emit(COUNT_ENTER, counter);
    if (turn !== -1) this.#emit(TURN, turn);
    this.#compile(body, again);
    const turnEnd = turn === -1 ? -1 : this.#emit(TURN_END, turn, 0);
    this.#emit(JUMP, head);
    this.#code[head + 4] = this.#here;
    if (turnEnd !== -1) this.#code[turnEnd + 2] = this.#here;
  }

  #atomic(body: Node, follow: First): void {
    // What takes as much as it can and cannot do with less has nothing to give back.
    if (body.type === 'repeat' && body.greedy) {
      const single = singleSet(body.body);
      if (single) {
        this.#emit(TAKE, this.#classOf(single), body.min, body.max === Number.POSITIVE_INFINITY ? -1 : body.max);
        return;
      }
    }
    if (body.type === 'set' || body.type === 'char') {
      this.#compile(body, follow);
      return;
    }
    this.#keepCaptures(body);
    const mark = this.#register(2);
    this.#emit(MARK, mark);
    this.#compile(body, ANYTHING);
    this.#emit(CUT, mark);
  }

  /** Cutting forgets how to set captures back, so that is noted before. */
  #keepCaptures(node: Node): void {
    for (const index of capturesIn(node)) this.#emit(KEEP, index * 2, KEEP, index * 2 + 1);
  }

  #look(node: Extract<Node, { type: 'look' }>): void {
    const { behind, negative, body } = node;
    const single = singleSet(body);
    if (single) {
      this.#emit(behind ? BEHIND_SET : AHEAD_SET, this.#classOf(single), negative ? 1 : 0);
      return;
    }
    this.#keepCaptures(body);
    if (behind) {
      const [min, max] = widthOf(body);
      const head = this.#emit(BEHIND, 0, negative ? 1 : 0, min, max === Number.POSITIVE_INFINITY ? -1 : max);
      this.#compile(body, ANYTHING);
      this.#emit(MATCH);
      this.#code[head + 1] = this.#here;
      return;
    }
    const mark = this.#register(2);
    this.#emit(MARK, mark);
    const split = negative ? this.#emit(SPLIT, 0, -1, -1) : -1;
    this.#compile(body, ANYTHING);
    if (split === -1) this.#emit(CUT_BACK, mark);
    else {
      this.#emit(CUT, mark, FAIL);
      this.#code[split + 1] = this.#here;
    }
  }

  #classOf(single: Node): number {
    if (single.type === 'set') return this.#class(single.set);
    return this.#table(firstOf(single), undefined);
  }

  #class(set: CharSet): number {
    let number = this.#classNumbers.get(set);
    if (number === undefined) {
      number = this.#addClass(narrowTable(set), set.isSmall ? WIDE_NONE : WIDE_LOOKUP, set);
      this.#classNumbers.set(set, number);
    }
    return number;
  }

  /** The class by which a way is known to lead nowhere; -1 when any character will do, or none. */
  #filter(first: First): number {
    if (first.nullable) return -1;
    if (first.wide && first.narrow.every((has) => has === 1)) return -1;
    return this.#table(first, undefined);
  }

  #table({ narrow, wide }: First, set: CharSet | undefined): number {
    const key = `${wide ? 'w' : 'n'}${String.fromCharCode(...narrow)}`;
    let number = this.#classNumbers.get(key);
    if (number === undefined) {
      number = this.#addClass(narrow, wide ? WIDE_ALL : WIDE_NONE, set);
      this.#classNumbers.set(key, number);
    }
    return number;
  }

  #addClass(narrow: Uint8Array, wide: number, set: CharSet | undefined): number {
    this.#narrow.push(narrow);
    this.#wide.push(wide);
    this.#sets.push(set);
    return this.#sets.length - 1;
  }
}

function* unitsOf(char: string): Iterable<number> {
  for (let i = 0; i < char.length; i++) yield char.charCodeAt(i);
}

/** The node when it is one character of a class; characters beyond Latin-1 are matched as text. */
function singleSet(node: Node): Node | undefined {
  if (node.type === 'set') return node;
  return node.type === 'char' && node.code < 256 ? node : undefined;
}

function leading(node: Node): Node | undefined {
  if (node.type === 'sequence') return node.parts[0] && leading(node.parts[0]);
  if (node.type === 'capture' || node.type === 'atomic') return leading(node.body);
  return node;
}

function isLineSet(node: Extract<Node, { type: 'repeat' }>): boolean {
  if (node.max !== Number.POSITIVE_INFINITY || node.body.type !== 'set') return false;
  const narrow = narrowTable(node.body.set);
  return !node.body.set.isSmall && narrow.every((has, code) => has === 1 || code === 10);
}

function capturesIn(node: Node): readonly number[] {
  switch (node.type) {
    case 'capture':
      return [node.index, ...capturesIn(node.body)];
    case 'sequence':
      return node.parts.flatMap(capturesIn);
    case 'choice':
      return node.branches.flatMap(capturesIn);
    case 'repeat':
    case 'atomic':
    case 'look':
      return capturesIn(node.body);
    default:
      return [];
  }
}
