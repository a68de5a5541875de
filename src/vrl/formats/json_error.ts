// Says what is wrong with a JSON text in Vector's words, with line and column. The parser that gives values has other
// words and no columns; only a text that it refused is read here, byte by byte, and no value is made.

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

/** Larger exponents are out of range as soon as they are. */
const EXPONENT_MAX = 2 ** 31 - 1;

class Wrong extends Error {}

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

class JsonChecker {
  readonly #bytes: Uint8Array;
  readonly #isRaw: boolean;
  /** The brackets that are open. */
  readonly #open: number[] = [];
  #at = 0;

  constructor(bytes: Uint8Array, isRaw: boolean) {
    this.#bytes = bytes;
    this.#isRaw = isRaw;
  }

  run(): string | undefined {
    try {
      this.#check();
      return undefined;
    } catch (error) {
      if (error instanceof Wrong) return error.message;
      throw error;
    }
  }

  #check(): void {
    let isComplete = this.#value();
    while (this.#open.length > 0) {
      if (isComplete) isComplete = this.#afterValue();
      else isComplete = this.#firstInside();
    }
    if (this.#next() !== undefined) this.#failAhead('trailing characters');
  }

  /** Reads a value; false when it is a bracket that was opened. */
  #value(): boolean {
    const byte = this.#next();
    if (byte === undefined) this.#failAhead('EOF while parsing a value');
    switch (byte) {
      case 0x6e:
        return this.#word('null');
      case 0x74:
        return this.#word('true');
      case 0x66:
        return this.#word('false');
      case QUOTE:
        this.#at += 1;
        return this.#string();
      case OPEN_ARRAY:
      case OPEN_OBJECT:
        if (!this.#isRaw && this.#open.length + 1 >= DEPTH_LIMIT) this.#failAhead('recursion limit exceeded');
        this.#at += 1;
        this.#open.push(byte);
        return false;
    }
    if (byte === 0x2d) this.#at += 1;
    else if (!isDigit(byte)) this.#failAhead('expected value');
    return this.#number();
  }

