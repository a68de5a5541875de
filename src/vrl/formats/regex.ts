// Regular expressions with the syntax and the meaning of Rust's regex crate: leftmost-first, Unicode-aware, without
// look-around and references, and never slower than linear in the text.
//
// A pattern is parsed once. What executes it is made when text arrives that needs it: V8 for text of Latin-1, of the
// basic plane, or of any characters; and the machine in `regex/machine.ts` for what V8 would match in another way or
// cannot promise to finish.

import { isLinearPattern } from '../../std/linear_regexp.ts';
import { type ByteMatcher, byteMatcher } from './regex/byte_matcher.ts';
import type { Limit } from './regex/char_set.ts';
import { type Emitted, emit } from './regex/emit.ts';
import { Machine, PROGRAM_MAX, ProgramTooBig } from './regex/machine.ts';
import { isNullable, type Node } from './regex/node.ts';
import { parsePattern } from './regex/parse.ts';
import { programSize } from './regex/program_size.ts';
import { RegexProblem, reportOf } from './regex/syntax.ts';
import { translate } from './regex/translate.ts';

/** Compiled patterns that are kept for those who come with the same pattern again. */
const CACHE_MAX = 512;

/** A match: item 0 is all of it, the others are the captures by number, undefined where one took no part. */
export interface RegexMatch extends ReadonlyArray<string | undefined> {
  readonly 0: string;
  /** Where it starts, in UTF-16 units; it ends at `index + match[0].length`. */
  readonly index: number;
}

type Executor = RegExp | Machine;

export class CompiledRegex {
  readonly source: string;
  /** Names of the captures by number; item 0, the whole match, has none. */
  readonly names: readonly (string | undefined)[];
  /** Whether there can be a match of no characters. */
  readonly isNullable: boolean;
  readonly #node: Node;
  /** What makes a text unfit for the executor of Latin-1 text; undefined when nothing does. */
  #unfit: RegExp | undefined;
  #narrow: Executor | undefined;
  #basic: Executor | undefined;
  #full: Executor | undefined;
  #machine: Machine | undefined;
  /** Null when there is none. */
  #byteMatcher: ByteMatcher | null | undefined;
  /** The template used last: a program mostly has one. */
  #template: { readonly text: string; readonly parts: readonly TemplatePart[] } | undefined;
  /** Whether V8's executors of wider text cannot take all line breaks. */
  #plainLines = false;

  constructor(source: string, names: readonly (string | undefined)[], node: Node) {
    this.source = source;
    this.names = names;
    this.isNullable = isNullable(node);
    this.#node = node;
  }

