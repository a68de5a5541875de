// The words, numbers and strings of JSON, read byte by byte as Vector reads them: what is wrong is said in its words, with
// the line, and the column in bytes.

import { isUtf8 } from '../../std/bytes.ts';

/** What is wrong with a text; the message ends with the place. */
export class JsonProblem extends Error {}

/** Larger exponents are out of range as soon as they are. */
const EXPONENT_MAX = 2 ** 31 - 1;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

export class JsonScanner {
  readonly #bytes: Uint8Array;
  readonly #isRaw: boolean;
  /** How many bytes are read. */
  #at = 0;

  /** @param isRaw values are only stepped over: any number and any surrogates will do. */
  constructor(bytes: Uint8Array, isRaw: boolean) {
    this.#bytes = bytes;
    this.#isRaw = isRaw;
  }

  get at(): number {
    return this.#at;
  }

  /** The next byte that is no white space, which is not read yet; undefined at the end. */
  next(): number | undefined {
    for (;;) {
      const byte = this.#bytes[this.#at];
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x09 && byte !== 0x0d) return byte;
      this.#at += 1;
    }
  }

  /** Reads the byte that `next` gave. */
  take(): void {
    this.#at += 1;
  }

  /** What was read since `start`. */
  textFrom(start: number): string {
    return decoder.decode(this.#bytes.subarray(start, this.#at));
  }

  /** The rest of a word whose first letter was read. */
  restOfWord(word: string): void {
    for (let i = 1; i < word.length; i++) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined) this.failHere('EOF while parsing a value');
      this.#at += 1;
      if (byte !== word.charCodeAt(i)) this.failHere('expected ident');
    }
  }

  /** A number whose minus sign, if it has one, was read. */
  number(): void {
    const start = this.#at;
    const first = this.#bytes[this.#at];
    if (first === undefined) this.#failAtNumberEnd();
    this.#at += 1;
    if (!isDigit(first)) this.failHere('invalid number');
    if (first === 0x30) {
      if (isDigit(this.#bytes[this.#at])) this.failAhead('invalid number');
    } else this.#digits();
    if (this.#bytes[this.#at] === 0x2e) {
      this.#at += 1;
      if (this.#at === this.#bytes.length) this.#failAtNumberEnd();
      if (!isDigit(this.#bytes[this.#at])) this.failAhead('invalid number');
      this.#digits();
    }
    if ((this.#bytes[this.#at]! | 0x20) === 0x65) this.#exponent(start);
    if (!this.#isRaw && !Number.isFinite(Number(this.textFrom(start)))) this.failHere('number out of range');
  }

  #exponent(start: number): void {
    const isZero = !this.#bytes.subarray(start, this.#at).some((byte) => byte > 0x30 && byte <= 0x39);
    this.#at += 1;
    const sign = this.#bytes[this.#at];
    if (sign === 0x2b || sign === 0x2d) this.#at += 1;
    const digit = this.#bytes[this.#at];
    if (digit === undefined) this.#failAtNumberEnd();
    this.#at += 1;
    if (!isDigit(digit)) this.failHere('invalid number');
    let exponent = digit! - 0x30;
    for (; isDigit(this.#bytes[this.#at]); this.#at += 1) {
      exponent = exponent * 10 + this.#bytes[this.#at]! - 0x30;
      if (exponent <= EXPONENT_MAX || this.#isRaw || isZero || sign === 0x2d) continue;
      this.#at += 1;
      this.failHere('number out of range');
    }
  }

  #digits(): void {
    while (isDigit(this.#bytes[this.#at])) this.#at += 1;
  }

  /** The rest of a string whose opening quote was read. */
  restOfString(): void {
    const start = this.#at;
    for (;;) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined) this.failHere('EOF while parsing a string');
      this.#at += 1;
      if (byte === QUOTE) break;
      if (byte === BACKSLASH) this.#escape();
      else if (byte! < 0x20) {
        if (this.#isRaw) this.#at -= 1;
        this.failHere('control character (\\u0000-\\u001F) found while parsing a string');
      }
    }
    if (!this.#isRaw && !isUtf8(this.#bytes.subarray(start, this.#at - 1))) {
      this.#at -= 1;
      this.failHere('invalid unicode code point');
    }
  }

  #escape(): void {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) this.failHere('EOF while parsing a string');
    this.#at += 1;
    if (byte === 0x75) this.#unicode();
    else if (!'"\\/bfnrt'.includes(String.fromCharCode(byte!))) this.failHere('invalid escape');
  }

  #unicode(): void {
    const first = this.#hex();
    if (this.#isRaw) return;
    if (first >= 0xdc00 && first < 0xe000) this.failHere('lone leading surrogate in hex escape');
    if (first < 0xd800 || first >= 0xdc00) return;
    for (const wanted of [BACKSLASH, 0x75]) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined) this.failHere('EOF while parsing a string');
      this.#at += 1;
      if (byte !== wanted) this.failHere('unexpected end of hex escape');
    }
    const second = this.#hex();
    if (second < 0xdc00 || second >= 0xe000) this.failHere('lone leading surrogate in hex escape');
  }

  #hex(): number {
    if (this.#at + 4 > this.#bytes.length) {
      this.#at = this.#bytes.length;
      this.failHere('EOF while parsing a string');
    }
    const digits = String.fromCharCode(...this.#bytes.subarray(this.#at, this.#at + 4));
    this.#at += 4;
    if (!/^[0-9A-Fa-f]{4}$/.test(digits)) this.failHere('invalid escape');
    return Number.parseInt(digits, 16);
  }

  #failAtNumberEnd(): never {
    this.failHere(this.#isRaw ? 'invalid number' : 'EOF while parsing a value');
  }

  /** The next byte is wrong. */
  failAhead(message: string): never {
    throw this.#problem(message, Math.min(this.#at + 1, this.#bytes.length));
  }

  /** What was read last is wrong. */
  failHere(message: string): never {
    throw this.#problem(message, this.#at);
  }

  #problem(message: string, end: number): JsonProblem {
    let line = 1;
    let start = 0;
    for (let i = 0; i < end; i++) {
      if (this.#bytes[i] !== 0x0a) continue;
      line += 1;
      start = i + 1;
    }
    return new JsonProblem(`${message} at line ${line} column ${end - start}`);
  }
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

export function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}
