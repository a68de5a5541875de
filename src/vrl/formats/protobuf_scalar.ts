// Values as protobuf scalars: integers are cut to the size of the field, text is read as what the field wants.

import { displayFloat } from '../../event/text.ts';
import { Timestamp } from '../../event/timestamp.ts';
import { Float, Regex, type Value } from '../../event/value.ts';
import { textOf } from './bytes.ts';
import { debugText } from './debug_text.ts';
import { ProtobufProblem, type ScalarName, typeWord, type ValueType } from './protobuf.ts';

/** A scalar of a message: integers are bigint, floats numbers. */
export type Scalar = bigint | number | boolean | string | Uint8Array;

export interface EncodeOptions {
  /** Numbers, booleans and times become text where text is wanted. */
  readonly coercesToText: boolean;
}

interface IntegerKind {
  /** Rust's name for it. */
  readonly name: string;
  readonly min: bigint;
  readonly max: bigint;
}

const I32: IntegerKind = { name: 'i32', min: -(2n ** 31n), max: 2n ** 31n - 1n };
const I64: IntegerKind = { name: 'i64', min: -(2n ** 63n), max: 2n ** 63n - 1n };
const U32: IntegerKind = { name: 'u32', min: 0n, max: 2n ** 32n - 1n };
const U64: IntegerKind = { name: 'u64', min: 0n, max: 2n ** 64n - 1n };

const INTEGERS: Readonly<Partial<Record<ScalarName, IntegerKind>>> = {
  int32: I32,
  sint32: I32,
  sfixed32: I32,
  int64: I64,
  sint64: I64,
  sfixed64: I64,
  uint32: U32,
  fixed32: U32,
  uint64: U64,
  fixed64: U64,
};

/** Makes the message for text that cannot be read as a number. */
export type Complaint = (name: string, problem: string, text: string) => string;

/** The scalar that a value makes; undefined when it is of a kind that makes none. Throws `ProtobufProblem`. */
export function convertScalar(
  scalar: ScalarName,
  value: Value,
  options: EncodeOptions,
  complain: Complaint,
): Scalar | undefined {
  const text = typeof value === 'string' || value instanceof Uint8Array ? textOf(value) : undefined;
  if (scalar === 'string') return text ?? asText(value, options.coercesToText);
  if (scalar === 'bytes') {
    if (typeof value === 'string' || value instanceof Uint8Array) return value;
    return value instanceof Regex ? value.source : undefined;
  }
  if (scalar === 'bool') return text === undefined ? asBoolean(value) : parseBoolean(text);
  if (scalar === 'double' || scalar === 'float') {
    if (text === undefined) return asNumber(value);
    const number = parseFloatExactly(text);
    if (typeof number === 'number') return number;
    throw new ProtobufProblem(complain(scalar, number, text));
  }
  const kind = INTEGERS[scalar]!;
  if (text === undefined) return asInteger(scalar, kind, value);
  const number = parseIntegerExactly(text, kind);
  if (typeof number === 'bigint') return number;
  throw new ProtobufProblem(complain(kind.name, number, text));
}

function asText(value: Value, coerces: boolean): string | undefined {
  if (value instanceof Regex) return value.source;
  if (!coerces) return undefined;
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : displayFloat(value);
  if (value instanceof Float) return displayFloat(value.value);
  return value instanceof Timestamp ? value.toString().replace('T', ' ').replace('Z', ' UTC') : undefined;
}

function asBoolean(value: Value): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return true;
  return typeof value === 'number' && Number.isInteger(value) ? value !== 0 : undefined;
}

function asNumber(value: Value): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  return value instanceof Float ? value.value : undefined;
}

