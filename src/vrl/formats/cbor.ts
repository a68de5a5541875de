// CBOR (RFC 8949) as values. Byte strings, tags and big integers have no place in them and are refused; so are keys that
// are not text. What follows the first item is ignored.

import { setField } from '../../event/object.ts';
import { displayFloat } from '../../event/text.ts';
import {
  bytesValue,
  float,
  INTEGER_MAX,
  INTEGER_MIN,
  integer,
  type ObjectValue,
  type Value,
} from '../../event/value.ts';
import { GrowingBytes } from './bytes.ts';

/** Why bytes are no value, in Vector's words. */
export class CborProblem extends Error {}

/** Arrays, maps and tags inside each other. */
const NESTING_MAX = 256;

/** The value of the first item. Throws `CborProblem`. */
export function parseCbor(bytes: Uint8Array): Value {
  return new CborReader(bytes).value(NESTING_MAX);
}

const MAJOR_POSITIVE = 0;
const MAJOR_NEGATIVE = 1;
const MAJOR_BYTES = 2;
const MAJOR_TEXT = 3;
const MAJOR_ARRAY = 4;
const MAJOR_MAP = 5;
const MAJOR_TAG = 6;

const TAG_BIG_POSITIVE = 2n;
const TAG_BIG_NEGATIVE = 3n;

interface Header {
  readonly major: number;
  /** The low bits of the first byte: how long the argument is, or 31 for none. */
  readonly minor: number;
  /** Whole, or the bits of a float; 0 for none. */
  readonly argument: number | bigint;
  readonly offset: number;
}

const INDEFINITE = 31;

class CborReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  value(depth: number): Value {
    return this.#item(this.#header(), depth);
  }

  #item(header: Header, depth: number): Value {
    const { major, argument } = header;
    switch (major) {
      case MAJOR_POSITIVE:
        return argument > INTEGER_MAX ? float(Number(argument)) : whole(argument);
      case MAJOR_NEGATIVE: {
        const number = -1n - BigInt(argument);
        if (number < INTEGER_MIN) throw unexpected(`integer \`${number}\` as i128`);
        return integer(number);
      }
      case MAJOR_BYTES:
        this.#segments(header);
        throw unexpected('byte array');
      case MAJOR_TEXT:
        return this.#text(header);
      case MAJOR_ARRAY:
        return this.#array(header, depth);
      case MAJOR_MAP:
        return this.#map(header, depth);
      case MAJOR_TAG:
        return this.#tagged(header, depth);
      default:
        return simpleValue(header);
    }
  }

  #header(): Header {
    const offset = this.#at;
    const first = this.#bytes[this.#take(1)]!;
    const major = first >> 5;
    const minor = first & 31;
    if (minor < 24) return { major, minor, argument: minor, offset };
    if (minor > 27 && minor !== INDEFINITE) throw syntax(offset);
    if (minor !== INDEFINITE) return { major, minor, argument: this.#argument(minor), offset };
    if (major === MAJOR_POSITIVE || major === MAJOR_NEGATIVE || major === MAJOR_TAG) throw syntax(offset);
    return { major, minor, argument: 0, offset };
  }

  #argument(minor: number): number | bigint {
    const at = this.#take(1 << (minor - 24));
    if (minor === 24) return this.#view.getUint8(at);
    if (minor === 25) return this.#view.getUint16(at);
    if (minor === 26) return this.#view.getUint32(at);
    return this.#view.getBigUint64(at);
  }

  /** Steps over bytes; where they begin. */
  #take(length: number): number {
    if (length > this.#bytes.length - this.#at) throw endOfFile();
    this.#at += length;
    return this.#at - length;
  }

  #array(header: Header, depth: number): Value[] {
    const array: Value[] = [];
    this.#repeat(header, depth, (first) => array.push(this.#item(first, depth - 1)));
    return array;
  }

  #map(header: Header, depth: number): ObjectValue {
    const object: ObjectValue = {};
    this.#repeat(header, depth, (first) => {
      const key = this.#key(first);
      setField(object, key, this.value(depth - 1));
    });
    return object;
  }

  /** Calls `read` with the header of each item. */
  #repeat(header: Header, depth: number, read: (first: Header) => void): void {
    if (depth === 0) throw new CborProblem('RecursionLimitExceeded');
    const count = header.minor === INDEFINITE ? Number.POSITIVE_INFINITY : Number(header.argument);
    for (let i = 0; i < count; i++) {
      const first = this.#header();
      if (header.minor === INDEFINITE && isBreak(first)) return;
      read(first);
    }
  }

  #key(first: Header): string {
    let header = first;
    // Tags in front of a key mean nothing.
    while (header.major === MAJOR_TAG) header = this.#header();
    if (header.major !== MAJOR_TEXT) throw semantic(`invalid type: ${headerWord(header)}, expected string`);
    return this.#text(header);
  }

  #text(header: Header): string {
    let text = '';
    this.#segments(header, (segment, offset) => {
      const part = bytesValue(segment);
      if (typeof part !== 'string') throw syntax(offset);
      text += part;
    });
    return text;
  }

  /** The bytes of a string, which may come in pieces. */
  #segments(header: Header, use?: (segment: Uint8Array, offset: number) => void): Uint8Array {
    const all = new GrowingBytes(0, this.#bytes.length);
    let open = 0;
    for (let next = header; ; next = this.#header()) {
      if (open > 0 && isBreak(next)) open -= 1;
      else if (next.major !== header.major) throw syntax(next.offset);
      else if (next.minor === INDEFINITE) open += 1;
      else {
        const length = Number(next.argument);
        const start = this.#take(length);
        const segment = this.#bytes.subarray(start, start + length);
        use?.(segment, next.offset);
        all.push(segment);
      }
      if (open === 0) return all.view();
    }
  }

  #tagged({ argument }: Header, depth: number): Value {
    const inner = this.#header();
    const tag = BigInt(argument);
    const isBig = tag === TAG_BIG_POSITIVE || tag === TAG_BIG_NEGATIVE;
    if (isBig && inner.major === MAJOR_BYTES && inner.minor !== INDEFINITE && Number(inner.argument) <= 16) {
      const number = this.#segments(inner).reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
      if (tag === TAG_BIG_POSITIVE) throw unexpected(`integer \`${number}\` as u128`);
      if (number >= 2n ** 127n) throw semantic('integer too large');
      throw unexpected(`integer \`${-1n - number}\` as i128`);
    }
    if (depth === 0) throw new CborProblem('RecursionLimitExceeded');
    throw unexpected('enum');
  }
}

