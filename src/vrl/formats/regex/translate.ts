// From the syntax of a pattern to its meaning: flags are worked in, classes become sets of characters. What Rust's regex
// crate refuses only at this stage is refused here, in the same words.

import { ASCII, CharSet, DIGIT, SPACE, WORD } from './char_set.ts';
import type { Look, Node } from './node.ts';
import {
  type FlagChanges,
  type Literal,
  type PerlClass,
  type Place,
  RegexProblem,
  type SetNode,
  type Syntax,
  type UnicodeClass,
} from './syntax.ts';
import { classContent } from './unicode.ts';

const INVALID_UTF8 = 'pattern can match invalid UTF-8';
const NO_UNICODE = 'Unicode not allowed here';

/** Where Unicode is off, classes are of bytes. */
const BYTE_MAX = 0xff;

const LINE_FEED = CharSet.of([10, 10]);
const LINE_BREAKS = CharSet.of([10, 10, 13, 13]);
const ANY = CharSet.of([]).negated();
const ANY_BUT_LINE_FEED = LINE_FEED.negated();
const ANY_BUT_LINE_BREAKS = LINE_BREAKS.negated();

/** Throws `RegexProblem`. */
export function translate(syntax: Syntax): Node {
  return new Translator().node(syntax);
}

class Translator {
  #ignoreCase = false;
  #multiLine = false;
  #dotAll = false;
  #swapGreed = false;
  #unicode = true;
  #crlf = false;

