// Says what is wrong with a JSON text in Vector's words, with line and column. The parser that gives values has other
// words and no columns; only a text that it refused is read here, byte by byte, and no value is made.

import { isDigit, JsonProblem, JsonScanner } from './json_scan.ts';

/** `expected value at line 1 column 1`, for a value that is to be kept; undefined when nothing is wrong. */
export function jsonError(bytes: Uint8Array): string | undefined {
  return new JsonChecker(bytes, false).run();
}

/** The same for a value that is only stepped over: any depth, any number, any surrogates. */
export function rawJsonError(bytes: Uint8Array): string | undefined {
  return new JsonChecker(bytes, true).run();
}

/** Arrays and objects inside each other, from which on a value is refused. */
const DEPTH_LIMIT = 128;

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

class JsonChecker {
  readonly #scan: JsonScanner;
  readonly #isRaw: boolean;
  /** The brackets that are open. */
  readonly #open: number[] = [];

  constructor(bytes: Uint8Array, isRaw: boolean) {
    this.#scan = new JsonScanner(bytes, isRaw);
    this.#isRaw = isRaw;
  }

  run(): string | undefined {
    try {
      this.#check();
      return undefined;
    } catch (error) {
      if (error instanceof JsonProblem) return error.message;
      throw error;
    }
  }

  #check(): void {
    let isComplete = this.#value();
    while (this.#open.length > 0) {
      if (isComplete) isComplete = this.#afterValue();
      else isComplete = this.#firstInside();
    }
    if (this.#scan.next() !== undefined) this.#scan.failAhead('trailing characters');
  }

  /** Reads a value; false when it is a bracket that was opened. */
  #value(): boolean {
    const byte = this.#scan.next();
    if (byte === undefined) this.#scan.failAhead('EOF while parsing a value');
    if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) {
      if (!this.#isRaw && this.#open.length + 1 >= DEPTH_LIMIT) this.#scan.failAhead('recursion limit exceeded');
      this.#scan.take();
      this.#open.push(byte);
      return false;
    }
    const word = WORDS.get(byte!);
    if (word !== undefined) {
      this.#scan.take();
      this.#scan.restOfWord(word);
    } else if (byte === QUOTE) this.#string();
    else {
      if (byte === 0x2d) this.#scan.take();
      else if (!isDigit(byte)) this.#scan.failAhead('expected value');
      this.#scan.number();
    }
    return true;
  }

  #string(): void {
    this.#scan.take();
    this.#scan.restOfString();
  }

  /** What follows an open bracket. */
  #firstInside(): boolean {
    const bracket = this.#open.at(-1)!;
    const byte = this.#scan.next();
    if (byte === undefined) this.#failInside(bracket);
    if (byte === closing(bracket)) return this.#close();
    if (bracket === OPEN_ARRAY) return this.#value();
    return this.#member(byte!);
  }

  /** What follows a value inside of a bracket. */
  #afterValue(): boolean {
    const bracket = this.#open.at(-1)!;
    const byte = this.#scan.next();
    if (byte === undefined) this.#failInside(bracket);
    if (byte === closing(bracket)) return this.#close();
    if (byte !== COMMA) this.#scan.failAhead(`expected \`,\` or \`${bracket === OPEN_ARRAY ? ']' : '}'}\``);
    this.#scan.take();
    return this.#afterComma(bracket);
  }

  #afterComma(bracket: number): boolean {
    const byte = this.#scan.next();
    if (this.#isRaw) {
      if (bracket === OPEN_ARRAY) return this.#value();
      if (byte === undefined) this.#failInside(bracket);
      return this.#member(byte!);
    }
    if (byte === undefined) this.#scan.failAhead('EOF while parsing a value');
    if (byte === closing(bracket)) this.#scan.failAhead('trailing comma');
    return bracket === OPEN_ARRAY ? this.#value() : this.#member(byte!);
  }

  #close(): true {
    this.#scan.take();
    this.#open.pop();
    return true;
  }

  #member(byte: number): boolean {
    if (byte !== QUOTE) this.#scan.failAhead('key must be a string');
    this.#string();
    const colon = this.#scan.next();
    if (colon === undefined) this.#scan.failAhead('EOF while parsing an object');
    if (colon !== 0x3a) this.#scan.failAhead('expected `:`');
    this.#scan.take();
    return this.#value();
  }

  #failInside(bracket: number): never {
    this.#scan.failAhead(`EOF while parsing ${bracket === OPEN_ARRAY ? 'a list' : 'an object'}`);
  }
}

const WORDS: ReadonlyMap<number, string> = new Map(
  ['null', 'true', 'false'].map((word) => [word.charCodeAt(0), word] as const),
);

function closing(bracket: number): number {
  return bracket === OPEN_ARRAY ? CLOSE_ARRAY : CLOSE_OBJECT;
}
