// Reads a regular expression in the syntax of Rust's regex crate. It accepts exactly what that does, and says in the
// same words, about the same place, why it does not accept something.
//
// Nesting is kept on a list and not on the call stack, so no pattern is too deep to be refused.

import {
  type AssertionName,
  type Bracket,
  type FlagChanges,
  type FlagName,
  type Group,
  type Literal,
  type PerlClass,
  type Place,
  RegexProblem,
  type SetNode,
  type Syntax,
  type UnicodeClass,
} from './syntax.ts';

/** Groups, brackets, repetitions and sequences nested deeper than this are refused, as Rust refuses them. */
const NESTING_MAX = 250;

const ASCII_CLASSES = new Set(
  'alnum alpha ascii blank cntrl digit graph lower print punct space upper word xdigit'.split(' '),
);

const CONTROL_ESCAPES: Readonly<Record<string, number>> = { a: 7, f: 12, t: 9, n: 10, r: 13, v: 11 };

const ASSERTION_ESCAPES: Readonly<Record<string, AssertionName>> = {
  A: 'text start',
  z: 'text end',
  B: 'no word boundary',
  '<': 'word start',
  '>': 'word end',
};

const WORD_ASSERTIONS: Readonly<Record<string, AssertionName>> = {
  start: 'word start',
  end: 'word end',
  'start-half': 'word start half',
  'end-half': 'word end half',
};

const HEX_DIGITS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

const WHITE_SPACE = /^[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]$/;
const NAME_START = /^[_\p{Alphabetic}]$/u;
const NAME_REST = /^[_.[\]\p{Alphabetic}\p{N}]$/u;

type Primitive = Literal | PerlClass | UnicodeClass | Extract<Syntax, { type: 'dot' | 'assertion' }>;

/** What stands around the sequence being read: an open group, or the branches before it. */
type Outer =
  | {
      readonly type: 'group';
      readonly parts: Syntax[];
      readonly start: number;
      readonly group: Group;
      verbose: boolean;
    }
  | { readonly type: 'alternation'; readonly start: number; readonly branches: Syntax[] };

/** What stands around the items being read in a bracket. */
type OuterSet =
  | { readonly type: 'open'; readonly items: SetNode[]; readonly start: number; readonly bracket: Bracket }
  | { readonly type: 'operation'; readonly operator: '&&' | '--' | '~~'; readonly left: SetNode };

export interface Parsed {
  readonly syntax: Syntax;
  /** Names of the captures by number; 0 is the whole match and has none. */
  readonly names: readonly (string | undefined)[];
}

/** Reads a pattern, given as its characters. Throws `RegexProblem`. */
export function parsePattern(chars: readonly string[]): Parsed {
  const parser = new Parser(chars);
  const syntax = parser.run();
  checkNesting(syntax, 0);
  return { syntax, names: parser.names };
}

class Parser {
  readonly #chars: readonly string[];
  readonly names: (string | undefined)[] = [undefined];
  readonly #namePlaces = new Map<string, Place>();
  readonly #outer: Outer[] = [];
  readonly #sets: OuterSet[] = [];
  /** Whether white space and comments are skipped (the flag `x`). */
  #verbose = false;
  #at = 0;

  constructor(chars: readonly string[]) {
    this.#chars = chars;
  }

