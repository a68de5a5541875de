// Runs a regular expression by following all its ways at once, a character at a time: the time is linear in the text,
// whatever the pattern. It is used for what V8 would match in another way or could be stalled by.
//
// The order of the threads is the order of preference, so that the first to arrive wins as in Rust's regex crate.

import { type CharSet, WORD } from './char_set.ts';
import { firstOf, isNullable, type Look, type Node } from './node.ts';
import { CODE_MAX, includes, type Ranges } from './ranges.ts';

/** Programs with more instructions are refused. */
export const PROGRAM_MAX = 200_000;

const MATCH = 0;
const CHAR = 1;
const SET = 2;
const LOOK = 3;
const SAVE = 4;
/** To `a`, and with less preference to `b`. */
const SPLIT = 5;
const JUMP = 6;

interface Instruction {
  op: number;
  a: number;
  b: number;
}

interface Program {
  readonly ops: Uint8Array;
  readonly as: Int32Array;
  readonly bs: Int32Array;
  readonly sets: readonly Ranges[];
  /** For each set, which ASCII characters it has. */
  readonly ascii: Uint8Array;
  readonly looks: readonly { readonly look: Look; readonly unicode: boolean }[];
}

export class ProgramTooBig extends Error {}

class Compiler {
  readonly #code: Instruction[] = [];
  readonly #sets: CharSet[] = [];
  readonly #setNumbers = new Map<CharSet, number>();
  readonly #looks: { readonly look: Look; readonly unicode: boolean }[] = [];

  run(node: Node): Program {
    this.#push(SAVE, 0);
    this.#node(node);
    this.#push(SAVE, 1);
    this.#push(MATCH);
    const ascii = new Uint8Array(this.#sets.length * 128);
    const sets = this.#sets.map((set) => set.ranges(CODE_MAX));
    for (const [number, ranges] of sets.entries())
      for (let code = 0; code < 128; code++) ascii[number * 128 + code] = includes(ranges, code) ? 1 : 0;
    return {
      ops: Uint8Array.from(this.#code, ({ op }) => op),
      as: Int32Array.from(this.#code, ({ a }) => a),
      bs: Int32Array.from(this.#code, ({ b }) => b),
      sets,
      ascii,
      looks: this.#looks,
    };
  }

  #push(op: number, a = 0, b = 0): Instruction {
    if (this.#code.length >= PROGRAM_MAX) throw new ProgramTooBig();
    const instruction = { op, a, b };
    this.#code.push(instruction);
    return instruction;
  }

  get #next(): number {
    return this.#code.length;
  }

  #node(node: Node): void {
    switch (node.type) {
      case 'empty':
        return;
      case 'char':
        this.#push(CHAR, node.code);
        return;
      case 'set':
        this.#push(SET, this.#setNumber(node.set));
        return;
      case 'look':
        this.#looks.push({ look: node.look, unicode: node.unicode });
        this.#push(LOOK, this.#looks.length - 1);
        return;
      case 'capture':
        this.#push(SAVE, node.index * 2);
        this.#node(node.body);
        this.#push(SAVE, node.index * 2 + 1);
        return;
      case 'concat':
        for (const part of node.parts) this.#node(part);
        return;
      case 'alternation':
        this.#alternation(node.branches);
        return;
      case 'repeat':
        this.#repeat(node);
    }
  }

  #setNumber(set: CharSet): number {
    let number = this.#setNumbers.get(set);
    if (number === undefined) {
      number = this.#sets.length;
      this.#sets.push(set);
      this.#setNumbers.set(set, number);
    }
    return number;
  }

  #alternation(branches: readonly Node[]): void {
    const jumps: Instruction[] = [];
    for (const [i, branch] of branches.entries()) {
      if (i === branches.length - 1) {
        this.#node(branch);
        break;
      }
      const split = this.#push(SPLIT, this.#next + 1);
      this.#node(branch);
      jumps.push(this.#push(JUMP));
      split.b = this.#next;
    }
    for (const jump of jumps) jump.a = this.#next;
  }

  #repeat({ min, max, greedy, body }: Extract<Node, { type: 'repeat' }>): void {
    if (max === Infinity) {
      for (let i = 1; i < min; i++) this.#node(body);
      // A body that can be empty is run once before it is asked again, or the preferences would come out wrong.
      if (min === 0) this.#atLeastNone(body, greedy);
      else this.#atLeastOnce(body, greedy);
      return;
    }
    for (let i = 0; i < min; i++) this.#node(body);
    const splits: Instruction[] = [];
    for (let i = min; i < max; i++) {
      splits.push(this.#split(greedy, this.#next + 1));
      this.#node(body);
    }
    for (const split of splits) this.#setExit(split, greedy, this.#next);
  }

  #atLeastNone(body: Node, greedy: boolean): void {
    const enter = this.#split(greedy, this.#next + 1);
    if (isNullable(body)) this.#atLeastOnce(body, greedy);
    else {
      const start = this.#next - 1;
      this.#node(body);
      this.#push(JUMP, start);
    }
    this.#setExit(enter, greedy, this.#next);
  }

