// Hashes as Ruby prints them: `{ "a" => 1, :b => [nil, true], c: { 'd' => :e } }`. Every number is a float.

import { setField } from '../../event/object.ts';
import { float, type ObjectValue, type Value } from '../../event/value.ts';
import { type Failure, fail } from '../4_run/failure.ts';
import { charNote, contextNote, ruleNote, type TraceNote, traceText } from './parse_trace.ts';
import { isWhitespace } from './utf8_text.ts';

/** Hashes and arrays nested deeper than this are refused. */
const NESTING_MAX = 250;

export function parseRubyHash(input: string): Value | Failure {
  const parser = new Parser(input);
  try {
    const result = parser.hash(0);
    if (result === undefined) return fail(traceText(input, parser.notes));
    for (let i = parser.at; i < input.length; i++) {
      if (!isWhitespace(input.charCodeAt(i))) return fail('could not parse whole line successfully');
    }
    return result;
  } catch (error) {
    if (error instanceof TooDeep) return fail(`hashes and arrays are nested deeper than ${NESTING_MAX}`);
    if (!(error instanceof Malformed)) throw error;
    return fail(traceText(input, error.notes));
  }
}

/** An error behind which no other reading is tried. */
class Malformed extends Error {
  readonly notes: TraceNote[];
  constructor(...notes: TraceNote[]) {
    super();
    this.notes = notes;
  }
}

class TooDeep extends Error {}

/** Methods return undefined where their thing does not begin, with the reason in `notes`. */
class Parser {
  at = 0;
  notes: TraceNote[] = [];
  readonly #input: string;

  constructor(input: string) {
    this.#input = input;
  }

