// Regular expressions as users of Vector write them (the syntax of Rust's regex crate), made into JavaScript's.
//
// No pattern and no line may stall the process. V8 backtracks, and goes on with its linear engine when it has done so
// too often (22 s become 2 ms for `^(a+)+$`), but only for patterns without the flags `i` and `u` and without
// look-around. So what flags would do is written into the pattern itself: `(?i)` doubles letters, `(?s)` and `(?x)`
// change what is emitted. Only `\p{…}` and characters beyond U+FFFF need the `u` flag and lose the protection.

import './linear_regexp.ts';

/** What is wrong with a pattern. */
export class PatternProblem {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

/** Patterns longer than this are refused: compiling takes time and memory by their length. */
const PATTERN_MAX = 65_536;

/** Groups nested deeper than this are refused, as Rust refuses them. */
const NESTING_MAX = 250;

/** Compiles a pattern, or says what is wrong with it. The expression has no state: use `test`, `exec`, `replace`. */
export function compilePattern(source: string): RegExp | PatternProblem {
  if (source.length > PATTERN_MAX) return new PatternProblem(`the pattern is longer than ${PATTERN_MAX} characters`);
  try {
    const { text, unicode } = new Translation(source).run();
    return new RegExp(text, unicode ? 'u' : '');
  } catch (error) {
    if (error instanceof Unsupported) return new PatternProblem(error.message);
    if (error instanceof SyntaxError)
      return new PatternProblem(
        `\`${source}\` is not a regular expression: ${error.message.replace(/^.*\/[a-z]*: /, '')}`,
      );
    throw error;
  }
}

class Unsupported extends Error {}

interface Flags {
  readonly ignoreCase: boolean;
  readonly multiLine: boolean;
  readonly dotAll: boolean;
  readonly verbose: boolean;
}

const NO_FLAGS: Flags = { ignoreCase: false, multiLine: false, dotAll: false, verbose: false };

const POSIX: Record<string, string> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  ascii: '\\x00-\\x7f',
  blank: '\\t ',
  cntrl: '\\x00-\\x1f\\x7f',
  digit: '0-9',
  graph: '!-~',
  lower: 'a-z',
  print: ' -~',
  punct: '!-\\/:-@\\[-`{-~',
  space: '\\t\\n\\v\\f\\r ',
  upper: 'A-Z',
  word: '0-9A-Za-z_',
  xdigit: '0-9A-Fa-f',
};

/** One pass over a pattern, from Rust's syntax to JavaScript's. */
class Translation {
  readonly #source: string;
  readonly #unicode: boolean;
  /** Flags of the groups around the place, the innermost last. */
  readonly #groups: Flags[] = [NO_FLAGS];
  #at = 0;
  #out = '';

  constructor(source: string) {
    this.#source = source;
    this.#unicode = /\\[pPxu](?:\{|[A-Z])|[\u{10000}-\u{10ffff}]/u.test(source);
  }

