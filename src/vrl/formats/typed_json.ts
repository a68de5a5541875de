// JSON that has to be of one shape, read the way that the original's derived readers read it, whose complaints name the
// line and column where reading stopped.

/** What is wrong with a text; private to the readers that use this. */
export class TypedJsonError extends Error {}

const NESTING_MAX = 128;

/** Reads a text from front to back. Each method takes one thing, or throws `TypedJsonError`. */
export class TypedJsonReader {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** An object with these members, each read by its function; `expected` describes it. All of them must be there. */
  object(expected: string, members: Readonly<Record<string, () => void>>): void {
    const names = Object.keys(members);
    const open = this.#peek();
    if (open === '[') {
      this.#tuple(expected, Object.values(members));
      return;
    }
    if (open !== '{') this.#wrongType(expected);
    this.#enter();
    const found = new Set<string>();
    for (let first = true; this.#key(first); first = false) {
      const name = this.#string();
      if (!names.includes(name)) {
        this.#closeEarly();
        throw this.#failure(`unknown field \`${name}\`, expected ${oneOf(names)}`);
      }
      if (found.has(name)) {
        this.#closeEarly();
        throw this.#failure(`duplicate field \`${name}\``);
      }
      found.add(name);
      this.#colon();
      members[name]!();
    }
    this.#leave();
    const missing = names.find((name) => !found.has(name));
    if (missing !== undefined) throw this.#failure(`missing field \`${missing}\``);
  }

