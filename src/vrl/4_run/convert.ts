// Text read as booleans, integers and floats, with the messages that say why it is none.

import { float, INTEGER_MAX, INTEGER_MIN, integer, lossyText, type Value } from '../../event/value.ts';
import { debugText } from '../formats/debug_text.ts';
import { type Failure, fail } from './failure.ts';

/** The text of a string value, with U+FFFD for what is not UTF-8. */
export function lossy(value: string | Uint8Array): string {
  return typeof value === 'string' ? value : lossyText(value);
}

const BOOLEANS: Readonly<Record<string, boolean>> = {
  true: true,
  t: true,
  yes: true,
  y: true,
  false: false,
  f: false,
  no: false,
  n: false,
};

/** `true`, `t`, `yes`, `y` and their contraries in any case, and integers, of which zero is false. */
export function parseBoolean(value: string | Uint8Array): boolean | Failure {
  const text = lossy(value);
  if (Object.hasOwn(BOOLEANS, text)) return BOOLEANS[text]!;
  const number = parseInteger(text);
  if (typeof number !== 'string') return number !== 0;
  const lower = text.toLowerCase();
  return Object.hasOwn(BOOLEANS, lower) ? BOOLEANS[lower]! : fail(`Invalid boolean value ${debugText(text)}`);
}

/** The integer that a text is in decimal; else words that say why it is none. */
export function parseInteger(text: string): number | bigint | string {
  // Short ones need no check of their size.
  if (text.length < 16 && /^[+-]?\d+$/.test(text)) return Number(text) + 0;
  if (text === '') return 'cannot parse integer from empty string';
  return parseLongInteger(text);
}

/** An i64 has 19 digits; what is longer without leading zeros is out of range and not worth converting. */
const DIGITS_MAX = 19;

function parseLongInteger(text: string): number | bigint | string {
  const match = /^([+-]?)0*(\d*)$/.exec(text);
  if (!match || !/\d$/.test(text)) return firstFault(text);
  const [, sign, digits] = match;
  const tooFar = sign === '-' ? 'number too small to fit in target type' : 'number too large to fit in target type';
  if (digits!.length > DIGITS_MAX) return tooFar;
  const number = BigInt(digits || '0') * (sign === '-' ? -1n : 1n);
  return number > INTEGER_MAX || number < INTEGER_MIN ? tooFar : integer(number);
}

/** Digits are read from the left: a number that is out of range before its first wrong character is out of range. */
function firstFault(text: string): string {
  const wrong = 'invalid digit found in string';
  const [, sign, digits] = /^([+-]?)0*(\d*)/.exec(text)!;
  if (digits!.length < DIGITS_MAX) return wrong;
  const number = BigInt(digits!.slice(0, DIGITS_MAX + 1));
  if (sign === '-') return -number < INTEGER_MIN ? 'number too small to fit in target type' : wrong;
  return number > INTEGER_MAX ? 'number too large to fit in target type' : wrong;
}

/** The integer of a text, or the failure that `to_int` gives. */
export function convertInteger(value: string | Uint8Array): Value | Failure {
  const text = lossy(value);
  const result = parseInteger(text);
  return typeof result === 'string' ? fail(`Invalid integer ${debugText(text)}: ${result}`) : result;
}

const FLOAT = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const INFINITE = /^([+-]?)inf(?:inity)?$/i;

/** The float that a text is, NaN for `nan` in any case; else words that say why it is none. */
export function parseFloatText(text: string): number | string {
  if (FLOAT.test(text)) return Number(text);
  if (text === '') return 'cannot parse float from empty string';
  const infinite = INFINITE.exec(text);
  if (infinite) return infinite[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return /^[+-]?nan$/i.test(text) ? Number.NaN : 'invalid float literal';
}

/** The float of a text, or the failure that `to_float` gives. */
export function convertFloat(value: string | Uint8Array): Value | Failure {
  const text = lossy(value);
  const result = parseFloatText(text);
  if (typeof result === 'string') return fail(`Invalid floating point number ${debugText(text)}: ${result}`);
  return Number.isNaN(result) ? fail(`NaN number not supported ${debugText(text)}`) : float(result);
}