  hash(depth: number): ObjectValue | undefined {
    return this.#within('map', '{', '}', depth, () => {
      const result: ObjectValue = {};
      this.#list(() => {
        const pair = this.#pair(depth);
        if (!pair) return false;
        setField(result, pair[0], pair[1]);
        return true;
      });
      return result;
    });
  }

  #array(depth: number): Value[] | undefined {
    return this.#within('array', '[', ']', depth, () => {
      const items: Value[] = [];
      this.#list(() => {
        const item = this.#value(depth);
        if (item === undefined) return false;
        items.push(item);
        return true;
      });
      return items;
    });
  }

  #within<T>(name: string, open: string, close: string, depth: number, inner: () => T): T | undefined {
    const start = this.at;
    if (this.#input[start] !== open) {
      this.notes = [charNote(start, open), contextNote(start, name)];
      return undefined;
    }
    if (depth >= NESTING_MAX) throw new TooDeep();
    this.at++;
    try {
      const result = inner();
      this.#skipBlanks();
      if (this.#input[this.at] !== close) throw new Malformed(charNote(this.at, close));
      this.at++;
      return result;
    } catch (error) {
      if (error instanceof Malformed) error.notes.push(contextNote(start, name));
      throw error;
    }
  }

  /** Items between commas; stops before what is no item, and before a comma that none follows. */
  #list(item: () => boolean): void {
    let before = this.at;
    if (!item()) {
      this.at = before;
      return;
    }
    for (;;) {
      before = this.at;
      this.#skipBlanks();
      if (this.#input[this.at] === ',') {
        this.at++;
        if (item()) continue;
      }
      this.at = before;
      return;
    }
  }

  #pair(depth: number): [string, Value] | undefined {
    this.#skipBlanks();
    const key = this.#key();
    if (key === undefined) return undefined;
    this.#skipBlanks();
    if (this.#input[this.at] === ':') this.at++;
    else if (this.#input.startsWith('=>', this.at)) this.at += 2;
    else throw new Malformed(ruleNote(this.at, 'Tag'), ruleNote(this.at, 'Alt'));
    const value = this.#value(depth);
    return value === undefined ? undefined : [key, value];
  }

  #key(): string | undefined {
    const first = this.#input[this.at];
    if (first === '"' || first === "'") return this.#string(first);
    if (first !== ':') return this.#symbol();
    this.at++;
    return this.#colonName();
  }

  /** What follows the colon of a symbol. */
  #colonName(): string | undefined {
    const quote = this.#input[this.at];
    return quote === '"' || quote === "'" ? this.#string(quote) : this.#symbol();
  }

  #symbol(): string | undefined {
    const start = this.at;
    SYMBOL.lastIndex = start;
    const end = SYMBOL.exec(this.#input)?.index ?? this.#input.length;
    if (end === start) return undefined;
    this.at = end;
    return this.#input.slice(start, end);
  }

  #string(quote: string): string {
    const start = this.at;
    const end = this.#stringEnd(start + 1, quote);
    if (this.#input[end] !== quote) throw new Malformed(charNote(end, quote), contextNote(start, 'string'));
    this.at = end + 1;
    return this.#input.slice(start + 1, end);
  }

  /**
   * Where the text of a string ends; its escapes stay as they are. A backslash before anything but a quote or another
   * backslash needs an ordinary character before it; where it has none the text counts as empty.
   */
  #stringEnd(start: number, quote: string): number {
    const input = this.#input;
    let ordinaryBefore = false;
    let at = start;
    while (at < input.length && input[at] !== quote) {
      if (input[at] !== '\\') {
        ordinaryBefore = true;
        at++;
        continue;
      }
      const escaped = input[at + 1];
      if (escaped === undefined) return start;
      if (escaped === '\\' || escaped === quote) ordinaryBefore = false;
      else if (!ordinaryBefore) return start;
      else ordinaryBefore = false;
      at += 2;
    }
    return at;
  }

  #value(depth: number): Value | undefined {
    this.#skipBlanks();
    const start = this.at;
    const input = this.#input;
    const first = input[start];
    if (first === '{') return this.hash(depth + 1);
    if (first === '[') return this.#array(depth + 1);
    if (first === '"' || first === "'") return this.#quotedValue(first, start);
    if (first === ':') {
      this.at++;
      const name = this.#colonName();
      if (name !== undefined) return name;
      this.at = start;
    }
    for (const [word, value] of WORDS) {
      if (!input.startsWith(word, start)) continue;
      this.at += word.length;
      return value;
    }
    const number = this.#number(start);
    if (number === undefined) this.notes = [ruleNote(start, 'Tag'), ruleNote(start, 'Alt'), ruleNote(start, 'Alt')];
    return number;
  }

  #quotedValue(quote: string, start: number): Value {
    try {
      return this.#string(quote);
    } catch (error) {
      if (error instanceof Malformed) error.notes.push(contextNote(start, 'bytes'));
      throw error;
    }
  }

  #number(start: number): Value | undefined {
    NUMBER.lastIndex = start;
    const match = NUMBER.exec(this.#input);
    if (!match) return this.#infinity(start);
    // An exponent that has begun must have digits.
    if (match[1] !== undefined && match[2] === undefined) throw new Malformed(ruleNote(start, 'Float'));
    this.at = start + match[0].length;
    return float(Number(match[0]));
  }

  #infinity(start: number): Value | undefined {
    INFINITY.lastIndex = start;
    const match = INFINITY.exec(this.#input);
    if (!match) return undefined;
    this.at = start + match[0].length;
    return float(Number.POSITIVE_INFINITY);
  }

  #skipBlanks(): void {
    for (;;) {
      const code = this.#input.charCodeAt(this.at);
      if (code !== 32 && code !== 9 && code !== 10 && code !== 13) return;
      this.at++;
    }
  }
}

const SYMBOL = /[^A-Za-z0-9_]/g;
const NUMBER = /[+-]?(?:\d+(?:\.\d*)?|\.\d+)([eE](?:[+-]?(\d+))?)?/y;
const INFINITY = /inf(?:inity)?/iy;
const WORDS: readonly (readonly [string, Value])[] = [
  ['nil', null],
  ['true', true],
  ['false', false],
];