  #atLeastOnce(body: Node, greedy: boolean): void {
    const start = this.#next;
    this.#node(body);
    const again = this.#split(greedy, start);
    this.#setExit(again, greedy, this.#next);
  }

  /** A choice between going on at `inside` and what `#setExit` will say. */
  #split(greedy: boolean, inside: number): Instruction {
    return greedy ? this.#push(SPLIT, inside, 0) : this.#push(SPLIT, 0, inside);
  }

  #setExit(split: Instruction, greedy: boolean, exit: number): void {
    if (greedy) split.b = exit;
    else split.a = exit;
  }
}

/** Threads in their order of preference, each at an instruction of its own. */
class Threads {
  readonly at: Int32Array;
  readonly #places: Int32Array;
  readonly slots: Int32Array;
  count = 0;

  constructor(size: number, slots: number) {
    this.at = new Int32Array(size);
    this.#places = new Int32Array(size);
    this.slots = new Int32Array(size * slots);
  }

  has(at: number): boolean {
    const place = this.#places[at]!;
    return place < this.count && this.at[place] === at;
  }

  add(at: number): void {
    this.#places[at] = this.count;
    this.at[this.count++] = at;
  }
}

export class Machine {
  readonly #program: Program;
  readonly #slots: number;
  /** The characters that a match can begin with, and which of ASCII are among them. */
  readonly #first: Ranges | undefined;
  readonly #firstAscii: Uint8Array;
  #now: Threads;
  #next: Threads;
  /** Captures of the thread being followed. */
  readonly #current: Int32Array;
  /** Instructions yet to follow; a negative number stands for a slot to set back. */
  readonly #stack: number[] = [];

  /**
   * @param groups how many captures there are, the whole match included
   * @throws ProgramTooBig
   */
  constructor(node: Node, groups: number) {
    this.#program = new Compiler().run(node);
    this.#slots = groups * 2;
    const first = firstOf(node)?.ranges(CODE_MAX);
    this.#first = first;
    this.#firstAscii = Uint8Array.from({ length: 128 }, (_, code) => (first && includes(first, code) ? 1 : 0));
    this.#now = new Threads(this.#program.ops.length, this.#slots);
    this.#next = new Threads(this.#program.ops.length, this.#slots);
    this.#current = new Int32Array(this.#slots);
  }