  /** Finds the captures in bytes, where the pattern leaves no choice. */
  get byteMatcher(): ByteMatcher | undefined {
    if (this.#byteMatcher === undefined) this.#byteMatcher = byteMatcher(this.#node, this.names) ?? null;
    return this.#byteMatcher ?? undefined;
  }

  /** How many captures there are, without the whole match. */
  get captureCount(): number {
    return this.names.length - 1;
  }

  /** Whether it matches anywhere in the text. */
  test(text: string): boolean {
    const executor = this.#executor(text);
    if (executor instanceof Machine) return executor.run(text, 0) !== undefined;
    executor.lastIndex = 0;
    return executor.test(text);
  }

  /** The first match at or after `from`. */
  exec(text: string, from = 0): RegexMatch | undefined {
    return find(this.#executor(text), text, from);
  }

  /**
   * Calls `visit` for the matches from left to right, none overlapping, none empty right behind another; stops when it
   * returns false.
   */
  forEach(text: string, visit: (match: RegexMatch) => boolean | undefined): void {
    const executor = this.#executor(text);
    for (let from = 0, lastEnd = -1; from <= text.length; ) {
      const match = find(executor, text, from);
      if (!match) return;
      const end = match.index + match[0].length;
      if (end === match.index && end === lastEnd) {
        from = end + (text.codePointAt(end)! > 0xffff ? 2 : 1);
        continue;
      }
      if (visit(match) === false) return;
      from = end;
      lastEnd = end;
    }
  }

  /** All matches as `forEach` visits them. */
  matches(text: string): RegexMatch[] {
    const all: RegexMatch[] = [];
    this.forEach(text, (match) => {
      all.push(match);
      return true;
    });
    return all;
  }

  /** The text with each match (the first `limit` ones) replaced by what `replacement` makes of it. */
  replaceBy(text: string, replacement: (match: RegexMatch) => string, limit = Infinity): string {
    if (limit <= 0) return text;
    let result = '';
    let end = 0;
    let count = 0;
    this.forEach(text, (match) => {
      result += text.slice(end, match.index) + replacement(match);
      end = match.index + match[0].length;
      count += 1;
      return count < limit;
    });
    return count === 0 ? text : result + text.slice(end);
  }

  /** The same with a template: `$1`, `$name`, `${name}` stand for captures, `$$` for a dollar sign. */
  replace(text: string, template: string, limit = Infinity): string {
    if (!template.includes('$')) {
      if (limit === Infinity && !this.isNullable) {
        const executor = this.#executor(text);
        // An empty match right behind another is the only case in which JavaScript replaces more than Rust.
        if (executor instanceof RegExp) {
          executor.lastIndex = 0;
          return text.replace(executor, template);
        }
      }
      return this.replaceBy(text, () => template, limit);
    }
    if (this.#template?.text !== template) this.#template = { text: template, parts: templateOf(template, this.names) };
    const { parts } = this.#template;
    return this.replaceBy(text, (match) => expand(parts, match), limit);
  }

  /** The pieces of the text between matches; with a limit, the last piece is the rest. */
  split(text: string, limit = Infinity): string[] {
    if (limit <= 0) return [];
    const pieces: string[] = [];
    let end = 0;
    if (limit > 1) {
      this.forEach(text, (match) => {
        pieces.push(text.slice(end, match.index));
        end = match.index + match[0].length;
        return pieces.length < limit - 1;
      });
    }
    pieces.push(text.slice(end));
    return pieces;
  }

  #executor(text: string): Executor {
    this.#narrow ??= this.#prepare();
    if (this.#unfit === undefined || !this.#unfit.test(text)) return this.#narrow;
    return this.#wide(text);
  }

  #prepare(): Executor {
    const emitted = this.#emitted(0xff);
    if (emitted === undefined) return this.#lastResort();
    if (!emitted.unlimited) this.#unfit = unfitFor(emitted);
    return new RegExp(emitted.text, 'g');
  }

  #wide(text: string): Executor {
    const basic = !SURROGATE.test(text);
    const executor = basic ? (this.#basic ??= this.#forLimit(0xffff)) : (this.#full ??= this.#forLimit(0x10ffff));
    if (this.#plainLines && executor instanceof RegExp && OTHER_LINE_BREAK.test(text)) return this.#lastResort();
    return executor;
  }

  #forLimit(limit: Limit): Executor {
    const emitted = this.#emitted(limit);
    if (emitted === undefined) return this.#lastResort();
    this.#plainLines ||= emitted.plainLines;
    return new RegExp(emitted.text, 'g');
  }

  /** The pattern for V8 in a form that cannot stall. */
  #emitted(limit: Limit): Emitted | undefined {
    for (const unroll of [false, true]) {
      const emitted = emit(this.#node, limit, unroll);
      if (emitted === undefined) continue;
      if (isLinearPattern(emitted.text)) return emitted;
    }
    return undefined;
  }

  #lastResort(): Machine {
    this.#machine ??= new Machine(this.#node, this.names.length);
    return this.#machine;
  }
}

const SURROGATE = /[\ud800-\udfff]/;
const OTHER_LINE_BREAK = /[\r\u2028\u2029]/;

function unfitFor({ asciiOnly, plainLines }: Emitted): RegExp {
  if (asciiOnly) return plainLines ? /[^\0-\x0c\x0e-\x7f]/ : /[^\0-\x7f]/;
  return plainLines ? /[^\0-\x0c\x0e-\xff]/ : /[^\0-\xff]/;
}

function find(executor: Executor, text: string, from: number): RegexMatch | undefined {
  if (executor instanceof RegExp) {
    executor.lastIndex = from;
    return (executor.exec(text) as RegexMatch | null) ?? undefined;
  }
  const slots = executor.run(text, from);
  if (!slots) return undefined;
  const captures: (string | undefined)[] = [];
  for (let i = 0; i < slots.length; i += 2)
    captures.push(slots[i]! < 0 || slots[i + 1]! < 0 ? undefined : text.slice(slots[i], slots[i + 1]));
  return Object.assign(captures, { index: slots[0]! }) as unknown as RegexMatch;
}

/** Text that stands for itself, or the number of a capture; -1 for one that does not exist. */
type TemplatePart = string | number;

function templateOf(template: string, names: readonly (string | undefined)[]): TemplatePart[] {
  const parts: TemplatePart[] = [];
  let last = 0;
  for (const match of template.matchAll(/\$(?:(\$)|\{([^}]*)\}|([0-9A-Za-z_]+))/g)) {
    const [all, dollar, braced, plain] = match;
    if (match.index > last) parts.push(template.slice(last, match.index));
    parts.push(dollar ?? captureNumber((braced ?? plain)!, names));
    last = match.index + all.length;
  }
  if (last < template.length) parts.push(template.slice(last));
  return parts;
}