  /** What follows an open bracket. */
  #firstInside(): boolean {
    const bracket = this.#open.at(-1)!;
    const byte = this.#next();
    if (byte === undefined) this.#failInside(bracket);
    if (byte === closing(bracket)) return this.#close();
    if (bracket === OPEN_ARRAY) return this.#value();
    return this.#member(byte!);
  }

  /** What follows a value inside of a bracket. */
  #afterValue(): boolean {
    const bracket = this.#open.at(-1)!;
    const byte = this.#next();
    if (byte === undefined) this.#failInside(bracket);
    if (byte === closing(bracket)) return this.#close();
    if (byte !== COMMA) this.#failAhead(`expected \`,\` or \`${bracket === OPEN_ARRAY ? ']' : '}'}\``);
    this.#at += 1;
    return this.#afterComma(bracket);
  }

  #afterComma(bracket: number): boolean {
    const byte = this.#next();
    if (this.#isRaw) {
      if (bracket === OPEN_ARRAY) return this.#value();
      if (byte === undefined) this.#failInside(bracket);
      return this.#member(byte!);
    }
    if (byte === undefined) this.#failAhead('EOF while parsing a value');
    if (byte === closing(bracket)) this.#failAhead('trailing comma');
    return bracket === OPEN_ARRAY ? this.#value() : this.#member(byte!);
  }

  #close(): true {
    this.#at += 1;
    this.#open.pop();
    return true;
  }

  #member(byte: number): boolean {
    if (byte !== QUOTE) this.#failAhead('key must be a string');
    this.#at += 1;
    this.#string();
    const colon = this.#next();
    if (colon === undefined) this.#failAhead('EOF while parsing an object');
    if (colon !== 0x3a) this.#failAhead('expected `:`');
    this.#at += 1;
    return this.#value();
  }

  #word(word: string): true {
    this.#at += 1;
    for (let i = 1; i < word.length; i++) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined) this.#failHere('EOF while parsing a value');
      this.#at += 1;
      if (byte !== word.charCodeAt(i)) this.#failHere('expected ident');
    }
    return true;
  }

  #number(): true {
    const start = this.#at;
    const first = this.#bytes[this.#at];
    if (first === undefined) this.#failAtNumberEnd();
    this.#at += 1;
    if (!isDigit(first)) this.#failHere('invalid number');
    if (first === 0x30) {
      if (isDigit(this.#bytes[this.#at])) this.#failAhead('invalid number');
    } else this.#digits();
    if (this.#bytes[this.#at] === 0x2e) {
      this.#at += 1;
      if (this.#at === this.#bytes.length) this.#failAtNumberEnd();
      if (!isDigit(this.#bytes[this.#at])) this.#failAhead('invalid number');
      this.#digits();
    }
    if ((this.#bytes[this.#at]! | 0x20) === 0x65) this.#exponent(start);
    if (!this.#isRaw && !this.#isFinite(start)) this.#failHere('number out of range');
    return true;
  }

  #exponent(start: number): void {
    const isZero = !this.#bytes.subarray(start, this.#at).some((byte) => byte > 0x30 && byte <= 0x39);
    this.#at += 1;
    const sign = this.#bytes[this.#at];
    if (sign === 0x2b || sign === 0x2d) this.#at += 1;
    const digit = this.#bytes[this.#at];
    if (digit === undefined) this.#failAtNumberEnd();
    this.#at += 1;
    if (!isDigit(digit)) this.#failHere('invalid number');
    let exponent = digit! - 0x30;
    for (; isDigit(this.#bytes[this.#at]); this.#at += 1) {
      exponent = exponent * 10 + this.#bytes[this.#at]! - 0x30;
      if (exponent <= EXPONENT_MAX || this.#isRaw || isZero || sign === 0x2d) continue;
      this.#at += 1;
      this.#failHere('number out of range');
    }
  }

  #digits(): void {
    while (isDigit(this.#bytes[this.#at])) this.#at += 1;
  }

  #isFinite(start: number): boolean {
    return Number.isFinite(Number(new TextDecoder().decode(this.#bytes.subarray(start, this.#at))));
  }

  /** The rest of a string whose quote was read. */
  #string(): true {
    const start = this.#at;
    for (;;) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined) this.#failHere('EOF while parsing a string');
      this.#at += 1;
      if (byte === QUOTE) break;
      if (byte === BACKSLASH) this.#escape();
      else if (byte! < 0x20) {
        if (this.#isRaw) this.#at -= 1;
        this.#failHere('control character (\\u0000-\\u001F) found while parsing a string');
      }
    }
    if (!this.#isRaw && !isUtf8(this.#bytes.subarray(start, this.#at - 1))) {
      this.#at -= 1;
      this.#failHere('invalid unicode code point');
    }
    return true;
  }

  #escape(): void {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) this.#failHere('EOF while parsing a string');
    this.#at += 1;
    if (byte === 0x75) this.#unicode();
    else if (!'"\\/bfnrt'.includes(String.fromCharCode(byte!))) this.#failHere('invalid escape');
  }

  #unicode(): void {
    const first = this.#hex();
    if (this.#isRaw) return;
    if (first >= 0xdc00 && first < 0xe000) this.#failHere('lone leading surrogate in hex escape');
    if (first < 0xd800 || first >= 0xdc00) return;
    for (const wanted of [BACKSLASH, 0x75]) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined) this.#failHere('EOF while parsing a string');
      this.#at += 1;
      if (byte !== wanted) this.#failHere('unexpected end of hex escape');
    }
    const second = this.#hex();
    if (second < 0xdc00 || second >= 0xe000) this.#failHere('lone leading surrogate in hex escape');
  }

  #hex(): number {
    if (this.#at + 4 > this.#bytes.length) {
      this.#at = this.#bytes.length;
      this.#failHere('EOF while parsing a string');
    }
    const digits = String.fromCharCode(...this.#bytes.subarray(this.#at, this.#at + 4));
    this.#at += 4;
    if (!/^[0-9A-Fa-f]{4}$/.test(digits)) this.#failHere('invalid escape');
    return Number.parseInt(digits, 16);
  }

  /** The next byte that is no white space, which is not read yet. */
  #next(): number | undefined {
    for (;;) {
      const byte = this.#bytes[this.#at];
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x09 && byte !== 0x0d) return byte;
      this.#at += 1;
    }
  }

  #failAtNumberEnd(): never {
    this.#failHere(this.#isRaw ? 'invalid number' : 'EOF while parsing a value');
  }

  #failInside(bracket: number): never {
    this.#failAhead(`EOF while parsing ${bracket === OPEN_ARRAY ? 'a list' : 'an object'}`);
  }

  /** The next byte is wrong. */
  #failAhead(message: string): never {
    throw this.#wrong(message, Math.min(this.#at + 1, this.#bytes.length));
  }

  /** The last byte was wrong. */
  #failHere(message: string): never {
    throw this.#wrong(message, this.#at);
  }

  #wrong(message: string, end: number): Wrong {
    let line = 1;
    let start = 0;
    for (let i = 0; i < end; i++) {
      if (this.#bytes[i] !== 0x0a) continue;
      line += 1;
      start = i + 1;
    }
    return new Wrong(`${message} at line ${line} column ${end - start}`);
  }
}

function closing(bracket: number): number {
  return bracket === OPEN_ARRAY ? CLOSE_ARRAY : CLOSE_OBJECT;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function isUtf8(bytes: Uint8Array): boolean {
  try {
    strictDecoder.decode(bytes);
    return true;
  } catch {
    return false;
  }
}
