// Parses patterns in Oniguruma's own syntax, which grok patterns are written in. It differs from others in this: `^`
// and `$` are of lines, `(?m)` lets the dot match line breaks, `\h` is a hex digit, `++` takes without giving back, and
// where a group has a name, those without do not capture.

import { CharSet } from '../regex/char_set.ts';
import { parseBracket } from './bracket.ts';
import { ALL, DIGIT, HEX, NOT_NEWLINE, SPACE, WORD } from './classes.ts';
import { EMPTY, type Node, OnigProblem, type Pattern } from './node.ts';
import { PatternReader } from './reader.ts';

/** Longer patterns are refused. */
const PATTERN_MAX = 1_000_000;

/** Groups nested deeper than this are refused. */
const NESTING_MAX = 500;

const REPEAT_MAX = 100_000;

interface Options {
  readonly ignoreCase: boolean;
  readonly dotAll: boolean;
  readonly extended: boolean;
}

const NO_OPTIONS: Options = { ignoreCase: false, dotAll: false, extended: false };

/** Throws `OnigProblem`. */
export function parseOnig(source: string): Pattern {
  if (source.length > PATTERN_MAX) throw new OnigProblem(-5, `pattern is longer than ${PATTERN_MAX} characters`);
  return new OnigParser(source).parse();
}

class OnigParser extends PatternReader {
  readonly #names = new Map<string, number[]>();
  /** Whether a group anywhere has a name. */
  readonly #hasNames: boolean;
  #captures = 0;
  #depth = 0;

  constructor(source: string) {
    super(source);
    this.#hasNames = /\(\?<[^=!]|\(\?'/.test(source.replace(/\\[\s\S]/g, ''));
  }

  parse(): Pattern {
    const node = this.#choice(NO_OPTIONS);
    if (!this.atEnd) throw new OnigProblem(-116, 'unmatched close parenthesis');
    return { node, captureCount: this.#captures, names: this.#names };
  }

  #choice(options: Options): Node {
    if (++this.#depth > NESTING_MAX) throw new OnigProblem(-16, 'parse depth limit over');
    const branches: Node[] = [];
    do branches.push(this.#sequence(options));
    while (this.take('|'));
    this.#depth--;
    return branches.length === 1 ? branches[0]! : { type: 'choice', branches };
  }

  #sequence(options: Options): Node {
    const parts: Node[] = [];
    while (!this.atEnd && this.char !== '|' && this.char !== ')') {
      if (options.extended && this.#skipExtended()) continue;
      const part = this.#repeated(options);
      if (part !== EMPTY) parts.push(part);
    }
    return parts.length === 1 ? parts[0]! : { type: 'sequence', parts };
  }

  #skipExtended(): boolean {
    if (/[ \t\n\r\f\v]/.test(this.char)) {
      this.at++;
      return true;
    }
    if (this.char !== '#') return false;
    const end = this.source.indexOf('\n', this.at);
    this.at = end === -1 ? this.source.length : end;
    return true;
  }

  #repeated(options: Options): Node {
    if (/[*+?]/.test(this.char) || this.#interval(false))
      throw new OnigProblem(-113, 'target of repeat operator is not specified');
    let node = this.#atom(options);
    for (;;) {
      if (options.extended && this.#skipExtended()) continue;
      const next = this.#quantified(node);
      if (!next) return node;
      if (isPlace(node)) throw new OnigProblem(-114, 'target of repeat operator is invalid');
      node = next;
    }
  }

  #quantified(body: Node): Node | undefined {
    const plain = QUANTIFIERS[this.char];
    if (plain) {
      this.at++;
      const [min, max] = plain;
      if (this.take('?')) return { type: 'repeat', min, max, greedy: false, body };
      const repeat: Node = { type: 'repeat', min, max, greedy: true, body };
      return this.take('+') ? { type: 'atomic', body: repeat } : repeat;
    }
    const interval = this.#interval(true);
    if (!interval) return undefined;
    const [min, max] = interval;
    if (min > max) return { type: 'atomic', body: { type: 'repeat', min: max, max: min, greedy: true, body } };
    // `{n}?` is not lazy but optional.
    if (min === max || !this.take('?')) return { type: 'repeat', min, max, greedy: true, body };
    return { type: 'repeat', min, max, greedy: false, body };
  }

  /** `{n}`, `{n,}`, `{,m}`, `{n,m}`; anything else with a brace is no interval. */
  #interval(consume: boolean): readonly [number, number] | undefined {
    if (this.char !== '{') return undefined;
    const match = /^\{(?:(\d+)|(\d*),(\d*))\}/.exec(this.source.slice(this.at, this.at + 32));
    if (!match || (match[1] === undefined && match[2] === '' && match[3] === '')) return undefined;
    const exact = match[1];
    const min = Number(exact ?? (match[2] || '0'));
    const max = exact !== undefined ? min : match[3] === '' ? Number.POSITIVE_INFINITY : Number(match[3]);
    if (min > REPEAT_MAX || (max > REPEAT_MAX && max !== Number.POSITIVE_INFINITY))
      throw new OnigProblem(-201, 'too big number for repeat range');
    if (consume) this.at += match[0].length;
    return [min, max];
  }

