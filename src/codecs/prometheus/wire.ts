// The wire format of protobuf, as far as write requests need it: a field is a varint (its number and what follows),
// then a varint, eight bytes, four bytes, or a length and that many bytes.

import { FormatProblem } from './problem.ts';

export const VARINT = 0;
export const FIXED64 = 1;
export const BYTES = 2;
export const FIXED32 = 5;

/** Reads the fields between two positions. */
export class WireReader {
  readonly #bytes: Buffer;
  readonly #end: number;
  #at: number;

  constructor(bytes: Buffer, start = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#end;
  }

  get position(): number {
    return this.#at;
  }

  /** Number and wire type of the next field, as `number * 8 + type`. */
  tag(): number {
    return this.varint();
  }

  /** A number without sign; beyond 2^53 it is not exact. */
  varint(): number {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.#at >= this.#end) throw truncated();
      const byte = this.#bytes[this.#at++]!;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new FormatProblem('a number is too long');
  }

  /** A number with sign, in two's complement of 64 bits. */
  int64(): number {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      if (this.#at >= this.#end) throw truncated();
      const byte = this.#bytes[this.#at++]!;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return Number(BigInt.asIntN(64, value));
    }
    throw new FormatProblem('a number is too long');
  }

  double(): number {
    this.#need(8);
    this.#at += 8;
    return this.#bytes.readDoubleLE(this.#at - 8);
  }

  text(): string {
    const start = this.#length();
    return this.#bytes.toString('utf8', start, this.#at);
  }

  /** A reader of the message that comes next. */
  message(): WireReader {
    const start = this.#length();
    return new WireReader(this.#bytes, start, this.#at);
  }

  /** The bytes that come next, as a view. */
  bytes(): Buffer {
    const start = this.#length();
    return this.#bytes.subarray(start, this.#at);
  }

  /** Passes over the value of a field that nobody asks for. */
  skip(tag: number): void {
    const type = tag % 8;
    if (type === VARINT) this.varint();
    else if (type === BYTES) this.#length();
    else if (type === FIXED64 || type === FIXED32) {
      const size = type === FIXED64 ? 8 : 4;
      this.#need(size);
      this.#at += size;
    } else throw new FormatProblem(`a field has the wire type ${type}`);
  }

  /** Passes over a length and the bytes behind it; where they begin. */
  #length(): number {
    const length = this.varint();
    this.#need(length);
    const start = this.#at;
    this.#at += length;
    return start;
  }

  #need(bytes: number): void {
    if (this.#at + bytes > this.#end) throw truncated();
  }
}

function truncated(): FormatProblem {
  return new FormatProblem('the message ends early');
}

/** Where bytes go. */
export interface ByteTarget {
  byte(byte: number): void;
  bytes(bytes: Uint8Array): void;
}

/** Writes a number; a negative one as two's complement of 64 bits. */
export function writeVarint(out: ByteTarget, value: number): void {
  if (value < 0) {
    let rest = BigInt.asUintN(64, BigInt(value));
    for (; rest >= 0x80n; rest >>= 7n) out.byte(Number(rest & 0x7fn) | 0x80);
    out.byte(Number(rest));
    return;
  }
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 128)) out.byte((rest % 128) | 0x80);
  out.byte(rest);
}

export function varintBytes(value: number): number {
  if (value < 0) return 10;
  let bytes = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 128)) bytes += 1;
  return bytes;
}