function asInteger(scalar: ScalarName, kind: IntegerKind, value: Value): bigint | undefined {
  if (value instanceof Timestamp) {
    if (scalar !== 'int64') return undefined;
    return BigInt(value.seconds) * 1_000_000n + BigInt(Math.floor(value.nanos / 1000));
  }
  if (typeof value !== 'bigint' && !(typeof value === 'number' && Number.isInteger(value))) return undefined;
  const bits = kind === I32 || kind === U32 ? 32 : 64;
  return kind.min < 0n ? BigInt.asIntN(bits, BigInt(value)) : BigInt.asUintN(bits, BigInt(value));
}

function parseBoolean(text: string): boolean {
  const lower = text.toLowerCase();
  if (/^(?:true|t|yes|y)$/.test(lower)) return true;
  if (/^(?:false|f|no|n)$/.test(lower)) return false;
  const number = parseIntegerExactly(text, I64);
  if (typeof number === 'bigint') return number !== 0n;
  throw new ProtobufProblem(`Invalid boolean value ${debugText(text)}`);
}

/** Digits beyond these are out of any range, and reading them all would cost quadratic time. */
const DIGITS_MAX = 40;

function parseIntegerExactly(text: string, { min, max }: IntegerKind): bigint | string {
  if (text === '') return 'cannot parse integer from empty string';
  if (!(min < 0n ? /^[+-]?[0-9]+$/ : /^\+?[0-9]+$/).test(text)) return 'invalid digit found in string';
  const isNegative = text.startsWith('-');
  const digits = text.replace(/^[+-]?0*/, '');
  const size = digits.length > DIGITS_MAX ? max + 2n : BigInt(digits);
  const number = isNegative ? -size : size;
  if (number > max) return 'number too large to fit in target type';
  return number < min ? 'number too small to fit in target type' : number;
}

function parseFloatExactly(text: string): number | string {
  if (text === '') return 'cannot parse float from empty string';
  const word = /^([+-]?)(inf|infinity|nan)$/i.exec(text);
  if (word !== null) {
    if (word[2]!.toLowerCase() === 'nan') return Number.NaN;
    return word[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }
  if (!/^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/.test(text)) return 'invalid float literal';
  return Number(text);
}

/** The scalar that a value makes. */
export function scalarOf(type: ValueType, value: Value, options: EncodeOptions): Scalar {
  const scalar = type.kind === 'message' ? undefined : convert(type, value, options);
  if (scalar === undefined) throw cannotEncode(value, typeWord(type));
  return scalar;
}

function convert(type: ValueType & { kind: 'scalar' | 'enum' }, value: Value, options: EncodeOptions) {
  if (type.kind === 'scalar')
    return convertScalar(type.scalar, value, options, (name, problem, text) =>
      name === 'double' || name === 'float'
        ? `Cannot parse \`${text}\` as ${name}: ${problem}`
        : `Can't convert '${text}' to ${name}: ${problem}`,
    );
  if (typeof value === 'bigint') return BigInt.asIntN(32, value);
  if (typeof value === 'number' && Number.isInteger(value)) return BigInt.asIntN(32, BigInt(value));
  if (typeof value !== 'string' && !(value instanceof Uint8Array)) return undefined;
  const text = textOf(value);
  const number = type.enum.numbers.get(text.replace(/[A-Z]/g, (letter) => letter.toLowerCase()));
  if (number === undefined)
    throw new ProtobufProblem(`Enum \`${type.enum.fullName}\` has no value that matches string '${text}'`);
  return BigInt(number);
}

export function cannotEncode(value: Value, word: string): ProtobufProblem {
  return new ProtobufProblem(`Cannot encode \`${kindWordOf(value)}\` into protobuf \`${word}\``);
}

/** Kinds as these messages name them. */
function kindWordOf(value: Value): string {
  if (value === null) return 'null';
  if (typeof value === 'string' || value instanceof Uint8Array || value instanceof Regex) return 'string';
  if (typeof value === 'boolean') return 'boolean';
  if (typeof value === 'bigint') return 'integer';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'float';
  if (value instanceof Float) return 'float';
  if (value instanceof Timestamp) return 'timestamp';
  return Array.isArray(value) ? 'array' : 'map';
}