  #atom(options: Options): Node {
    const char = this.next();
    switch (char) {
      case '(':
        return this.#group(options);
      case '[':
        return { type: 'set', set: parseBracket(this, options.ignoreCase) };
      case '.':
        return { type: 'set', set: options.dotAll ? ALL : NOT_NEWLINE };
      case '^':
        return { type: 'anchor', anchor: 'line start' };
      case '$':
        return { type: 'anchor', anchor: 'line end' };
      case '\\':
        return this.#escape(options);
      default:
        return literal(char.codePointAt(0)!, options);
    }
  }

  #group(options: Options): Node {
    if (!this.take('?')) {
      if (this.#hasNames) return this.#closed(options);
      return this.#capture(options);
    }
    if (this.atEnd) throw endInGroup();
    if (this.take('#')) return this.#comment();
    if (this.take(':')) return this.#closed(options);
    if (this.take('>')) return { type: 'atomic', body: this.#closed(options) };
    if (this.take('=')) return this.#look(options, false, false);
    if (this.take('!')) return this.#look(options, false, true);
    if (this.take('<=')) return this.#look(options, true, false);
    if (this.take('<!')) return this.#look(options, true, true);
    if (this.take('<')) return this.#named(options, '>');
    if (this.take("'")) return this.#named(options, "'");
    return this.#optionGroup(options);
  }

  #comment(): Node {
    while (!this.atEnd) {
      const char = this.next();
      if (char === '\\') this.at++;
      else if (char === ')') return EMPTY;
    }
    throw new OnigProblem(-118, 'end pattern in group');
  }

  #look(options: Options, behind: boolean, negative: boolean): Node {
    return { type: 'look', behind, negative, body: this.#closed(options) };
  }

  #closed(options: Options): Node {
    const body = this.#choice(options);
    if (!this.take(')')) throw new OnigProblem(-117, 'end pattern with unmatched parenthesis');
    return body;
  }

  #capture(options: Options): Node {
    const index = ++this.#captures;
    return { type: 'capture', index, body: this.#closed(options) };
  }

  #named(options: Options, close: string): Node {
    const name = this.#name(close);
    const numbers = this.#names.get(name) ?? [];
    numbers.push(this.#captures + 1);
    this.#names.set(name, numbers);
    return this.#capture(options);
  }

  #name(close: string): string {
    const end = this.source.indexOf(close, this.at);
    if (this.atEnd) throw new OnigProblem(-117, 'end pattern with unmatched parenthesis');
    const stop = this.source.indexOf(')', this.at);
    if (end === this.at) throw new OnigProblem(-214, 'group name is empty');
    if (end === -1 || (stop !== -1 && stop < end)) {
      const rest = this.source.slice(this.at, stop === -1 ? undefined : stop);
      throw new OnigProblem(-215, `invalid group name <${rest}>`);
    }
    const name = this.source.slice(this.at, end);
    if (!/^[^\W\d]|^[^\0-\x7f]/.test(name)) throw new OnigProblem(-215, `invalid group name <${name}>`);
    this.at = end + close.length;
    return name;
  }

  /** `(?i-x:…)`, or `(?i)` for the rest of the group around it. */
  #optionGroup(options: Options): Node {
    if (this.char === ')') throw new OnigProblem(-119, 'undefined group option');
    let changed = options;
    let on = true;
    for (;;) {
      if (this.atEnd) throw endInGroup();
      const char = this.next();
      if (char === ')') return this.#rest(changed);
      if (char === ':') return this.#closed(changed);
      if (char === '-') on = false;
      else if (char === 'i') changed = { ...changed, ignoreCase: on };
      else if (char === 'm') changed = { ...changed, dotAll: on };
      else if (char === 'x') changed = { ...changed, extended: on };
      else if (char === 'y' && this.take('{')) this.#segmentMode();
      else if (!/[WDSPCL]/.test(char)) throw new OnigProblem(-119, 'undefined group option');
    }
  }

  /** `y{g}`, `y{w}`: only `\X` and `\y` would heed it. */
  #segmentMode(): void {
    if (!this.take('g}') && !this.take('w}')) throw new OnigProblem(-119, 'undefined group option');
  }

  #rest(options: Options): Node {
    if (/[*+?]/.test(this.char) || this.#interval(false))
      throw new OnigProblem(-113, 'target of repeat operator is not specified');
    return this.#choice(options);
  }

  #escape(options: Options): Node {
    if (this.atEnd) throw new OnigProblem(-104, 'end pattern at escape');
    const char = this.source[this.at]!;
    const anchor = ANCHORS[char];
    if (anchor) {
      this.at++;
      return { type: 'anchor', anchor };
    }
    const set = CLASSES[char];
    if (set) {
      this.at++;
      return { type: 'set', set };
    }
    if (/^[pP]\{/.test(this.source.slice(this.at, this.at + 2)))
      return { type: 'set', set: this.#fold(this.property(), options) };
    if (char === 'R' || char === 'X' || char === 'K') {
      this.at++;
      // The start of the whole match, which `\K` moves, is nobody's concern.
      return char === 'R' ? LINE_BREAK : char === 'K' ? EMPTY : GRAPHEME;
    }
    if (char === 'k' && this.source[this.at + 1] === '<') return this.#backReference(options);
    if (char === 'g' && this.source[this.at + 1] === '<') {
      this.at += 2;
      throw new OnigProblem(-217, `undefined name <${this.#name('>')}> call`);
    }
    if (/[1-9]/.test(char)) return this.#numbered(options);
    if (char === 'u' && !/^u[0-9A-Fa-f]{4}/.test(this.source.slice(this.at, this.at + 5)))
      throw new OnigProblem(-400, 'invalid code point value');
    return literal(this.escapedCode(), options);
  }

  #fold(set: CharSet, options: Options): CharSet {
    return options.ignoreCase ? set.folded() : set;
  }

  #backReference(options: Options): Node {
    this.at += 2;
    const name = this.#name('>');
    const captures = this.#names.get(name);
    if (!captures) throw new OnigProblem(-217, `undefined name <${name}> reference`);
    return { type: 'reference', captures: [...captures], foldCase: options.ignoreCase };
  }

  #numbered(options: Options): Node {
    const digits = /^\d+/.exec(this.source.slice(this.at, this.at + 8))![0];
    const number = Number(digits);
    if (number <= this.#captures || number <= 9) {
      if (this.#hasNames) throw new OnigProblem(-209, 'numbered backref/call is not allowed. (use name)');
      if (number > this.#captures) throw new OnigProblem(-208, 'invalid backref number/name');
      this.at += digits.length;
      return { type: 'reference', captures: [number], foldCase: options.ignoreCase };
    }
    return literal(this.escapedCode(), options);
  }
}

