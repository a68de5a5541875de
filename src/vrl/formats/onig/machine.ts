// Runs the program of a pattern by backtracking, with a limit on its steps: look-around, atomic groups and references
// leave no other way that is exact. Registers hold the captures first, then what loops and groups remember.

import { CODE_MAX, includes, type Ranges } from '../regex/ranges.ts';
import { WORD } from './classes.ts';
import type { Program } from './program.ts';
import * as op from './program.ts';

/**
 * Ways that are given up, and loops that are run, in one search: a fifth of what Oniguruma allows for each place that a
 * match is tried at. It takes some tenths of a second to come here; a search that does would mostly have found nothing.
 */
export const STEPS_MAX = 2_000_000;

/** Numbers on the stack of choices. */
const STACK_MAX = 4_000_000;

/** In place of an address on the stack: what to do when backtracking comes to it. */
const GIVE_BACK = -1;
const TAKE_MORE = -2;
/** Less the number of the register that gets its value back. */
const RESTORE = -3;

/** In place of a character where the text ends; reading beyond it would slow down all reading. */
const END = 0x10000;

/** What ends a search without an answer. */
export class LimitReached extends Error {}

export class OnigMachine {
  readonly #program: Program;
  readonly #code: Int32Array;
  readonly #narrow: Uint8Array;
  readonly #wide: Uint8Array;
  readonly #ranges: (Ranges | undefined)[] = [];
  readonly #registers: Int32Array;
  readonly #captureEnd: number;
  #stack = new Int32Array(1024);
  #sp = 0;
  /** Steps that are left of the search. */
  #steps = 0;
  #text = '';
  #searchStart = 0;

  constructor(program: Program) {
    this.#program = program;
    this.#code = program.code;
    this.#narrow = program.narrow;
    this.#wide = program.wide;
    this.#registers = new Int32Array(program.registerCount);
    this.#captureEnd = (program.captureCount + 1) * 2;
  }

  /**
   * Finds the first match from a place on. Where its captures are stands in the array that is returned: start and end
   * of each, -1 where it took no part. The array is used again. Throws `LimitReached`.
   */
  search(text: string, from = 0): Int32Array | undefined {
    const { isAnchored, skipsLines, first } = this.#program;
    this.#text = text;
    this.#steps = STEPS_MAX;
    this.#searchStart = from;
    if (isAnchored) return from === 0 && this.#tryAt(0) ? this.#registers : undefined;
    for (let at = from; at <= text.length; at++) {
      if (!first.nullable) {
        at = this.#skipTo(at);
        if (at === -1) return undefined;
      }
      if (this.#tryAt(at)) return this.#registers;
      this.#spend(1);
      if (skipsLines) {
        const line = text.indexOf('\n', at);
        if (line === -1) return undefined;
        at = line;
      } else if (isHigh(text.charCodeAt(at))) at++;
    }
    return undefined;
  }

  /** The next place that a match can begin at; -1 when there is none. */
  #skipTo(from: number): number {
    const { narrow, wide } = this.#program.first;
    const text = this.#text;
    for (let at = from; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      if (unit < 256 ? narrow[unit] === 1 : wide && (unit < 0xdc00 || unit > 0xdfff)) return at;
    }
    return -1;
  }