  run(): Syntax {
    let parts: Syntax[] = [];
    let start = 0;
    for (;;) {
      this.#skipSpace();
      const char = this.#char;
      if (char === undefined) return this.#finish(parts, start);
      if (char === '(') {
        if (this.#open(parts, start)) continue;
        parts = [];
        start = this.#at;
      } else if (char === ')') [parts, start] = this.#close(parts, start);
      else if (char === '|') {
        this.#branch(parts, start);
        this.#at += 1;
        parts = [];
        start = this.#at;
      } else if (char === '[') parts.push(this.#bracket());
      else if (char === '?') this.#repeat(parts, 0, 1);
      else if (char === '*') this.#repeat(parts, 0, Infinity);
      else if (char === '+') this.#repeat(parts, 1, Infinity);
      else if (char === '{') this.#countedRepeat(parts);
      else parts.push(this.#primitive());
    }
  }

  // Places

  get #char(): string | undefined {
    return this.#chars[this.#at];
  }

  #isAt(char: string): boolean {
    return this.#chars[this.#at] === char;
  }

  /** One character on; whether there is one. */
  #bump(): boolean {
    if (this.#at < this.#chars.length) this.#at += 1;
    return this.#at < this.#chars.length;
  }

  #bumpAndSkip(): boolean {
    if (!this.#bump()) return false;
    this.#skipSpace();
    return this.#at < this.#chars.length;
  }

  #take(text: string): boolean {
    for (let i = 0; i < text.length; i++) if (this.#chars[this.#at + i] !== text[i]) return false;
    this.#at += text.length;
    return true;
  }

  /** Past white space and comments, where they are to be skipped. */
  #skipSpace(): void {
    if (!this.#verbose) return;
    for (let char = this.#char; char !== undefined; char = this.#char) {
      if (WHITE_SPACE.test(char)) this.#at += 1;
      else if (char === '#') {
        while (this.#char !== undefined && this.#char !== '\n') this.#at += 1;
        this.#bump();
      } else return;
    }
  }

  /** The character after this one, past what is skipped. */
  #peekPastSpace(): string | undefined {
    let at = this.#at + 1;
    if (!this.#verbose || at > this.#chars.length) return this.#chars[at];
    const first = at;
    let comment = false;
    for (; at < this.#chars.length; at++) {
      const char = this.#chars[at]!;
      if (WHITE_SPACE.test(char) && !(comment && char === '\n')) continue;
      if (!comment && char === '#') comment = true;
      else if (comment && char === '\n') comment = false;
      else return char;
    }
    return this.#chars[first];
  }

  get #here(): Place {
    return [this.#at, this.#at];
  }

  get #thisChar(): Place {
    return [this.#at, this.#at + 1];
  }

  #from(start: number): Place {
    return [start, this.#at];
  }

  // Groups and branches

  /** `(`. True for flags that hold to the end of the group around, false when a group has been entered. */
  #open(parts: Syntax[], start: number): boolean {
    const opening = this.#groupOpening();
    if (opening.type === 'flags') {
      this.#verbose = opening.flags.get('x') ?? this.#verbose;
      parts.push(opening);
      return true;
    }
    this.#outer.push({ type: 'group', parts, start, group: opening, verbose: this.#verbose });
    this.#verbose = opening.flags.get('x') ?? this.#verbose;
    return false;
  }

  #groupOpening(): Group | Extract<Syntax, { type: 'flags' }> {
    const place = this.#thisChar;
    this.#bump();
    this.#skipSpace();
    if (this.#take('?=') || this.#take('?!') || this.#take('?<=') || this.#take('?<!'))
      throw new RegexProblem(
        'look-around, including look-ahead and look-behind, is not supported',
        this.#from(place[0]),
      );
    const inner = this.#here;
    if (this.#take('?P<') || this.#take('?<')) {
      const index = this.names.length;
      const name = this.#captureName();
      this.names.push(name);
      return { type: 'group', place, index, name, flags: NO_CHANGES, body: { type: 'empty', place: this.#here } };
    }
    if (!this.#take('?')) {
      const index = this.names.length;
      this.names.push(undefined);
      return {
        type: 'group',
        place,
        index,
        name: undefined,
        flags: NO_CHANGES,
        body: { type: 'empty', place: this.#here },
      };
    }
    if (this.#char === undefined) throw new RegexProblem('unclosed group', place);
    const flags = this.#flags();
    const end = this.#char;
    this.#bump();
    if (end === ')') {
      if (flags.size === 0) throw new RegexProblem('repetition operator missing expression', inner);
      return { type: 'flags', place: this.#from(place[0]), flags };
    }
    return {
      type: 'group',
      place,
      index: undefined,
      name: undefined,
      flags,
      body: { type: 'empty', place: this.#here },
    };
  }

  #captureName(): string {
    const start = this.#at;
    for (; this.#char !== undefined && this.#char !== '>'; this.#at++) {
      if (!(this.#at === start ? NAME_START : NAME_REST).test(this.#char))
        throw new RegexProblem('invalid capture group character', this.#thisChar);
    }
    if (this.#char === undefined) throw new RegexProblem('unclosed capture group name', this.#here);
    const place = this.#from(start);
    this.#bump();
    const name = this.#chars.slice(...place).join('');
    if (name === '') throw new RegexProblem('empty capture group name', [start, start]);
    const before = this.#namePlaces.get(name);
    if (before) throw new RegexProblem('duplicate capture group name', place, before);
    this.#namePlaces.set(name, place);
    return name;
  }

  #flags(): FlagChanges {
    const flags = new Map<FlagName, boolean>();
    const places = new Map<string, Place>();
    let last = '';
    for (let char = this.#char!; char !== ':' && char !== ')'; char = this.#char!) {
      if (char !== '-' && !'imsUuRx'.includes(char)) throw new RegexProblem('unrecognized flag', this.#thisChar);
      const before = places.get(char);
      if (before) {
        const message = char === '-' ? 'flag negation operator repeated' : 'duplicate flag';
        throw new RegexProblem(message, this.#thisChar, before);
      }
      places.set(char, this.#thisChar);
      if (char !== '-') flags.set(char as FlagName, !places.has('-'));
      last = char;
      if (!this.#bump()) throw new RegexProblem('expected flag but got end of regex', this.#here);
    }
    if (last === '-') throw new RegexProblem('dangling flag negation operator', places.get('-')!);
    return flags;
  }

  #branch(parts: Syntax[], start: number): void {
    const branch = concatOf(parts, this.#from(start));
    const outer = this.#outer.at(-1);
    if (outer?.type === 'alternation') outer.branches.push(branch);
    else this.#outer.push({ type: 'alternation', start, branches: [branch] });
  }

  /** `)`: the sequence around the group, and where it starts. */
  #close(parts: Syntax[], start: number): [Syntax[], number] {
    const body = this.#bodyOf(parts, start);
    const outer = this.#outer.pop();
    if (outer?.type !== 'group') throw new RegexProblem('unopened group', this.#thisChar);
    this.#verbose = outer.verbose;
    this.#bump();
    outer.group.place = this.#from(outer.group.place[0]);
    outer.group.body = body;
    outer.parts.push(outer.group);
    return [outer.parts, outer.start];
  }

  /** The sequence that ends here, with the branches before it. */
  #bodyOf(parts: Syntax[], start: number): Syntax {
    const last = concatOf(parts, this.#from(start));
    const outer = this.#outer.at(-1);
    if (outer?.type !== 'alternation') return last;
    this.#outer.pop();
    return { type: 'alternation', place: this.#from(outer.start), branches: [...outer.branches, last] };
  }

  #finish(parts: Syntax[], start: number): Syntax {
    const body = this.#bodyOf(parts, start);
    const outer = this.#outer.at(-1);
    if (outer?.type === 'group') throw new RegexProblem('unclosed group', outer.group.place);
    return body;
  }

  // Repetition

  #repeated(parts: Syntax[]): Syntax {
    const body = parts.pop();
    if (body === undefined || body.type === 'empty' || body.type === 'flags')
      throw new RegexProblem('repetition operator missing expression', this.#here);
    return body;
  }

  #repeat(parts: Syntax[], min: number, max: number): void {
    const body = this.#repeated(parts);
    const greedy = !(this.#bump() && this.#isAt('?'));
    if (!greedy) this.#bump();
    parts.push({ type: 'repeat', place: this.#from(body.place[0]), min, max, greedy, body });
  }

  #countedRepeat(parts: Syntax[]): void {
    const start = this.#at;
    const unclosed = () => new RegexProblem('unclosed counted repetition', this.#from(start));
    const body = this.#repeated(parts);
    if (!this.#bumpAndSkip()) throw unclosed();
    const min = this.#decimal();
    if (this.#char === undefined) throw unclosed();
    let max = min;
    if (this.#isAt(',')) {
      if (!this.#bumpAndSkip()) throw unclosed();
      if (!this.#isAt('}')) {
        if (min instanceof RegexProblem) throw min;
        max = this.#decimal();
      } else max = Infinity;
    }
    if (min instanceof RegexProblem) throw min;
    if (max instanceof RegexProblem) throw max;
    if (!this.#isAt('}')) throw unclosed();
    const greedy = !(this.#bumpAndSkip() && this.#isAt('?'));
    if (!greedy) this.#bump();
    if (min > max)
      throw new RegexProblem('invalid repetition count range, the start must be <= the end', this.#from(start));
    parts.push({ type: 'repeat', place: this.#from(body.place[0]), min, max, greedy, body });
  }

  #decimal(): number | RegexProblem {
    while (this.#char !== undefined && WHITE_SPACE.test(this.#char)) this.#bump();
    const start = this.#at;
    let digits = '';
    for (let char = this.#char; char !== undefined && char >= '0' && char <= '9'; char = this.#char) {
      digits += char;
      this.#bumpAndSkip();
    }
    const place = this.#from(start);
    while (this.#char !== undefined && WHITE_SPACE.test(this.#char)) this.#bumpAndSkip();
    if (digits === '') return new RegexProblem('repetition quantifier expects a valid decimal', place);
    const value = Number(digits);
    return value > 0xffffffff ? new RegexProblem('decimal literal invalid', place) : value;
  }

  // Single characters, escapes and assertions

  #primitive(): Primitive {
    const char = this.#char!;
    if (char === '\\') return this.#escape();
    const place = this.#thisChar;
    this.#bump();
    if (char === '.') return { type: 'dot', place };
    if (char === '^') return { type: 'assertion', place, name: 'line start' };
    if (char === '$') return { type: 'assertion', place, name: 'line end' };
    return literalOf(char, place);
  }

  #escape(): Primitive {
    const start = this.#at;
    if (!this.#bump())
      throw new RegexProblem('incomplete escape sequence, reached end of pattern prematurely', this.#from(start));
    const char = this.#char!;
    if (char >= '0' && char <= '9') throw new RegexProblem('backreferences are not supported', [start, this.#at + 1]);
    if (char === 'x' || char === 'u' || char === 'U') return this.#hex(start, char);
    if (char === 'p' || char === 'P') return this.#unicodeClass(start, char === 'P');
    this.#bump();
    const place = this.#from(start);
    const lower = char.toLowerCase();
    if (lower === 'd' || lower === 's' || lower === 'w')
      return { type: 'perl', place, letter: lower, negated: char !== lower };
    if (char === 'b') return this.#wordBoundary(start);
    const assertion = ASSERTION_ESCAPES[char];
    if (assertion) return { type: 'assertion', place, name: assertion };
    const control = CONTROL_ESCAPES[char];
    if (control !== undefined) return { type: 'literal', place, code: control, byte: false };
    if (char > '\x7f' || /[A-Za-z]/.test(char)) throw new RegexProblem('unrecognized escape sequence', place);
    return literalOf(char, place);
  }

  /** `\b`, which may go on as `\b{start}`; `\b{2}` is a repetition. */
  #wordBoundary(start: number): Primitive {
    const plain: Primitive = { type: 'assertion', place: this.#from(start), name: 'word boundary' };
    if (!this.#isAt('{')) return plain;
    const brace = this.#at;
    if (!this.#bumpAndSkip())
      throw new RegexProblem(
        'found either the beginning of a special word boundary or a bounded repetition on a \\b with an opening brace, ' +
          'but no closing brace',
        this.#from(start),
      );
    if (!/[A-Za-z-]/.test(this.#char!)) {
      this.#at = brace;
      return plain;
    }
    const contents = this.#at;
    let word = '';
    while (this.#char !== undefined && /^[A-Za-z-]$/.test(this.#char)) {
      word += this.#char;
      this.#bumpAndSkip();
    }
    if (!this.#isAt('}'))
      throw new RegexProblem(
        'special word boundary assertion is either unclosed or contains an invalid character',
        this.#from(brace),
      );
    const end = this.#at;
    this.#bump();
    const name = Object.hasOwn(WORD_ASSERTIONS, word) ? WORD_ASSERTIONS[word] : undefined;
    if (name === undefined)
      throw new RegexProblem(
        'unrecognized special word boundary assertion, valid choices are: start, end, start-half or end-half',
        [contents, end],
      );
    return { type: 'assertion', place: this.#from(start), name };
  }

  #hex(start: number, letter: 'x' | 'u' | 'U'): Literal {
    const cutShort = 'incomplete escape sequence, reached end of pattern prematurely';
    if (!this.#bumpAndSkip()) throw new RegexProblem(cutShort, this.#here);
    let digits = '';
    const digit = () => {
      if (!/^[0-9A-Fa-f]$/.test(this.#char!)) throw new RegexProblem('invalid hexadecimal digit', this.#thisChar);
      digits += this.#char;
    };
    const brace = this.#at;
    if (!this.#isAt('{')) {
      for (let i = 0; i < HEX_DIGITS[letter]!; i++) {
        if (i > 0 && !this.#bumpAndSkip()) throw new RegexProblem(cutShort, this.#here);
        digit();
      }
      this.#bumpAndSkip();
      const code = scalarOf(digits);
      if (code === undefined)
        throw new RegexProblem('hexadecimal literal is not a Unicode scalar value', this.#from(brace));
      return { type: 'literal', place: this.#from(start), code, byte: letter === 'x' };
    }
    while (this.#bumpAndSkip() && !this.#isAt('}')) digit();
    if (this.#char === undefined) throw new RegexProblem(cutShort, this.#from(brace));
    const end = this.#at;
    this.#bumpAndSkip();
    if (digits === '') throw new RegexProblem('hexadecimal literal empty', this.#from(brace));
    const code = scalarOf(digits);
    if (code === undefined)
      throw new RegexProblem('hexadecimal literal is not a Unicode scalar value', [brace + 1, end]);
    return { type: 'literal', place: this.#from(start), code, byte: false };
  }

  #unicodeClass(start: number, negated: boolean): UnicodeClass {
    const cutShort = () =>
      new RegexProblem('incomplete escape sequence, reached end of pattern prematurely', this.#here);
    if (!this.#bumpAndSkip()) throw cutShort();
    if (!this.#isAt('{')) {
      const name = this.#char!;
      if (name === '\\') throw new RegexProblem('invalid Unicode character class', this.#thisChar);
      this.#bumpAndSkip();
      return { type: 'unicode', place: this.#from(start), negated, name, value: undefined };
    }
    let text = '';
    while (this.#bumpAndSkip() && !this.#isAt('}')) text += this.#char;
    if (this.#char === undefined) throw cutShort();
    this.#bump();
    const place = this.#from(start);
    const operator = text.includes('!=') ? '!=' : text.includes(':') ? ':' : '=';
    const cut = text.indexOf(operator);
    if (cut === -1) return { type: 'unicode', place, negated, name: text, value: undefined };
    return {
      type: 'unicode',
      place,
      negated: negated !== (operator === '!='),
      name: text.slice(0, cut),
      value: text.slice(cut + operator.length),
    };
  }

  // Brackets

  #bracket(): Bracket {
    let items: SetNode[] = [];
    let start = this.#at;
    for (;;) {
      this.#skipSpace();
      const char = this.#char;
      const next = this.#chars[this.#at + 1];
      if (char === undefined) throw this.#unclosedBracket();
      if (char === '[') {
        const ascii = this.#sets.length > 0 ? this.#asciiClass() : undefined;
        if (ascii) {
          items.push(ascii);
          continue;
        }
        [items, start] = this.#openBracket(items, start);
      } else if (char === ']') {
        const closed = this.#closeBracket(items, start);
        if (closed.bracket) return closed.bracket;
        ({ items, start } = closed);
      } else if (next === char && (char === '&' || char === '-' || char === '~')) {
        this.#at += 2;
        const left = this.#operationWith(unionOf(items, this.#from(start)));
        this.#sets.push({ type: 'operation', operator: `${char}${char}` as '&&' | '--' | '~~', left });
        items = [];
        start = this.#at;
      } else items.push(this.#setRange());
    }
  }

  #unclosedBracket(): RegexProblem {
    const open = this.#sets.findLast((set) => set.type === 'open');
    return new RegexProblem('unclosed character class', open?.bracket.place ?? this.#here);
  }

  #openBracket(outerItems: SetNode[], outerStart: number): [SetNode[], number] {
    const start = this.#at;
    const unclosed = (place: Place) => new RegexProblem('unclosed character class', place);
    if (!this.#bumpAndSkip()) throw unclosed(this.#from(start));
    const negated = this.#isAt('^');
    if (negated && !this.#bumpAndSkip()) throw unclosed(this.#from(start));
    const first = this.#at;
    const items: SetNode[] = [];
    while (this.#isAt('-')) {
      items.push(literalOf('-', this.#thisChar));
      if (!this.#bumpAndSkip()) throw unclosed([start, start]);
    }
    if (items.length === 0 && this.#isAt(']')) {
      items.push(literalOf(']', this.#thisChar));
      if (!this.#bumpAndSkip()) throw unclosed(this.#from(start));
    }
    const place = this.#from(start);
    const bracket: Bracket = { type: 'bracket', place, negated, set: { type: 'empty', place } };
    this.#sets.push({ type: 'open', items: outerItems, start: outerStart, bracket });
    return [items, first];
  }

  #closeBracket(
    inner: SetNode[],
    innerStart: number,
  ): { readonly bracket?: Bracket; readonly items: SetNode[]; readonly start: number } {
    const set = this.#operationWith(unionOf(inner, this.#from(innerStart)));
    const open = this.#sets.pop();
    this.#bump();
    if (open?.type !== 'open') throw this.#unclosedBracket();
    open.bracket.place = this.#from(open.bracket.place[0]);
    open.bracket.set = set;
    if (this.#sets.length === 0) return { bracket: open.bracket, items: [], start: 0 };
    open.items.push(open.bracket);
    return { items: open.items, start: open.start };
  }

  /** A set with the operation that waits for it as its right side, if there is one. */
  #operationWith(right: SetNode): SetNode {
    const outer = this.#sets.at(-1);
    if (outer?.type !== 'operation') return right;
    this.#sets.pop();
    const place: Place = [outer.left.place[0], right.place[1]];
    return { type: 'operation', place, operator: outer.operator, left: outer.left, right };
  }

  #setRange(): SetNode {
    const from = this.#setItem();
    this.#skipSpace();
    if (this.#char === undefined) throw this.#unclosedBracket();
    const past = this.#peekPastSpace();
    if (!this.#isAt('-') || past === ']' || past === '-') {
      if (from.type === 'dot' || from.type === 'assertion')
        throw new RegexProblem('invalid escape sequence found in character class', from.place);
      return from;
    }
    if (!this.#bumpAndSkip()) throw this.#unclosedBracket();
    const to = this.#setItem();
    const notLiteral = 'invalid range boundary, must be a literal';
    if (from.type !== 'literal') throw new RegexProblem(notLiteral, from.place);
    if (to.type !== 'literal') throw new RegexProblem(notLiteral, to.place);
    const place: Place = [from.place[0], to.place[1]];
    if (from.code > to.code)
      throw new RegexProblem('invalid character class range, the start must be <= the end', place);
    return { type: 'range', place, from, to };
  }

  #setItem(): Primitive {
    if (this.#isAt('\\')) return this.#escape();
    const literal = literalOf(this.#char!, this.#thisChar);
    this.#bump();
    return literal;
  }

  /** `[:alpha:]`; anything else that begins so is an ordinary bracket. */
  #asciiClass(): SetNode | undefined {
    if (this.#chars[this.#at + 1] !== ':') return undefined;
    const negated = this.#chars[this.#at + 2] === '^';
    const start = this.#at + (negated ? 3 : 2);
    const end = this.#chars.indexOf(':', start);
    if (end === -1 || end - start > 6 || this.#chars[end + 1] !== ']') return undefined;
    const name = this.#chars.slice(start, end).join('');
    if (!ASCII_CLASSES.has(name)) return undefined;
    const place: Place = [this.#at, end + 2];
    this.#at = end + 2;
    return { type: 'ascii', place, name, negated };
  }
}

const NO_CHANGES: FlagChanges = new Map();

function literalOf(char: string, place: Place): Literal {
  return { type: 'literal', place, code: char.codePointAt(0)!, byte: false };
}

function scalarOf(digits: string): number | undefined {
  const code = Number.parseInt(digits, 16);
  return code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? undefined : code;
}

function concatOf(parts: Syntax[], place: Place): Syntax {
  if (parts.length === 0) return { type: 'empty', place };
  return parts.length === 1 ? parts[0]! : { type: 'concat', place, parts };
}

function unionOf(items: SetNode[], place: Place): SetNode {
  if (items.length === 0) return { type: 'empty', place };
  if (items.length === 1) return items[0]!;
  return { type: 'union', place: [items[0]!.place[0], items.at(-1)!.place[1]], items };
}

/** Everything after this walks trees by recursion: this one stops at the limit. */
function checkNesting(node: Syntax | SetNode, depth: number): void {
  const inside = childrenOf(node);
  if (inside === undefined) return;
  if (depth + 1 > NESTING_MAX)
    throw new RegexProblem(`exceed the maximum number of nested parentheses/brackets (${NESTING_MAX})`, node.place);
  for (const child of inside) checkNesting(child, depth + 1);
}

/** What a node holds; undefined for those that can hold nothing. */
function childrenOf(node: Syntax | SetNode): readonly (Syntax | SetNode)[] | undefined {
  switch (node.type) {
    case 'bracket':
      return [node.set];
    case 'union':
      return node.items;
    case 'operation':
      return [node.left, node.right];
    case 'repeat':
    case 'group':
      return [node.body];
    case 'alternation':
      return node.branches;
    case 'concat':
      return node.parts;
    default:
      return undefined;
  }
}
