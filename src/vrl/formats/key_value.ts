// Lines of key-value pairs: `a=1 b="two words" c`. Delimiters are free; keys and values may stand in quotes.

import { setField } from '../../event/object.ts';
import type { ObjectValue, Value } from '../../event/value.ts';
import { type Failure, fail } from '../4_run/failure.ts';
import { ruleNote, type TraceNote, traceText } from './parse_trace.ts';
import { isWhitespace, trimmedSlice } from './utf8_text.ts';

export interface KeyValueOptions {
  readonly keyValueDelimiter: string;
  readonly fieldDelimiter: string;
  /** Blanks around the delimiter of key and value are skipped. */
  readonly lenient: boolean;
  /** A key without a value is taken, as `true`. */
  readonly standaloneKey: boolean;
}

const SPACE = 32;
const TAB = 9;
const DOUBLE_QUOTE = 34;
const SINGLE_QUOTE = 39;
const BACKSLASH = 92;

/** Parses a line into an object; values of a repeated key become an array. */
export function parseKeyValue(input: string, options: KeyValueOptions): ObjectValue | Failure {
  return new Line(input, options).parse();
}

class Line {
  readonly #input: string;
  readonly #delimiter: string;
  readonly #field: string;
  readonly #lenient: boolean;
  readonly #standalone: boolean;
  #at = 0;
  /** Why the last pair was none. */
  #notes: readonly TraceNote[] = [];
  /** Where the next delimiter of key and value is, for places before it: a line without one is searched once. */
  #nextDelimiter = -1;

  constructor(input: string, options: KeyValueOptions) {
    this.#input = input;
    this.#delimiter = options.keyValueDelimiter;
    this.#field = options.fieldDelimiter;
    this.#lenient = options.lenient;
    this.#standalone = options.standaloneKey;
  }

  parse(): ObjectValue | Failure {
    const result: ObjectValue = {};
    if (!this.#pair(result)) return fail(traceText(this.#input, this.#notes));
    for (;;) {
      const before = this.#at;
      const after = this.#separator(before, this.#field);
      if (after === -1) break;
      this.#at = after;
      if (!this.#pair(result)) {
        this.#at = before;
        break;
      }
    }
    for (let i = this.#at; i < this.#input.length; i++) {
      if (!isWhitespace(this.#input.charCodeAt(i))) return fail('could not parse whole line successfully');
    }
    return result;
  }

  #pair(result: ObjectValue): boolean {
    const start = this.#at;
    this.#at = this.#skipBlanks(start);
    // Blanks up to the end of the line are not passed over, as far as messages go.
    const shown = this.#at === this.#input.length ? start : this.#at;
    const key = this.#key();
    if (key === '') return this.#refuse([ruleNote(shown, 'Verify')]);
    const keyEnd = this.#at;
    let found = false;
    const place = this.#lenient ? this.#skipBlanks(keyEnd) : keyEnd;
    if (this.#input.startsWith(this.#delimiter, place)) {
      const end = place + this.#delimiter.length;
      this.#at = this.#lenient ? this.#skipBlanks(end) : end;
      if (this.#at === keyEnd) return this.#refuse([ruleNote(keyEnd, 'ManyMN')]);
      found = true;
    } else if (!this.#standalone) {
      const shownPlace = place === this.#input.length ? keyEnd : place;
      return this.#refuse([ruleNote(shownPlace, 'Tag'), ruleNote(keyEnd, 'ManyMN')]);
    }
    const value = this.#value();
    add(result, key, found ? value : true);
    return true;
  }

  #refuse(notes: readonly TraceNote[]): false {
    this.#notes = notes;
    return false;
  }

  /** The key at the place, empty when there is none. */
  #key(): string {
    const start = this.#at;
    const first = this.#input.charCodeAt(start);
    if (first === SINGLE_QUOTE || first === DOUBLE_QUOTE) {
      const key =
        this.#quoted(first, this.#delimiter) ?? (this.#standalone ? this.#quoted(first, this.#field) : undefined);
      if (key !== undefined) return key;
    }
    const end = this.#findDelimiter(start);
    let key = this.#plain(start, end);
    if (this.#standalone && (key === '' || key.includes(this.#field))) {
      const fieldEnd = this.#input.indexOf(this.#field, start);
      key = this.#plain(start, fieldEnd === -1 ? this.#input.length : fieldEnd);
    }
    return key;
  }

  #findDelimiter(start: number): number {
    if (this.#nextDelimiter < start) {
      const found = this.#input.indexOf(this.#delimiter, start);
      this.#nextDelimiter = found === -1 ? this.#input.length : found;
    }
    return this.#nextDelimiter;
  }

  #value(): string {
    const start = this.#at;
    const first = this.#input.charCodeAt(start);
    if (first === SINGLE_QUOTE || first === DOUBLE_QUOTE) {
      const value = this.#quoted(first, this.#field);
      if (value !== undefined) return value;
    }
    const end = this.#input.indexOf(this.#field, start);
    return this.#plain(start, end === -1 ? this.#input.length : end);
  }

  #plain(start: number, end: number): string {
    this.#at = end;
    return trimmedSlice(this.#input, start, end);
  }

  /**
   * Quoted text, when `terminator` or the end of the line follows. Text that only begins like one
   * (`"some" words`) is not quoted.
   */
  #quoted(quote: number, terminator: string): string | undefined {
    const input = this.#input;
    const start = this.#at + 1;
    let escaped = false;
    let end = start;
    for (; ; end++) {
      if (end >= input.length) return undefined;
      const code = input.charCodeAt(end);
      if (code === quote) break;
      if (code === BACKSLASH) {
        escaped = true;
        end++;
      }
    }
    const after = end + 1;
    if (this.#separator(after, terminator) === -1 && this.#skipBlanks(after) !== input.length) return undefined;
    this.#at = after;
    const text = input.slice(start, end);
    return escaped ? withoutEscapes(text) : text;
  }

  /** The place behind a delimiter with the spaces before it; -1 when there is none. */
  #separator(at: number, delimiter: string): number {
    let place = at;
    while (this.#input.charCodeAt(place) === SPACE) place++;
    if (delimiter === ' ') return place === at ? -1 : place;
    return this.#input.startsWith(delimiter, place) ? place + delimiter.length : -1;
  }

  #skipBlanks(at: number): number {
    for (;;) {
      const code = this.#input.charCodeAt(at);
      if (code !== SPACE && code !== TAB) return at;
      at++;
    }
  }
}

/** The escapes that the encoder writes; any other backslash stands for itself. */
function withoutEscapes(text: string): string {
  return text.replace(/\\([n\\"])/g, (_, char: string) => (char === 'n' ? '\n' : char));
}

function add(result: ObjectValue, key: string, value: Value): void {
  // Names that every object inherits are looked up properly; for all others this is the fast way.
  let existing: Value | undefined = result[key];
  if (existing !== undefined && !Object.hasOwn(result, key)) existing = undefined;
  if (existing === undefined) setField(result, key, value);
  else if (value === true) return;
  else if (existing === true) setField(result, key, value);
  else if (Array.isArray(existing)) existing.push(value);
  else setField(result, key, [existing, value]);
}
