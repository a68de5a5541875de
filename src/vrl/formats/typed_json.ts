// JSON that has to be of one shape, read the way that the original's derived readers read it, whose complaints name the
// line and column where reading stopped.

import { displayFloat } from '../../event/text.ts';
import { debugText } from './debug_text.ts';
import { isDigit, JsonScanner } from './json_scan.ts';

const NESTING_MAX = 128;

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** Reads a text from front to back. Each method takes one thing, or throws `JsonProblem`. */
export class TypedJsonReader {
  readonly #scan: JsonScanner;
  #depth = 0;

  constructor(bytes: Uint8Array) {
    this.#scan = new JsonScanner(bytes, false);
  }

  /** An object with these members, each read by its function; `expected` describes it. All of them must be there. */
  object(expected: string, members: Readonly<Record<string, () => void>>): void {
    const names = Object.keys(members);
    const open = this.#scan.next();
    if (open === OPEN_ARRAY) {
      this.#tuple(expected, Object.values(members));
      return;
    }
    if (open !== OPEN_OBJECT) this.#wrongType(expected);
    this.#enter();
    const found = new Set<string>();
    for (let first = true; this.#key(first); first = false) {
      const name = this.#string();
      if (!names.includes(name)) {
        this.#closeEarly();
        this.#scan.failHere(`unknown field \`${name}\`, expected ${oneOf(names)}`);
      }
      if (found.has(name)) {
        this.#closeEarly();
        this.#scan.failHere(`duplicate field \`${name}\``);
      }
      found.add(name);
      this.#colon();
      members[name]!();
    }
    this.#leave();
    const missing = names.find((name) => !found.has(name));
    if (missing !== undefined) this.#scan.failHere(`missing field \`${missing}\``);
  }