  /** An object written as an array: its members in their order. */
  #tuple(expected: string, members: readonly (() => void)[]): void {
    this.#enter();
    for (const [i, member] of members.entries()) {
      let char = this.#peek();
      if (char === '') throw this.#failureAhead('EOF while parsing a list');
      if (i > 0 && char !== ']') {
        if (char !== ',') throw this.#failureAhead('expected `,` or `]`');
        this.#at++;
        char = this.#peek();
        if (char === ']') throw this.#failureAhead('trailing comma');
      }
      if (char === ']') {
        this.#leave();
        throw this.#failure(`invalid length ${i}, expected ${expected} with ${members.length} elements`);
      }
      member();
    }
    const end = this.#peek();
    if (end === '') throw this.#failureAhead('EOF while parsing a list');
    if (end !== ']') throw this.#failureAhead('trailing characters');
    this.#leave();
  }

  /** An array, each item of which `item` reads. */
  array(item: () => void): void {
    if (this.#peek() !== '[') this.#wrongType('a sequence');
    this.#enter();
    for (let first = true; ; first = false) {
      const char = this.#peek();
      if (char === ']') break;
      if (char === '') throw this.#failureAhead('EOF while parsing a list');
      if (!first) {
        if (char !== ',') throw this.#failureAhead('expected `,` or `]`');
        this.#at++;
        if (this.#peek() === ']') throw this.#failureAhead('trailing comma');
      }
      item();
    }
    this.#leave();
  }

  text(): string {
    if (this.#peek() !== '"') this.#wrongType('a string');
    return this.#string();
  }

  /** One of several words. */
  word(words: readonly string[]): string {
    const first = this.#peek();
    if (first !== '"') throw this.#failureAhead(first === '' ? 'EOF while parsing a value' : 'expected value');
    const word = this.#string();
    if (!words.includes(word)) throw this.#failure(`unknown variant \`${word}\`, expected ${oneOf(words)}`);
    return word;
  }

  /** A whole number of 64 bits. */
  integer(expected: string): bigint {
    if (!/[-0-9]/.test(this.#peek() || ' ')) this.#wrongType(expected);
    const digits = this.#number();
    if (/[.eE]/.test(digits)) throw this.#failure(`invalid type: floating point \`${digits}\`, expected ${expected}`);
    const value = BigInt(digits);
    if (value >= 2n ** 64n || value < -(2n ** 63n))
      throw this.#failure(`invalid type: floating point \`${Number(digits)}\`, expected ${expected}`);
    return value;
  }

  /** Nothing more may come. */
  end(): void {
    if (this.#peek() !== '') throw this.#failureAhead('trailing characters');
  }

  /** A complaint about what was read last. */
  complain(message: string): TypedJsonError {
    return this.#failure(message);
  }

  #enter(): void {
    this.#at++;
    if (++this.#depth >= NESTING_MAX) throw this.#failure('recursion limit exceeded');
  }

  #leave(): void {
    this.#at++;
    this.#depth--;
  }

  /** Complaints about a key come from behind the object's end, if that is what follows. */
  #closeEarly(): void {
    if (this.#peek() === '}') this.#at++;
  }

  /** Whether there is another key, to which it goes. */
  #key(first: boolean): boolean {
    let char = this.#peek();
    if (char === '}') return false;
    if (char === '') throw this.#failureAhead('EOF while parsing an object');
    if (!first) {
      if (char !== ',') throw this.#failureAhead('expected `,` or `}`');
      this.#at++;
      char = this.#peek();
      if (char === '}') throw this.#failureAhead('trailing comma');
      if (char === '') throw this.#failureAhead('EOF while parsing a value');
    }
    if (char !== '"') throw this.#failureAhead('key must be a string');
    return true;
  }

  #colon(): void {
    const char = this.#peek();
    if (char !== ':') throw this.#failureAhead(char === '' ? 'EOF while parsing an object' : 'expected `:`');
    this.#at++;
  }

  /** The next character that is no white space; empty at the end. */
  #peek(): string {
    while (this.#at < this.#text.length && ' \n\t\r'.includes(this.#text[this.#at]!)) this.#at++;
    return this.#text[this.#at] ?? '';
  }

  #string(): string {
    const start = this.#at++;
    for (;;) {
      const char = this.#text[this.#at];
      if (char === undefined) throw this.#failure('EOF while parsing a string');
      if (char < ' ') throw this.#failureAhead('control character (\\u0000-\\u001F) found while parsing a string');
      this.#at++;
      if (char === '"') break;
      if (char === '\\') this.#escape();
    }
    try {
      const text = JSON.parse(this.#text.slice(start, this.#at)) as string;
      if (!text.isWellFormed()) throw this.#failure('lone leading surrogate in hex escape');
      return text;
    } catch (error) {
      if (error instanceof TypedJsonError) throw error;
      throw this.#failure('invalid escape');
    }
  }

  #escape(): void {
    const char = this.#text[this.#at++];
    if (char === undefined) throw this.#failure('EOF while parsing a string');
    if (char === 'u') {
      const digits = this.#text.slice(this.#at, this.#at + 4);
      if (digits.length < 4) this.#at = this.#text.length;
      if (digits.length < 4) throw this.#failure('EOF while parsing a string');
      this.#at += 4;
      if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw this.#failure('invalid escape');
    } else if (!'"\\/bfnrt'.includes(char)) throw this.#failure('invalid escape');
  }

  #number(): string {
    const start = this.#at;
    if (this.#text[this.#at] === '-') this.#at++;
    const first = this.#at;
    this.#digits();
    if (this.#text[first] === '0' && this.#at > first + 1) {
      this.#at = first + 1;
      throw this.#failureAhead('invalid number');
    }
    if (this.#text[this.#at] === '.') {
      this.#at++;
      this.#digits();
    }
    if (/[eE]/.test(this.#text[this.#at] ?? '')) {
      this.#at++;
      if (/[+-]/.test(this.#text[this.#at] ?? '')) this.#at++;
      this.#digits();
    }
    return this.#text.slice(start, this.#at);
  }

  /** Digits, of which there has to be one. */
  #digits(): void {
    if (this.#at >= this.#text.length) throw this.#failure('EOF while parsing a value');
    const start = this.#at;
    while (/[0-9]/.test(this.#text[this.#at] ?? '')) this.#at++;
    if (this.#at === start) throw this.#failureAhead('invalid number');
  }

  /** Says what is there instead of what is expected. */
  #wrongType(expected: string): never {
    const char = this.#peek();
    const wrong = (what: string): TypedJsonError => this.#failure(`invalid type: ${what}, expected ${expected}`);
    if (char === '') throw this.#failureAhead('EOF while parsing a value');
    if (char === '{') throw wrong('map');
    if (char === '[') throw wrong('sequence');
    if (char === '"') throw wrong(`string ${JSON.stringify(this.#string())}`);
    if (/[-0-9]/.test(char)) {
      const digits = this.#number();
      throw wrong(`${/[.eE]/.test(digits) ? 'floating point' : 'integer'} \`${digits}\``);
    }
    for (const [word, what] of [
      ['null', 'null'],
      ['true', 'boolean `true`'],
      ['false', 'boolean `false`'],
    ]) {
      if (!word!.startsWith(char)) continue;
      if (!this.#text.startsWith(word!, this.#at)) {
        this.#at++;
        throw this.#failureAhead('expected ident');
      }
      this.#at += word!.length;
      throw wrong(what!);
    }
    throw this.#failureAhead('expected value');
  }

  /** A complaint about what was read last. */
  #failure(message: string): TypedJsonError {
    return new TypedJsonError(`${message} at ${this.#place(this.#at)}`);
  }

  /** A complaint about what comes next. */
  #failureAhead(message: string): TypedJsonError {
    return new TypedJsonError(`${message} at ${this.#place(Math.min(this.#text.length, this.#at + 1))}`);
  }

  #place(at: number): string {
    const lines = this.#text.slice(0, at).split('\n');
    return `line ${lines.length} column ${new TextEncoder().encode(lines.at(-1)!).length}`;
  }
}

function oneOf(names: readonly string[]): string {
  const quoted = names.map((name) => `\`${name}\``);
  return quoted.length > 2 ? `one of ${quoted.join(', ')}` : quoted.join(' or ');
}
