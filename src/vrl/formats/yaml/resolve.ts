// What a scalar of YAML stands for: by its look where it is plain, by its tag where it has one.

import { float, INTEGER_MAX, INTEGER_MIN, integer, type Value } from '../../../event/value.ts';
import { debugText } from '../debug_text.ts';
import { YamlProblem } from './text.ts';

/** A value of a type that values do not have. */
export function unexpected(what: string): YamlProblem {
  return new YamlProblem(`invalid type: ${what}, expected any valid JSON value`);
}

const CORE = 'tag:yaml.org,2002:';

/** The value of a scalar, or why it has none. */
export function resolveScalar(text: string, isPlain: boolean, tag: string | undefined): Value | YamlProblem {
  switch (tag) {
    case `${CORE}bool`:
      return booleanOf(text) ?? invalid(text, 'a boolean');
    case `${CORE}int`:
      return integerOf(text) ?? invalid(text, 'an integer');
    case `${CORE}float`: {
      const number = floatOf(text);
      return number === undefined ? invalid(text, 'a float') : floatValue(number);
    }
    case `${CORE}null`:
      return isNull(text) ? null : invalid(text, 'null');
  }
  return isPlain && tag === undefined ? plainValue(text) : text;
}

function invalid(text: string, expected: string): YamlProblem {
  return new YamlProblem(`invalid value: string ${debugText(text)}, expected ${expected}`);
}

function plainValue(text: string): Value | YamlProblem {
  if (text === '' || isNull(text)) return null;
  const first = text.charCodeAt(0);
  // Most text is told by its first letter: no digit, sign or dot, and none of `true`, `false`.
  const canBeNumber = first < 58 && first >= 43;
  if (!canBeNumber) return booleanOf(text) ?? text;
  const whole = integerOf(text);
  if (whole !== undefined) return whole;
  const number = isDigitsOfText(text) ? undefined : floatOf(text);
  return number === undefined ? text : floatValue(number);
}

function isNull(text: string): boolean {
  return text === '~' || text === 'null' || text === 'Null' || text === 'NULL';
}

function booleanOf(text: string): boolean | undefined {
  if (text === 'true' || text === 'True' || text === 'TRUE') return true;
  return text === 'false' || text === 'False' || text === 'FALSE' ? false : undefined;
}

/** Digits that begin with a zero are text. */
function isDigitsOfText(text: string): boolean {
  return /^[+-]?0[0-9]+$/.test(text);
}

const INTEGER = /^([+-]?)(?:0x([0-9a-fA-F]+)|0o([0-7]+)|0b([01]+)|([0-9]+))$/;
/** Longer ones are out of any range. */
const DIGITS_MAX = 140;
const U64_MAX = 2n ** 64n - 1n;
const I128_MIN = -(2n ** 127n);
const U128_MAX = 2n ** 128n - 1n;

function integerOf(text: string): Value | YamlProblem | undefined {
  const match = text.length <= DIGITS_MAX ? INTEGER.exec(text) : null;
  if (match === null || isDigitsOfText(text)) return undefined;
  const [, sign, hex, octal, binary, decimal] = match;
  const digits =
    hex !== undefined ? `0x${hex}` : octal !== undefined ? `0o${octal}` : binary ? `0b${binary}` : decimal!;
  if (digits.length <= 10) return (sign === '-' ? -Number(digits) : Number(digits)) + 0;
  const number = sign === '-' ? -BigInt(digits) : BigInt(digits);
  if (number >= INTEGER_MIN && number <= INTEGER_MAX) return integer(number);
  if (number > 0n && number <= U64_MAX) return float(Number(number));
  if (number < I128_MIN || number > U128_MAX) return undefined;
  return unexpected(`integer \`${number}\` as ${number < 0n ? 'i128' : 'u128'}`);
}

const FLOAT = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;

function floatOf(text: string): number | undefined {
  if (/^\+?\.(?:inf|Inf|INF)$/.test(text)) return Number.POSITIVE_INFINITY;
  if (/^-\.(?:inf|Inf|INF)$/.test(text)) return Number.NEGATIVE_INFINITY;
  if (/^\.(?:nan|NaN|NAN)$/.test(text)) return Number.NaN;
  const number = FLOAT.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(number) ? number : undefined;
}

function floatValue(number: number): Value | YamlProblem {
  if (!Number.isNaN(number)) return float(number);
  return new YamlProblem('invalid value: floating point `NaN`, expected any valid JSON value');
}