  /** An object written as an array: its members in their order. */
  #tuple(expected: string, members: readonly (() => void)[]): void {
    this.#enter();
    for (const [i, member] of members.entries()) {
      let byte = this.#scan.next();
      if (byte === undefined) this.#scan.failAhead('EOF while parsing a list');
      if (i > 0 && byte !== CLOSE_ARRAY) {
        if (byte !== COMMA) this.#scan.failAhead('expected `,` or `]`');
        this.#scan.take();
        byte = this.#scan.next();
        if (byte === CLOSE_ARRAY) this.#scan.failAhead('trailing comma');
      }
      if (byte === CLOSE_ARRAY) {
        this.#leave();
        this.#scan.failHere(`invalid length ${i}, expected ${expected} with ${members.length} elements`);
      }
      member();
    }
    const end = this.#scan.next();
    if (end === undefined) this.#scan.failAhead('EOF while parsing a list');
    if (end !== CLOSE_ARRAY) this.#scan.failAhead('trailing characters');
    this.#leave();
  }

  /** An array, each item of which `item` reads. */
  array(item: () => void): void {
    if (this.#scan.next() !== OPEN_ARRAY) this.#wrongType('a sequence');
    this.#enter();
    for (let first = true; ; first = false) {
      const byte = this.#scan.next();
      if (byte === CLOSE_ARRAY) break;
      if (byte === undefined) this.#scan.failAhead('EOF while parsing a list');
      if (!first) {
        if (byte !== COMMA) this.#scan.failAhead('expected `,` or `]`');
        this.#scan.take();
        if (this.#scan.next() === CLOSE_ARRAY) this.#scan.failAhead('trailing comma');
      }
      item();
    }
    this.#leave();
  }

  text(): string {
    if (this.#scan.next() !== QUOTE) this.#wrongType('a string');
    return this.#string();
  }

  /** One of several words. */
  word(words: readonly string[]): string {
    const first = this.#scan.next();
    if (first === OPEN_OBJECT) return this.#wordAsKey(words);
    if (first !== QUOTE) this.#scan.failAhead(first === undefined ? 'EOF while parsing a value' : 'expected value');
    return this.#oneOf(words);
  }

  /** A word written as `{"WORD": null}`. */
  #wordAsKey(words: readonly string[]): string {
    this.#enter();
    const first = this.#scan.next();
    if (first === undefined) this.#scan.failAhead('EOF while parsing an object');
    if (first !== QUOTE) this.#scan.failAhead(first === CLOSE_OBJECT ? 'expected value' : 'key must be a string');
    const word = this.#oneOf(words);
    this.#colon();
    if (this.#scan.next() !== 0x6e) this.#wrongType('unit');
    this.#scan.take();
    this.#scan.restOfWord('null');
    const end = this.#scan.next();
    if (end !== CLOSE_OBJECT) this.#scan.failHere(end === undefined ? 'EOF while parsing an object' : 'expected value');
    this.#leave();
    return word;
  }

  #oneOf(words: readonly string[]): string {
    const word = this.#string();
    if (!words.includes(word)) this.#scan.failHere(`unknown variant \`${word}\`, expected ${oneOf(words)}`);
    return word;
  }

  /** A whole number of 64 bits. */
  integer(expected: string): bigint {
    const first = this.#scan.next();
    if (first !== 0x2d && !isDigit(first)) this.#wrongType(expected);
    const number = this.#number();
    if (typeof number === 'number') this.#scan.failHere(`invalid type: ${floatWords(number)}, expected ${expected}`);
    return number;
  }

  /** Nothing more may come. */
  end(): void {
    if (this.#scan.next() !== undefined) this.#scan.failAhead('trailing characters');
  }

  /** A complaint about what was read last. */
  refuse(message: string): never {
    this.#scan.failHere(message);
  }

  #enter(): void {
    this.#scan.take();
    if (++this.#depth >= NESTING_MAX) this.#scan.failHere('recursion limit exceeded');
  }

  #leave(): void {
    this.#scan.take();
    this.#depth--;
  }

  /** Complaints about a key come from behind the object's end, if that is what follows. */
  #closeEarly(): void {
    if (this.#scan.next() === CLOSE_OBJECT) this.#scan.take();
  }

  /** Whether there is another key, to which it goes. */
  #key(first: boolean): boolean {
    let byte = this.#scan.next();
    if (byte === CLOSE_OBJECT) return false;
    if (byte === undefined) this.#scan.failAhead('EOF while parsing an object');
    if (!first) {
      if (byte !== COMMA) this.#scan.failAhead('expected `,` or `}`');
      this.#scan.take();
      byte = this.#scan.next();
      if (byte === CLOSE_OBJECT) this.#scan.failAhead('trailing comma');
      if (byte === undefined) this.#scan.failAhead('EOF while parsing a value');
    }
    if (byte !== QUOTE) this.#scan.failAhead('key must be a string');
    return true;
  }

  #colon(): void {
    const byte = this.#scan.next();
    if (byte !== 0x3a) this.#scan.failAhead(byte === undefined ? 'EOF while parsing an object' : 'expected `:`');
    this.#scan.take();
  }

  #string(): string {
    const start = this.#scan.at;
    this.#scan.take();
    this.#scan.restOfString();
    return JSON.parse(this.#scan.textFrom(start)) as string;
  }

  /** A float where it has a fraction or exponent, is negative zero or is beyond 64 bits. */
  #number(): bigint | number {
    const start = this.#scan.at;
    if (this.#scan.next() === 0x2d) this.#scan.take();
    this.#scan.number();
    const digits = this.#scan.textFrom(start);
    if (/[.eE]/.test(digits) || digits === '-0') return Number(digits);
    const value = BigInt(digits);
    return value >= 2n ** 64n || value < -(2n ** 63n) ? Number(digits) : value;
  }

  /** Says what is there instead of what is expected. */
  #wrongType(expected: string): never {
    const byte = this.#scan.next();
    if (byte === undefined) this.#scan.failAhead('EOF while parsing a value');
    this.#scan.failHere(`invalid type: ${this.#what(byte!)}, expected ${expected}`);
  }

  /** What begins with the byte, in words; it is read, unless it is an array or object. */
  #what(byte: number): string {
    if (byte === OPEN_OBJECT) return 'map';
    if (byte === OPEN_ARRAY) return 'sequence';
    if (byte === QUOTE) return `string ${debugText(this.#string())}`;
    if (byte === 0x2d || isDigit(byte)) {
      const number = this.#number();
      return typeof number === 'number' ? floatWords(number) : `integer \`${number}\``;
    }
    const word = ['null', 'true', 'false'].find((one) => one.charCodeAt(0) === byte);
    if (word === undefined) this.#scan.failAhead('expected value');
    this.#scan.take();
    this.#scan.restOfWord(word!);
    return word === 'null' ? word : `boolean \`${word}\``;
  }
}

function floatWords(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-5 || size >= 1e16)) return `floating point \`${value.toExponential()}\``;
  const text = displayFloat(value);
  return `floating point \`${text.includes('.') ? text : `${text}.0`}\``;
}

function oneOf(names: readonly string[]): string {
  const quoted = names.map((name) => `\`${name}\``);
  return quoted.length > 2 ? `one of ${quoted.join(', ')}` : quoted.join(' or ');
}