  run(): { text: string; unicode: boolean } {
    while (this.#at < this.#source.length) this.#step();
    return { text: this.#out, unicode: this.#unicode };
  }

  get #flags(): Flags {
    return this.#groups.at(-1)!;
  }

  #step(): void {
    const char = this.#source[this.#at]!;
    if (char === '\\') this.#emit(this.#escape(false));
    else if (char === '[') this.#set();
    else if (char === '(') this.#open();
    else if (char === ')') this.#close();
    else if (this.#flags.verbose && (char === '#' || /\s/.test(char))) this.#skipComment(char);
    else if (char === '.') this.#take(1, this.#flags.dotAll ? '[^]' : '[^\\n]');
    else if (char === '^') this.#take(1, this.#flags.multiLine ? '(?m:^)' : '^');
    else if (char === '$') this.#take(1, this.#flags.multiLine ? '(?m:$)' : '$');
    else if (char === '{' && !/^\{\d+(?:,\d*)?\}/.test(this.#source.slice(this.#at, this.#at + 24)))
      this.#take(1, '\\{');
    else if (char === '}' && !/\{\d+(?:,\d*)?$/.test(this.#source.slice(0, this.#at).slice(-24))) this.#take(1, '\\}');
    else this.#letter(String.fromCodePoint(this.#source.codePointAt(this.#at)!));
  }

  #take(length: number, text: string): void {
    this.#at += length;
    this.#out += text;
  }

  #emit(text: string): void {
    this.#out += text;
  }

  #letter(char: string): void {
    this.#at += char.length;
    const cases = this.#flags.ignoreCase ? casesOf(char) : char;
    this.#out += cases.length > char.length ? `[${cases}]` : char;
  }

  #skipComment(char: string): void {
    if (char !== '#') {
      this.#at += 1;
      return;
    }
    const end = this.#source.indexOf('\n', this.#at);
    this.#at = end === -1 ? this.#source.length : end + 1;
  }

  /** `(`: plain, named, without capture, or flags up to the end of the group around. */
  #open(): void {
    if (this.#groups.length > NESTING_MAX) throw new Unsupported(`groups are nested deeper than ${NESTING_MAX}`);
    const rest = this.#source.slice(this.#at, this.#at + 256);
    const flagged = /^\(\?([a-zA-Z]*(?:-[a-zA-Z]+)?)([:)])/.exec(rest);
    const named = /^\(\?P?<([A-Za-z_][\w.[\]]*)>/.exec(rest);
    if (flagged) {
      const flags = withFlags(this.#flags, flagged[1]!);
      this.#at += flagged[0].length;
      if (flagged[2] === ')') this.#groups[this.#groups.length - 1] = flags;
      else {
        this.#groups.push(flags);
        this.#out += '(?:';
      }
      return;
    }
    if (rest.startsWith('(?') && !named)
      throw new Unsupported(
        /^\(\?<?[=!]/.test(rest)
          ? 'look-ahead and look-behind are not supported'
          : `\`${rest.slice(0, 4)}\` does not begin a group that is known`,
      );
    this.#groups.push(this.#flags);
    this.#take(named ? named[0].length : 1, named ? `(?<${named[1]}>` : '(');
  }

  #close(): void {
    if (this.#groups.length === 1) throw new Unsupported('a `)` has no `(` before it');
    this.#groups.pop();
    this.#take(1, ')');
  }

  /** `\…`, in a set or outside. */
  #escape(inSet: boolean): string {
    const rest = this.#source.slice(this.#at, this.#at + 16);
    const next = rest[1];
    if (next === undefined) throw new Unsupported('it ends in a single `\\`');
    const code = /^\\[xuU]\{([0-9A-Fa-f]{1,6})\}|^\\x([0-9A-Fa-f]{2})|^\\u([0-9A-Fa-f]{4})|^\\U([0-9A-Fa-f]{8})/.exec(
      rest,
    );
    if (code) {
      this.#at += code[0].length;
      return this.#code(Number.parseInt(code[1] ?? code[2] ?? code[3] ?? code[4]!, 16));
    }
    if (next === 'p' || next === 'P') return this.#property(rest);
    this.#at += 2;
    if (next === 'A' && !inSet) return '^';
    if (next === 'z' && !inSet) return '$';
    if (next === 'a') return '\\x07';
    if (/[0-9]/.test(next)) throw new Unsupported('references to groups (`\\1`) are not supported');
    if (/[dDwWsSnrtfv]/.test(next) || (/[bB]/.test(next) && !inSet)) return `\\${next}`;
    if (/[A-Za-z]/.test(next)) throw new Unsupported(`\`\\${next}\` is not a known escape`);
    return literal(next);
  }

  #code(code: number): string {
    if (code > 0x10ffff) throw new Unsupported('a code is beyond U+10FFFF');
    if (code > 0xffff) return `\\u{${code.toString(16)}}`;
    return `\\u${code.toString(16).padStart(4, '0')}`;
  }

  /** `\p{Greek}`, `\pL`. */
  #property(rest: string): string {
    const match = /^\\([pP])(?:\{(\^?)([\w=:. -]+)\}|([A-Z]))/.exec(this.#source.slice(this.#at, this.#at + 80));
    if (!match) throw new Unsupported(`\`${rest.slice(0, 3)}\` does not name a class of characters`);
    this.#at += match[0].length;
    const [, letter, inverse, name, short] = match;
    const positive = (letter === 'p') !== (inverse === '^');
    const wanted = (name ?? short!).trim();
    for (const candidate of [wanted, `Script=${wanted}`, `General_Category=${wanted}`]) {
      const text = `\\${positive ? 'p' : 'P'}{${candidate}}`;
      try {
        new RegExp(text, 'u');
        return text;
      } catch {}
    }
    throw new Unsupported(`there is no class of characters \`${wanted}\``);
  }

  /** `[…]` with its ranges, escapes and POSIX classes. */
  #set(): void {
    const negated = this.#source[this.#at + 1] === '^';
    this.#take(negated ? 2 : 1, negated ? '[^' : '[');
    if (this.#source[this.#at] === ']') this.#take(1, '\\]');
    for (let char = this.#source[this.#at]; char !== ']'; char = this.#source[this.#at]) {
      if (char === undefined) throw new Unsupported('a `[` has no `]` behind it');
      const posix = /^\[:(\^?)([a-z]+):\]/.exec(this.#source.slice(this.#at, this.#at + 16));
      if (posix) this.#posix(posix);
      else if (char === '[' || /^(?:&&|--|~~)/.test(this.#source.slice(this.#at, this.#at + 2)))
        throw new Unsupported('sets within sets are not supported; write the characters out');
      else if (this.#flags.verbose && /\s/.test(char)) this.#at += 1;
      else this.#range();
    }
    this.#take(1, ']');
  }

  #posix([all, inverse, name]: RegExpExecArray): void {
    const ranges = POSIX[name!];
    if (ranges === undefined || inverse) throw new Unsupported(`\`${all}\` is not a known class`);
    this.#take(all.length, this.#flags.ignoreCase && /^(?:upper|lower)$/.test(name!) ? 'A-Za-z' : ranges);
  }

  #range(): void {
    const low = this.#member();
    const dash = this.#source[this.#at] === '-' && ![undefined, ']', '-'].includes(this.#source[this.#at + 1]);
    if (!dash || low.char === undefined) {
      this.#emit(
        low.char !== undefined && this.#flags.ignoreCase ? [...casesOf(low.char)].map(literal).join('') : low.text,
      );
      return;
    }
    this.#at += 1;
    const high = this.#member();
    this.#emit(`${low.text}-${high.text}`);
    if (this.#flags.ignoreCase && high.char !== undefined) this.#emit(otherCases(low.char, high.char));
  }

  /** One member of a set: its text, and the character where it is one plain character. */
  #member(): { text: string; char: string | undefined } {
    if (this.#source[this.#at] === '\\') {
      const text = this.#escape(true);
      return { text, char: /^\\[dDwWsSpP]/.test(text) ? undefined : (plainChar(text) ?? '') };
    }
    const char = String.fromCodePoint(this.#source.codePointAt(this.#at)!);
    this.#at += char.length;
    return { text: literal(char), char };
  }
}

/** The character that the text of an escape stands for, where it is a letter or sign. */
function plainChar(text: string): string | undefined {
  const code = /^\\u\{?([0-9a-f]+)\}?$/.exec(text);
  if (code) return String.fromCodePoint(Number.parseInt(code[1]!, 16));
  return text.length === 1 ? text : text.length === 2 && !/[a-z]/.test(text[1]!) ? text[1] : undefined;
}

function withFlags(before: Flags, letters: string): Flags {
  const [on, off = ''] = letters.split('-') as [string, string?];
  for (const letter of on + off) {
    if (!'imsxu'.includes(letter)) throw new Unsupported(`the flag \`${letter}\` is not supported`);
  }
  const value = (letter: string, old: boolean): boolean =>
    on.includes(letter) ? true : off.includes(letter) ? false : old;
  return {
    ignoreCase: value('i', before.ignoreCase),
    multiLine: value('m', before.multiLine),
    dotAll: value('s', before.dotAll),
    verbose: value('x', before.verbose),
  };
}

/** The character in its cases, itself first. */
function casesOf(char: string): string {
  const others = [char.toLowerCase(), char.toUpperCase()].filter((other) => other !== char && [...other].length === 1);
  return char + [...new Set(others)].join('');
}

/** What ranges of letters reach in the other case. */
function otherCases(low: string, high: string): string {
  let text = '';
  for (const [from, to, shift] of [
    ['a', 'z', -32],
    ['A', 'Z', 32],
  ] as const) {
    const first = Math.max(low.charCodeAt(0), from.charCodeAt(0));
    const last = Math.min(high.charCodeAt(0), to.charCodeAt(0));
    if (first <= last) text += `${String.fromCharCode(first + shift)}-${String.fromCharCode(last + shift)}`;
  }
  return text;
}

/** A character that stands for itself, in or outside of a set and with or without the `u` flag. */
function literal(char: string): string {
  return /[\\^$.*+?()[\]{}|/]/.test(char) ? `\\${char}` : char === '-' ? '\\x2d' : char;
}