function captureNumber(name: string, names: readonly (string | undefined)[]): number {
  if (/^\+?[0-9]+$/.test(name)) return Number(name) < names.length ? Number(name) : -1;
  return name === '' ? -1 : names.indexOf(name);
}

function expand(parts: readonly TemplatePart[], match: RegexMatch): string {
  let text = '';
  for (const part of parts) text += typeof part === 'string' ? part : (match[part] ?? '');
  return text;
}

const cache = new Map<string, CompiledRegex | string>();

/** A pattern that is parsed and was used, as measured. */
const REGEX_BYTES = 1_300;
const PATTERN_CHARACTER_BYTES = 50;
let cachedCharacters = 0;

/** Estimated bytes of the patterns that are kept. */
export function keptPatternBytes(): number {
  return cache.size * REGEX_BYTES + cachedCharacters * PATTERN_CHARACTER_BYTES;
}

/** The pattern ready to be used, or the report of what is wrong with it (of several lines; programs can read it). */
export function compileRegex(source: string): CompiledRegex | string {
  const known = cache.get(source);
  if (known !== undefined) return known;
  const compiled = compile(source);
  if (cache.size >= CACHE_MAX) {
    const oldest = cache.keys().next().value!;
    cache.delete(oldest);
    cachedCharacters -= oldest.length;
  }
  cache.set(source, compiled);
  cachedCharacters += source.length;
  return compiled;
}

/** Finds in bytes what a pattern captures; undefined where that may be done in more than one way, or is no pattern. */
export function byteMatcherOf(source: string): ByteMatcher | undefined {
  const regex = compileRegex(source);
  return typeof regex === 'string' ? undefined : regex.byteMatcher;
}

function compile(source: string): CompiledRegex | string {
  const chars = Array.from(source);
  try {
    const { syntax, names } = parsePattern(chars);
    const node = translate(syntax);
    const size = programSize(node);
    if (size > PROGRAM_MAX || size * names.length > SLOTS_MAX) return TOO_BIG;
    return new CompiledRegex(source, names, node);
  } catch (error) {
    if (error instanceof RegexProblem) return reportOf(error, chars);
    if (error instanceof ProgramTooBig) return TOO_BIG;
    throw error;
  }
}

/** Instructions times captures: what the machine needs memory for. */
const SLOTS_MAX = 4_000_000;

const TOO_BIG = 'Compiled regex exceeds size limit of 10485760 bytes.';

/** The compiled pattern of a regex value, which is valid as all regex values are. */
export function regexOf(value: { readonly source: string }): CompiledRegex {
  const compiled = compileRegex(value.source);
  if (typeof compiled === 'string') throw new Error(compiled);
  return compiled;
}

/** The report of `compileRegex` in one line, as compile errors show it. */
export function regexProblemLine(report: string): string {
  const lines = report
    .split('\n')
    .filter((line) => line.trim() !== '^' && line !== 'regex parse error:')
    .map((line) => line.replace(/^(?:error: )+/, '').trim());
  return `regex parse error: ${lines.reverse().join(': ')}`;
}