  node(syntax: Syntax): Node {
    switch (syntax.type) {
      case 'empty':
        return { type: 'empty' };
      case 'flags':
        this.#apply(syntax.flags);
        return { type: 'empty' };
      case 'literal':
        return this.#literal(syntax);
      case 'dot':
        return { type: 'set', set: this.#dot(syntax.place) };
      case 'assertion':
        return this.#assertion(syntax.name);
      case 'perl':
        return { type: 'set', set: this.#perl(syntax) };
      case 'unicode':
        return { type: 'set', set: this.#unicodeClass(syntax) };
      case 'bracket':
        return { type: 'set', set: this.#bracket(syntax) };
      case 'repeat': {
        const greedy = syntax.greedy !== this.#swapGreed;
        return { type: 'repeat', min: syntax.min, max: syntax.max, greedy, body: this.node(syntax.body) };
      }
      case 'group': {
        const restore = this.#saved();
        this.#apply(syntax.flags);
        const body = this.node(syntax.body);
        restore();
        return syntax.index === undefined ? body : { type: 'capture', index: syntax.index, body };
      }
      case 'alternation':
        return { type: 'alternation', branches: syntax.branches.map((branch) => this.node(branch)) };
      case 'concat': {
        const parts = syntax.parts.map((part) => this.node(part)).filter((part) => part.type !== 'empty');
        if (parts.length === 0) return { type: 'empty' };
        return parts.length === 1 ? parts[0]! : { type: 'concat', parts };
      }
    }
  }

  #saved(): () => void {
    const flags = [
      this.#ignoreCase,
      this.#multiLine,
      this.#dotAll,
      this.#swapGreed,
      this.#unicode,
      this.#crlf,
    ] as const;
    return () => {
      [this.#ignoreCase, this.#multiLine, this.#dotAll, this.#swapGreed, this.#unicode, this.#crlf] = flags;
    };
  }

  #apply(changes: FlagChanges): void {
    this.#ignoreCase = changes.get('i') ?? this.#ignoreCase;
    this.#multiLine = changes.get('m') ?? this.#multiLine;
    this.#dotAll = changes.get('s') ?? this.#dotAll;
    this.#swapGreed = changes.get('U') ?? this.#swapGreed;
    this.#unicode = changes.get('u') ?? this.#unicode;
    this.#crlf = changes.get('R') ?? this.#crlf;
  }

  #literal(literal: Literal): Node {
    this.#checkByte(literal);
    const { code } = literal;
    if (!this.#ignoreCase) return { type: 'char', code };
    const set = this.#fold(CharSet.of([code, code]));
    const ranges = set.ranges(0x10ffff);
    return ranges.length === 2 && ranges[0] === ranges[1] ? { type: 'char', code } : { type: 'set', set };
  }

  #checkByte(literal: Literal): void {
    if (!this.#unicode && literal.byte && literal.code > 0x7f) throw new RegexProblem(INVALID_UTF8, literal.place);
  }

  #fold(set: CharSet): CharSet {
    if (!this.#ignoreCase) return set;
    return this.#unicode ? set.folded() : set.foldedAscii();
  }

  #dot(place: Place): CharSet {
    if (!this.#unicode) throw new RegexProblem(INVALID_UTF8, place);
    if (this.#dotAll) return ANY;
    return this.#crlf ? ANY_BUT_LINE_BREAKS : ANY_BUT_LINE_FEED;
  }

  #assertion(name: Extract<Syntax, { type: 'assertion' }>['name']): Node {
    const unicode = this.#unicode;
    const line = this.#crlf ? 'crlf line' : 'line';
    let look: Look;
    if (name === 'text start') look = 'start';
    else if (name === 'text end') look = 'end';
    else if (name === 'line start') look = this.#multiLine ? `${line} start` : 'start';
    else if (name === 'line end') look = this.#multiLine ? `${line} end` : 'end';
    else look = name;
    return { type: 'look', look, unicode };
  }

  #perl({ letter, negated, place }: PerlClass): CharSet {
    if (this.#unicode) {
      const set = letter === 'd' ? DIGIT : letter === 's' ? SPACE : WORD;
      return negated ? set.negated() : set;
    }
    if (negated) throw new RegexProblem(INVALID_UTF8, place);
    return ASCII[letter === 'd' ? 'digit' : letter === 's' ? 'space' : 'word']!;
  }

  #unicodeClass({ name, value, negated, place }: UnicodeClass): CharSet {
    if (!this.#unicode) throw new RegexProblem(NO_UNICODE, place);
    const found = classContent(name, value);
    if ('problem' in found) throw new RegexProblem(found.problem, place);
    return this.#finished(CharSet.named(found.content, false), negated, place);
  }

  /** Folding comes before negation: `(?i)[^x]` is not everything. */
  #finished(set: CharSet, negated: boolean, place: Place): CharSet {
    const whole = this.#fold(set);
    if (this.#unicode) return negated ? whole.negated() : whole;
    const bytes = negated ? whole.negated(BYTE_MAX) : whole;
    if ((bytes.ranges(0xff).at(-1) ?? 0) > 0x7f) throw new RegexProblem(INVALID_UTF8, place);
    return bytes;
  }

  #bracket({ set, negated, place }: Extract<Syntax, { type: 'bracket' }>): CharSet {
    return this.#finished(this.#set(set), negated, place);
  }

  #set(node: SetNode): CharSet {
    switch (node.type) {
      case 'empty':
        return CharSet.of([]);
      case 'literal':
        return CharSet.of([this.#member(node), node.code]);
      case 'range':
        return CharSet.of([this.#member(node.from), this.#member(node.to)]);
      case 'ascii':
        return this.#finished(ASCII[node.name]!, node.negated, node.place);
      case 'perl':
        return this.#perl(node);
      case 'unicode':
        return this.#unicodeClass(node);
      case 'bracket':
        return this.#bracket(node);
      case 'union':
        return this.#union(node.items);
      case 'operation': {
        const left = this.#fold(this.#set(node.left));
        return left.combined(node.operator, this.#fold(this.#set(node.right)));
      }
    }
  }

  /** Plain members become one set, as a class may list thousands. */
  #union(items: readonly SetNode[]): CharSet {
    const pairs: number[] = [];
    const parts: CharSet[] = [];
    for (const item of items) {
      if (item.type === 'literal') pairs.push(this.#member(item), item.code);
      else if (item.type === 'range') pairs.push(this.#member(item.from), this.#member(item.to));
      else parts.push(this.#set(item));
    }
    if (pairs.length > 0) parts.push(CharSet.of(pairs));
    return CharSet.union(parts);
  }

  #member(literal: Literal): number {
    this.#checkByte(literal);
    if (!this.#unicode && literal.code > 0x7f) throw new RegexProblem(NO_UNICODE, literal.place);
    return literal.code;
  }
}
