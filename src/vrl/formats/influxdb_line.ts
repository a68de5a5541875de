// InfluxDB's line protocol, by the rules of the library that the original reads it with:
//
//   measurement,tag=value,… field=1.5,other=2i,flag=t,note="text" 1465839830100400200
//
// A backslash escapes what would end a name; before anything else it stands for itself.

export interface InfluxLine {
  readonly measurement: string;
  readonly tags: readonly (readonly [name: string, value: string])[];
  /** Text has no number. */
  readonly fields: readonly (readonly [name: string, value: number | string])[];
  /** Nanoseconds since the epoch. */
  readonly timestamp: bigint | undefined;
}

/** What is wrong with a line. */
export class InfluxProblem extends Error {}

/** The lines of a text that hold a point. */
export function* influxLines(text: string): Generator<string> {
  let start = 0;
  for (const end of lineEnds(text)) {
    const line = withoutComments(text.slice(start, end));
    if (line !== '') yield line;
    start = end + 1;
  }
}

/** Where lines end: at line feeds that are not escaped and not within the quotes of a field's value. */
function* lineEnds(text: string): Generator<number> {
  let isQuoted = false;
  let inFields = false;
  let equals = 0;
  let commas = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '\\') at++;
    else if (char === ' ') inFields = true;
    else if (inFields && !isQuoted && char === '=') equals++;
    else if (inFields && !isQuoted && char === ',') commas++;
    else if (inFields && char === '"' && equals > commas) isQuoted = !isQuoted;
    else if (char === '\n' && !isQuoted) {
      inFields = false;
      equals = 0;
      commas = 0;
      yield at;
    }
  }
  yield text.length;
}

function withoutComments(line: string): string {
  let start = 0;
  for (;;) {
    while (start < line.length && ' \t\n'.includes(line[start]!)) start++;
    if (line[start] !== '#') return line.slice(start);
    const end = line.indexOf('\n', start);
    start = end === -1 ? line.length : end;
  }
}

/** Reads a line. Throws `InfluxProblem`. */
export function parseInfluxLine(line: string): InfluxLine {
  return new LineReader(line).read();
}

const MEASUREMENT = /[^ \t\n\0,\\]+/y;
const KEY = /[^ \t\n=\\]+/y;
const TAG_VALUE = /[^ \t\n,\\]+/y;
const INTEGER = /-?[0-9]+i/y;
const UNSIGNED = /[0-9]+u/y;
const FLOAT = /-?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?/y;
const BOOLEAN = /true|True|TRUE|[tT]|false|False|FALSE|[fF]/y;
const TIME = / +(-?[0-9]+) */y;
const SPACES = / +/y;

const I64_MAX = 2n ** 63n - 1n;
const U64_MAX = 2n ** 64n - 1n;
/** More digits than any number of 64 bits has, leading zeros included. */
const DIGITS_MAX = 4096;

class LineReader {
  readonly #line: string;
  #at = 0;

  constructor(line: string) {
    this.#line = line;
  }

  read(): InfluxLine {
    const measurement = this.#name(MEASUREMENT, ', \\');
    if (measurement === undefined) throw new InfluxProblem('Invalid measurement was provided');
    const tags = this.#tags();
    if (this.#take(SPACES) === undefined) throw new InfluxProblem('A generic parsing error occurred: TakeWhile1');
    const fields = this.#fields();
    const timestamp = this.#time();
    if (this.#at < this.#line.length) {
      const rest = this.#line.slice(this.#at);
      throw new InfluxProblem(`Could not parse entire line. Found trailing content: '${rest}'`);
    }
    return { measurement, tags, fields, timestamp };
  }

  #tags(): [string, string][] {
    const tags: [string, string][] = [];
    while (this.#line[this.#at] === ',') {
      const start = this.#at++;
      const name = this.#key();
      const value = name === undefined ? undefined : this.#name(TAG_VALUE, '\\,= ');
      if (value === undefined) {
        if (tags.length === 0) throw new InfluxProblem('Tag Set Malformed');
        this.#at = start;
        break;
      }
      tags.push([name!, value]);
    }
    return tags;
  }

  /** A comma behind the first field may be followed by nothing. */
  #fields(): [string, number | string][] {
    const fields: [string, number | string][] = [];
    do {
      const start = this.#at;
      const name = this.#key();
      const value = name === undefined ? undefined : this.#value();
      if (value === undefined) {
        if (fields.length === 0) throw new InfluxProblem('No fields were provided');
        this.#at = fields.length === 1 ? start : start - 1;
        break;
      }
      fields.push([name!, value]);
    } while (this.#skip(','));
    return fields;
  }

  /** A name and the equals sign behind it. */
  #key(): string | undefined {
    const name = this.#name(KEY, '\\,= ');
    return name !== undefined && this.#skip('=') ? name : undefined;
  }

  #value(): number | string | undefined {
    const integer = this.#take(INTEGER)?.slice(0, -1);
    if (integer !== undefined) {
      const value = whole(integer);
      if (value === undefined || value > I64_MAX || value < -I64_MAX - 1n)
        throw new InfluxProblem(`Unable to parse integer value '${integer}'`);
      return Number(value);
    }
    const unsigned = this.#take(UNSIGNED)?.slice(0, -1);
    if (unsigned !== undefined) {
      const value = whole(unsigned);
      if (value === undefined || value > U64_MAX)
        throw new InfluxProblem(`Unable to parse unsigned integer value '${unsigned}'`);
      return Number(value);
    }
    const float = this.#take(FLOAT);
    if (float !== undefined) return Number(float);
    if (this.#line[this.#at] === '"') return this.#string();
    const word = this.#take(BOOLEAN);
    return word === undefined ? undefined : /^[tT]/.test(word) ? 1 : 0;
  }

  #string(): string | undefined {
    for (let at = this.#at + 1; at < this.#line.length; at++) {
      const char = this.#line[at];
      if (char === '\\' && (this.#line[at + 1] === '"' || this.#line[at + 1] === '\\')) at++;
      else if (char === '"') {
        const text = this.#line.slice(this.#at + 1, at);
        this.#at = at + 1;
        return text;
      }
    }
    return undefined;
  }

  #time(): bigint | undefined {
    TIME.lastIndex = this.#at;
    const match = TIME.exec(this.#line);
    if (!match) return undefined;
    this.#at += match[0].length;
    const value = whole(match[1]!);
    if (value === undefined || value > I64_MAX || value < -I64_MAX - 1n)
      throw new InfluxProblem(`Unable to parse timestamp value '${match[1]}'`);
    return value;
  }

  /** Runs of plain characters and escapes; undefined when there is neither. */
  #name(plain: RegExp, escapable: string): string | undefined {
    let name = '';
    for (;;) {
      const run = this.#take(plain);
      if (run !== undefined) name += run;
      else if (this.#line[this.#at] === '\\') name += this.#escape(escapable);
      else break;
    }
    if (name.endsWith('\\'))
      throw new InfluxProblem('Measurements, tag keys and values, and field keys may not end with a backslash');
    return name === '' ? undefined : name;
  }

  #escape(escapable: string): string {
    const code = this.#line.codePointAt(++this.#at);
    if (code === undefined) return '\\';
    const char = String.fromCodePoint(code);
    this.#at += char.length;
    return escapable.includes(char) ? char : `\\${char}`;
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#line)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #skip(char: string): boolean {
    if (this.#line[this.#at] !== char) return false;
    this.#at++;
    return true;
  }
}

function whole(digits: string): bigint | undefined {
  return digits.length > DIGITS_MAX ? undefined : BigInt(digits);
}
