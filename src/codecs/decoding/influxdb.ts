// The `influxdb` codec: a frame is line protocol, one point a line, a gauge for each numeric field.
//
//   measurement,tag=value,… field=1.5,other=2i,flag=t,note="text" 1465839830100400200
//
// Commas, spaces, equals signs and backslashes in names are escaped by a backslash.

import type { TypedEvent } from '../../event/event.ts';
import { EMPTY_METADATA } from '../../event/metadata.ts';
import type { Tags } from '../../event/metric.ts';
import { Timestamp } from '../../event/timestamp.ts';
import { INTEGER_MAX, INTEGER_MIN } from '../../event/value.ts';
import { DecodeError, type Decoder, limitEvents, textOf } from './decoder.ts';

export function influxdbDecoder({ lossy }: { readonly lossy: boolean }): Decoder {
  return { decode: (frame) => new LineReader(textOf(frame, lossy)).read() };
}

const SPACES = /[ \t]*/y;
const BLANK = /[ \t\r\n]*/y;
const COMMENT = /#[^\n]*/y;
/** What ends a name, unless it stands behind a backslash. */
const MEASUREMENT_END = ', \t\r\n';
const KEY_END = `=${MEASUREMENT_END}`;
const NUMBER = /([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)([iu]?)/y;
const BOOLEAN = /true|True|TRUE|false|False|FALSE|[tTfF]/y;
const TIME = /-?\d+/y;
const LINE_END = /[ \t\r]*(?:\n|$)/y;

/** Names, values and times longer than this are refused. */
const WORD_LENGTH_MAX = 65_536;

class LineReader {
  readonly #text: string;
  readonly #events: TypedEvent[] = [];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): TypedEvent[] {
    for (;;) {
      this.#take(BLANK);
      if (this.#at >= this.#text.length) return this.#events;
      if (this.#take(COMMENT) === undefined) this.#point();
    }
  }

  #point(): void {
    const measurement = this.#name(MEASUREMENT_END, 'a measurement');
    const tags = this.#tags();
    if (!this.#take(SPACES)) throw this.#fault('a space and a field');
    const fields = this.#fields();
    const timestamp = this.#take(SPACES) && this.#time();
    if (this.#take(LINE_END) === undefined) throw this.#fault('the end of the line');
    for (const [field, value] of fields) {
      const name = `${measurement}_${field}`;
      this.#events.push({
        type: 'metric',
        event: {
          name,
          kind: 'absolute',
          value: { type: 'gauge', value },
          ...(tags ? { tags: new Map(tags) } : {}),
          ...(timestamp ? { timestamp } : {}),
          metadata: EMPTY_METADATA,
        },
      });
    }
    limitEvents(this.#events.length);
  }

  #tags(): Tags | undefined {
    let tags: Tags | undefined;
    while (this.#skip(',')) {
      const name = this.#name(KEY_END, 'a tag');
      this.#expect('=');
      tags ??= new Map();
      tags.set(name, this.#name(KEY_END, 'the value of a tag'));
    }
    return tags;
  }

  /** Fields that are numbers or booleans; text has no place in a metric. */
  #fields(): [string, number][] {
    const fields: [string, number][] = [];
    do {
      const name = this.#name(KEY_END, 'a field');
      this.#expect('=');
      const value = this.#value();
      if (value !== undefined) fields.push([name, value]);
    } while (this.#skip(','));
    return fields;
  }

  #value(): number | undefined {
    if (this.#text[this.#at] === '"') return this.#string();
    const word = this.#take(BOOLEAN);
    if (word !== undefined) return /^[tT]/.test(word) ? 1 : 0;
    NUMBER.lastIndex = this.#at;
    const match = NUMBER.exec(this.#text);
    if (!match) throw this.#fault('a number, a boolean or text in quotes');
    const [all, digits, suffix] = match;
    const value = Number(digits);
    if (!Number.isFinite(value) || all.length > WORD_LENGTH_MAX) throw this.#fault('a number that is in range');
    if (suffix !== '' && !isWhole(digits!, suffix!)) throw this.#fault('a whole number of 64 bits');
    this.#at += all.length;
    return value;
  }

  #string(): undefined {
    for (let at = this.#at + 1; at < this.#text.length; at++) {
      const char = this.#text[at];
      if (char === '\\') at++;
      else if (char === '"') {
        this.#at = at + 1;
        return;
      }
    }
    throw this.#fault('text with a closing quote');
  }

  #time(): Timestamp | undefined {
    const digits = this.#take(TIME);
    if (digits === undefined) return undefined;
    if (!isWhole(digits, 'i')) throw this.#fault('a time in nanoseconds of 64 bits');
    const nanos = BigInt(digits);
    const within = ((nanos % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
    return new Timestamp(Number((nanos - within) / 1_000_000_000n), Number(within));
  }

  #name(end: string, what: string): string {
    const start = this.#at;
    let at = start;
    while (at < this.#text.length && at - start <= WORD_LENGTH_MAX && !end.includes(this.#text[at]!)) {
      at += this.#text[at] === '\\' ? 2 : 1;
    }
    const name = this.#text.slice(start, at);
    if (name === '' || name.length > WORD_LENGTH_MAX) throw this.#fault(what);
    this.#at = Math.min(at, this.#text.length);
    return name.replace(/\\([\\,= ])/g, '$1');
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #skip(char: string): boolean {
    if (this.#text[this.#at] !== char) return false;
    this.#at++;
    return true;
  }

  #expect(char: string): void {
    if (!this.#skip(char)) throw this.#fault(`\`${char}\``);
  }

  #fault(wanted: string): DecodeError {
    const got = JSON.stringify(this.#text.slice(this.#at, this.#at + 16));
    return new DecodeError(`invalid line protocol: expected ${wanted} at offset ${this.#at}, got ${got}`);
  }
}

const U64_MAX = 2n ** 64n - 1n;
const DIGITS_MAX = 21;

function isWhole(digits: string, suffix: string): boolean {
  if (!/^[+-]?\d+$/.test(digits) || digits.length > DIGITS_MAX) return false;
  const value = BigInt(digits.replace('+', ''));
  return suffix === 'i' ? value >= INTEGER_MIN && value <= INTEGER_MAX : value >= 0n && value <= U64_MAX;
}