  /** The first match at or after `from`: where each capture starts and ends, -1 where it is not set. */
  run(text: string, from: number): Int32Array | undefined {
    let found: Int32Array | undefined;
    this.#now.count = 0;
    for (let at = from; at <= text.length; ) {
      if (!found && this.#now.count === 0) at = this.#skip(text, at);
      const code = at < text.length ? text.codePointAt(at)! : -1;
      const after = at + (code > 0xffff ? 2 : 1);
      if (!found) {
        this.#current.fill(-1);
        this.#follow(this.#now, 0, text, at);
      }
      if (found && this.#now.count === 0) break;
      this.#next.count = 0;
      found = this.#step(text, code, after) ?? found;
      [this.#now, this.#next] = [this.#next, this.#now];
      at = after;
    }
    return found;
  }

  /** The next place where a match can begin. */
  #skip(text: string, from: number): number {
    const first = this.#first;
    if (first === undefined) return from;
    for (let at = from; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      if (unit < 128) {
        if (this.#firstAscii[unit] === 1) return at;
      } else if (includes(first, text.codePointAt(at)!)) return at;
      else if (unit >= 0xd800 && unit <= 0xdbff) at += 1;
    }
    return text.length;
  }

  /** All threads over one character; the captures of the first that has arrived. */
  #step(text: string, code: number, after: number): Int32Array | undefined {
    const { ops, as } = this.#program;
    const now = this.#now;
    for (let i = 0; i < now.count; i++) {
      const at = now.at[i]!;
      const op = ops[at];
      if (op === MATCH) return now.slots.slice(at * this.#slots, (at + 1) * this.#slots);
      const goesOn = op === CHAR ? as[at] === code : op === SET && this.#isIn(as[at]!, code);
      if (!goesOn) continue;
      for (let slot = 0; slot < this.#slots; slot++) this.#current[slot] = now.slots[at * this.#slots + slot]!;
      this.#follow(this.#next, at + 1, text, after);
    }
    return undefined;
  }

  #isIn(set: number, code: number): boolean {
    if (code < 128) return code >= 0 && this.#program.ascii[set * 128 + code] === 1;
    return includes(this.#program.sets[set]!, code);
  }

  /** Adds what can be reached from an instruction without taking a character. */
  #follow(threads: Threads, start: number, text: string, at: number): void {
    const { ops, as, bs, looks } = this.#program;
    const stack = this.#stack;
    stack.push(start);
    while (stack.length > 0) {
      let next = stack.pop()!;
      if (next < 0) {
        this.#current[-next - 1] = stack.pop()!;
        continue;
      }
      while (!threads.has(next)) {
        threads.add(next);
        const op = ops[next];
        if (op === JUMP) next = as[next]!;
        else if (op === SPLIT) {
          stack.push(bs[next]!);
          next = as[next]!;
        } else if (op === SAVE) {
          const slot = as[next]!;
          stack.push(this.#current[slot]!, -slot - 1);
          this.#current[slot] = at;
          next += 1;
        } else if (op === LOOK) {
          const { look, unicode } = looks[as[next]!]!;
          if (!holds(look, unicode, text, at)) break;
          next += 1;
        } else {
          threads.slots.set(this.#current, next * this.#slots);
          break;
        }
      }
    }
  }
}

function holds(look: Look, unicode: boolean, text: string, at: number): boolean {
  switch (look) {
    case 'start':
      return at === 0;
    case 'end':
      return at === text.length;
    case 'line start':
      return at === 0 || text[at - 1] === '\n';
    case 'line end':
      return at === text.length || text[at] === '\n';
    case 'crlf line start':
      return at === 0 || text[at - 1] === '\n' || (text[at - 1] === '\r' && text[at] !== '\n');
    case 'crlf line end':
      return at === text.length || text[at] === '\r' || (text[at] === '\n' && text[at - 1] !== '\r');
  }
  const before = isWord(codeBefore(text, at), unicode);
  const after = isWord(at < text.length ? text.codePointAt(at)! : -1, unicode);
  switch (look) {
    case 'word boundary':
      return before !== after;
    case 'no word boundary':
      return before === after;
    case 'word start':
      return !before && after;
    case 'word end':
      return before && !after;
    case 'word start half':
      return !before;
    case 'word end half':
      return !after;
  }
}

function codeBefore(text: string, at: number): number {
  if (at === 0) return -1;
  const unit = text.charCodeAt(at - 1);
  return unit >= 0xdc00 && unit <= 0xdfff && at > 1 ? text.codePointAt(at - 2)! : unit;
}

function isWord(code: number, unicode: boolean): boolean {
  if (code < 128)
    return (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || code === 95 || (code >= 97 && code <= 122);
  return unicode && includes(WORD.ranges(CODE_MAX), code);
}