function isBreak({ major, minor }: Header): boolean {
  return major === 7 && minor === INDEFINITE;
}

function whole(argument: number | bigint): number | bigint {
  return typeof argument === 'bigint' ? integer(argument) : argument;
}

function simpleValue(header: Header): Value {
  if (header.minor >= 25 && header.minor <= 27) {
    const number = floatOf(header);
    if (Number.isNaN(number)) throw semantic('invalid value: floating point `NaN`, expected any valid JSON value');
    return float(number);
  }
  switch (header.argument) {
    case 20:
      return false;
    case 21:
      return true;
    case 22:
    case 23:
      return null;
  }
  if (isBreak(header)) throw semantic('invalid type: break, expected non-break');
  throw semantic('invalid type: simple, expected known simple value');
}

function floatOf({ minor, argument }: Header): number {
  const view = new DataView(new ArrayBuffer(8));
  if (minor === 27) {
    view.setBigUint64(0, argument as bigint);
    return view.getFloat64(0);
  }
  if (minor === 26) {
    view.setUint32(0, argument as number);
    return view.getFloat32(0);
  }
  const bits = argument as number;
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}

/** What a header stands for, in messages. */
function headerWord(header: Header): string {
  const { major, minor, argument } = header;
  if (major === MAJOR_POSITIVE) return `integer \`${argument}\``;
  if (major === MAJOR_NEGATIVE) return `integer \`${BigInt.asIntN(64, -1n - BigInt(argument))}\``;
  if (major < 7) return ['', '', 'bytes', 'string', 'sequence', 'map', 'tag'][major]!;
  if (isBreak(header)) return 'break';
  if (minor >= 25) {
    const number = floatOf(header);
    return `floating point \`${displayFloat(number)}${Number.isInteger(number) ? '.0' : ''}\``;
  }
  const words: Record<number, string> = { 20: 'boolean `false`', 21: 'boolean `true`', 22: 'null', 23: 'undefined' };
  return words[Number(argument)] ?? 'simple';
}

function syntax(offset: number): CborProblem {
  return new CborProblem(`Syntax(${offset})`);
}

function endOfFile(): CborProblem {
  return new CborProblem('Io(EndOfFile(()))');
}

function semantic(message: string): CborProblem {
  return new CborProblem(`Semantic(None, "${message}")`);
}

function unexpected(what: string): CborProblem {
  return semantic(`invalid type: ${what}, expected any valid JSON value`);
}