/** Whether it only tells something of a place, so that repeating it makes no sense. */
function isPlace(node: Node): boolean {
  if (node.type === 'choice') return node.branches.some(isPlace);
  return node.type === 'anchor' || node.type === 'look';
}

function endInGroup(): OnigProblem {
  return new OnigProblem(-118, 'end pattern in group');
}

const QUANTIFIERS: Readonly<Record<string, readonly [number, number]>> = {
  '*': [0, Number.POSITIVE_INFINITY],
  '+': [1, Number.POSITIVE_INFINITY],
  '?': [0, 1],
};

const ANCHORS = {
  A: 'text start',
  z: 'text end',
  Z: 'last line end',
  b: 'word boundary',
  B: 'no word boundary',
  G: 'search start',
} as const as Readonly<Record<string, Extract<Node, { type: 'anchor' }>['anchor']>>;

const CLASSES: Readonly<Record<string, CharSet>> = {
  d: DIGIT,
  D: DIGIT.negated(),
  s: SPACE,
  S: SPACE.negated(),
  w: WORD,
  W: WORD.negated(),
  h: HEX,
  H: HEX.negated(),
  N: NOT_NEWLINE,
  O: ALL,
};

const LINE_BREAK: Node = {
  type: 'atomic',
  body: {
    type: 'choice',
    branches: [
      {
        type: 'sequence',
        parts: [
          { type: 'char', code: 13 },
          { type: 'char', code: 10 },
        ],
      },
      { type: 'set', set: CharSet.of([10, 13, 0x85, 0x85, 0x2028, 0x2029]) },
    ],
  },
};

/** A character with the marks that combine with it. */
const GRAPHEME: Node = {
  type: 'atomic',
  body: {
    type: 'sequence',
    parts: [
      { type: 'set', set: ALL },
      {
        type: 'repeat',
        min: 0,
        max: Number.POSITIVE_INFINITY,
        greedy: true,
        body: { type: 'set', set: CharSet.named('\\p{M}\\u200d', true) },
      },
    ],
  },
};

function literal(code: number, options: Options): Node {
  if (!options.ignoreCase) return { type: 'char', code };
  const set = CharSet.of([code, code]).folded();
  const ranges = set.ranges(0x10ffff);
  return ranges.length === 2 && ranges[0] === ranges[1] ? { type: 'char', code } : { type: 'set', set };
}