  #tryAt(at: number): boolean {
    this.#registers.fill(-1, 0, this.#captureEnd);
    this.#sp = 0;
    const end = this.#run(0, at, -1);
    if (end === -1) return false;
    this.#registers[0] = at;
    this.#registers[1] = end;
    return true;
  }

  #spend(steps: number): void {
    this.#steps -= steps;
    if (this.#steps < 0) throw new LimitReached();
  }

  /** Runs from an instruction at a place; the end of the match, which must be `target` unless that is -1; -1 for none. */
  #run(start: number, place: number, target: number): number {
    const code = this.#code;
    const narrow = this.#narrow;
    const wide = this.#wide;
    const text = this.#text;
    const length = text.length;
    const registers = this.#registers;
    const base = this.#sp;
    let stack = this.#stack;
    let sp = base;
    let pc = start;
    let at = place;

    for (;;) {
      if (sp + 64 > stack.length) {
        this.#grow();
        stack = this.#stack;
      }
      // Each case goes on with `continue`, or fails with `break`. The operations stand as numbers, as only then they
      // are jumped to and not compared one by one.
      switch (code[pc]) {
        case 1 /* CHAR */:
          if (at >= length || text.charCodeAt(at) !== code[pc + 1]) break;
          at++;
          pc += 2;
          continue;
        case 2 /* TEXT */:
          {
            const count = code[pc + 1]!;
            if (at + count > length) break;
            let same = 0;
            while (same < count && text.charCodeAt(at + same) === code[pc + 2 + same]) same++;
            if (same < count) break;
            at += count;
            pc += 2 + count;
            continue;
          }
        case 3 /* SET */:
          {
            const unit = at < length ? text.charCodeAt(at) : END;
            const set = code[pc + 1]!;
            if (unit < 256) {
              if (narrow[(set << 8) | unit] === 0) break;
              at++;
            } else {
              const width = at < length && wide[set] !== 0 ? this.#wideAt(set, at) : 0;
              if (width === 0) break;
              at += width;
            }
            pc += 2;
            continue;
          }
        case 4 /* JUMP */:
          pc = code[pc + 1]!;
          continue;
        case 5 /* SPLIT */:
          {
            const unit = at < length ? text.charCodeAt(at) : END;
            const here = code[pc + 2]!;
            if (here !== -1 && !(unit < 256 ? narrow[(here << 8) | unit] === 1 : unit < END && wide[here] !== 0)) {
              pc = code[pc + 1]!;
              continue;
            }
            const there = code[pc + 3]!;
            if (there === -1 || (unit < 256 ? narrow[(there << 8) | unit] === 1 : unit < END && wide[there] !== 0)) {
              stack[sp++] = at;
              stack[sp++] = code[pc + 1]!;
            }
            pc += 4;
            continue;
          }
        case 6 /* SAVE */:
          {
            const register = code[pc + 1]!;
            stack[sp++] = registers[register]!;
            stack[sp++] = RESTORE - register;
            registers[register] = at;
            pc += 2;
            continue;
          }
        case 9 /* TAKE */:
          {
            const set = code[pc + 1]!;
            const most = code[pc + 3]!;
            const from = at;
            let count = 0;
            while (count !== most) {
              const unit = at < length ? text.charCodeAt(at) : END;
              if (unit < 256) {
                if (narrow[(set << 8) | unit] === 0) break;
                at++;
              } else {
                const width = at < length && wide[set] !== 0 ? this.#wideAt(set, at) : 0;
                if (width === 0) break;
                at += width;
              }
              count++;
            }
            this.#steps -= 1 + ((at - from) >> 4);
            if (count < code[pc + 2]!) break;
            pc += 4;
            continue;
          }
        case 7 /* GREEDY */:
          {
            const set = code[pc + 1]!;
            const least = code[pc + 2]!;
            const most = code[pc + 3]!;
            const from = at;
            let low = at;
            let count = 0;
            while (count !== most) {
              const unit = at < length ? text.charCodeAt(at) : END;
              if (unit < 256) {
                if (narrow[(set << 8) | unit] === 0) break;
                at++;
              } else {
                const width = at < length && wide[set] !== 0 ? this.#wideAt(set, at) : 0;
                if (width === 0) break;
                at += width;
              }
              if (++count === least) low = at;
            }
            this.#steps -= 1 + ((at - from) >> 4);
            if (count < least) break;
            const next = code[pc + 4]!;
            if (next !== -1) at = this.#lastBefore(next, low, at);
            if (at === -1) break;
            if (at > low) {
              stack[sp++] = at;
              stack[sp++] = low;
              stack[sp++] = pc;
              stack[sp++] = GIVE_BACK;
            }
            pc += 5;
            continue;
          }
        case 8 /* LAZY */:
          {
            const set = code[pc + 1]!;
            const least = code[pc + 2]!;
            let count = 0;
            let width = 1;
            while (count < least && (width = this.#widthAt(set, at)) > 0) {
              at += width;
              count++;
            }
            if (count < least) break;
            const most = code[pc + 3]!;
            at = this.#lazyNext(pc, at, most === -1 ? -1 : most - count);
            if (at === -1) break;
            stack[sp++] = at;
            stack[sp++] = this.#lazyLeft;
            stack[sp++] = pc;
            stack[sp++] = TAKE_MORE;
            pc += 5;
            continue;
          }
        case 0 /* MATCH */:
          if (target !== -1 && at !== target) break;
          this.#sp = base;
          return at;
        case 10 /* MARK */:
          registers[code[pc + 1]!] = sp;
          registers[code[pc + 1]! + 1] = at;
          pc += 2;
          continue;
        case 11 /* CUT */:
          sp = registers[code[pc + 1]!]!;
          pc += 2;
          continue;
        case 12 /* CUT_BACK */:
          sp = registers[code[pc + 1]!]!;
          at = registers[code[pc + 1]! + 1]!;
          pc += 2;
          continue;
        case 13 /* FAIL */:
          break;
        case 14 /* ANCHOR */:
          if (!this.#holds(code[pc + 1]!, at)) break;
          pc += 2;
          continue;
        case 15 /* SET_REGISTER */:
        case 18 /* TURN */:
        case 24 /* KEEP */:
          {
            const register = code[pc + 1]!;
            stack[sp++] = registers[register]!;
            stack[sp++] = RESTORE - register;
            if (code[pc] === 15) registers[register] = code[pc + 2]!;
            else if (code[pc] === 18) registers[register] = at;
            pc += code[pc] === 15 ? 3 : 2;
            continue;
          }
        case 16 /* COUNT */:
          {
            const count = registers[code[pc + 1]!]!;
            const most = code[pc + 3]!;
            if (count < code[pc + 2]!) {
              pc += 6;
              continue;
            }
            if (most !== -1 && count >= most) {
              pc = code[pc + 4]!;
              continue;
            }
            const isGreedy = code[pc + 5] === 1;
            stack[sp++] = at;
            stack[sp++] = isGreedy ? code[pc + 4]! : pc + 6;
            pc = isGreedy ? pc + 6 : code[pc + 4]!;
            continue;
          }
        case 17 /* COUNT_ENTER */:
          {
            const register = code[pc + 1]!;
            stack[sp++] = registers[register]!;
            stack[sp++] = RESTORE - register;
            registers[register]!++;
            pc += 2;
            continue;
          }
        case 19 /* TURN_END */:
          pc = registers[code[pc + 1]!] === at ? code[pc + 2]! : pc + 3;
          continue;
        case 20 /* BEHIND */:
          {
            this.#sp = sp;
            const found = this.#behind(pc, at);
            stack = this.#stack;
            if (found === (code[pc + 2] === 1)) break;
            pc = code[pc + 1]!;
            continue;
          }
        case 21 /* BEHIND_SET */:
          {
            const found = at > 0 && this.#widthAt(code[pc + 1]!, this.#before(at)) > 0;
            if (found === (code[pc + 2] === 1)) break;
            pc += 3;
            continue;
          }
        case 22 /* AHEAD_SET */:
          {
            const found = at < length && this.#widthAt(code[pc + 1]!, at) > 0;
            if (found === (code[pc + 2] === 1)) break;
            pc += 3;
            continue;
          }
        case 23 /* REFERENCE */:
          {
            const end = this.#reference(pc, at);
            if (end === -1) break;
            at = end;
            pc += 3 + code[pc + 2]!;
            continue;
          }
      }

      // Back to the last choice.
      if (--this.#steps < 0) throw new LimitReached();
      for (;;) {
        if (sp === base) return -1;
        const resume = stack[--sp]!;
        if (resume >= 0) {
          pc = resume;
          at = stack[--sp]!;
          break;
        }
        if (resume <= RESTORE) {
          registers[RESTORE - resume] = stack[--sp]!;
          continue;
        }
        pc = stack[sp - 1]!;
        if (resume === GIVE_BACK) {
          const low = stack[sp - 2]!;
          at = this.#before(stack[sp - 3]!);
          const next = code[pc + 4]!;
          if (next !== -1) at = this.#lastBefore(next, low, at);
          if (at <= low) sp -= 3;
          else {
            stack[sp - 3] = at;
            sp++;
          }
          if (at === -1) continue;
        } else {
          const left = stack[sp - 2]!;
          const width = left === 0 ? 0 : this.#widthAt(code[pc + 1]!, stack[sp - 3]!);
          at = width === 0 ? -1 : this.#lazyNext(pc, stack[sp - 3]! + width, left === -1 ? -1 : left - 1);
          if (at === -1) {
            sp -= 3;
            continue;
          }
          stack[sp - 3] = at;
          stack[sp - 2] = this.#lazyLeft;
          sp++;
        }
        pc += 5;
        break;
      }
    }
  }

  #grow(): void {
    if (this.#stack.length >= STACK_MAX) throw new LimitReached();
    const bigger = new Int32Array(this.#stack.length * 2);
    bigger.set(this.#stack);
    this.#stack = bigger;
  }

  #before(at: number): number {
    const unit = this.#text.charCodeAt(at - 1);
    return unit >= 0xdc00 && unit <= 0xdfff ? at - 2 : at - 1;
  }

  /** How many units the character at a place has if it is of the class, else 0. */
  #widthAt(set: number, at: number): number {
    const unit = this.#text.charCodeAt(at);
    if (unit < 256) return this.#narrow[(set << 8) | unit]!;
    return at < this.#text.length && this.#wide[set] !== 0 ? this.#wideAt(set, at) : 0;
  }

  #wideAt(set: number, at: number): number {
    const code = this.#text.codePointAt(at)!;
    const width = code > 0xffff ? 2 : 1;
    if (this.#wide[set] === op.WIDE_ALL) return width;
    const known = this.#ranges[set];
    // Most text stays within the basic plane, whose part of a class is found much faster.
    const last = known?.at(-1) ?? 0;
    if (known && (code <= 0xffff || last > 0xffff)) return includes(known, code) ? width : 0;
    const ranges = this.#program.sets[set]!.ranges(code > 0xffff ? CODE_MAX : 0xffff);
    this.#ranges[set] = ranges;
    return includes(ranges, code) ? width : 0;
  }

  /** The last place from `at` back to `low` at which a character of the class stands; -1 when there is none. */
  #lastBefore(set: number, low: number, at: number): number {
    const text = this.#text;
    const wide = this.#wide[set] !== 0;
    for (let place = at; place >= low; place--) {
      const unit = text.charCodeAt(place);
      if (unit < 256 ? this.#narrow[(set << 8) | unit] === 1 : wide && unit >= 256 && (unit < 0xdc00 || unit > 0xdfff))
        return place;
    }
    this.#steps -= (at - low) >> 4;
    return -1;
  }

  #lazyLeft = 0;

  /** The next place that what follows a lazy loop can match at; sets how many more it may take from there. */
  #lazyNext(pc: number, from: number, mayTake: number): number {
    const next = this.#code[pc + 4]!;
    const set = this.#code[pc + 1]!;
    let left = mayTake;
    let at = from;
    if (next !== -1) {
      while (!this.#isOf(next, at)) {
        const width = left === 0 ? 0 : this.#widthAt(set, at);
        if (width === 0) {
          this.#steps -= (at - from) >> 4;
          return -1;
        }
        at += width;
        if (left > 0) left--;
      }
      this.#steps -= (at - from) >> 4;
    }
    this.#lazyLeft = left;
    return at;
  }

  #isOf(set: number, at: number): boolean {
    const unit = this.#text.charCodeAt(at);
    return unit < 256 ? this.#narrow[(set << 8) | unit] === 1 : unit >= 256 && this.#wide[set] !== 0;
  }

  #behind(pc: number, at: number): boolean {
    const code = this.#code;
    const least = code[pc + 3]!;
    const most = code[pc + 4]!;
    let start = at;
    for (let width = 0; most === -1 || width <= most; width++) {
      if (width >= least && this.#run(pc + 5, start, at) !== -1) return true;
      if (start === 0) return false;
      start = this.#before(start);
      this.#spend(1);
    }
    return false;
  }

  #reference(pc: number, at: number): number {
    const code = this.#code;
    for (let k = code[pc + 2]! - 1; k >= 0; k--) {
      const register = code[pc + 3 + k]! * 2;
      const start = this.#registers[register]!;
      const end = this.#registers[register + 1]!;
      if (start === -1 || end === -1) continue;
      const wanted = this.#text.slice(start, end);
      const found = this.#text.slice(at, at + wanted.length);
      this.#spend(wanted.length >> 4);
      const same = code[pc + 1] === 1 ? wanted.toLowerCase() === found.toLowerCase() : wanted === found;
      return same ? at + wanted.length : -1;
    }
    return -1;
  }

  #holds(anchor: number, at: number): boolean {
    const text = this.#text;
    switch (op.ANCHORS[anchor]) {
      case 'text start':
        return at === 0;
      case 'text end':
        return at === text.length;
      case 'last line end':
        return at === text.length || (at === text.length - 1 && text.charCodeAt(at) === 10);
      case 'line start':
        return at === 0 || (text.charCodeAt(at - 1) === 10 && at < text.length);
      case 'line end':
        return at === text.length || text.charCodeAt(at) === 10;
      case 'search start':
        return at === this.#searchStart;
      case 'word boundary':
        return this.#isWordBefore(at) !== this.#isWordAt(at);
      default:
        return this.#isWordBefore(at) === this.#isWordAt(at);
    }
  }

  #isWordBefore(at: number): boolean {
    return at > 0 && this.#isWordAt(this.#before(at));
  }

  #isWordAt(at: number): boolean {
    if (at >= this.#text.length) return false;
    const unit = this.#text.charCodeAt(at);
    if (unit < 128) return WORD_ASCII[unit] === 1;
    const code = this.#text.codePointAt(at)!;
    return includes(WORD.ranges(code > 0xffff ? CODE_MAX : 0xffff), code);
  }
}

const WORD_ASCII = Uint8Array.from({ length: 128 }, (_, unit) => (/\w/.test(String.fromCharCode(unit)) ? 1 : 0));

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}
