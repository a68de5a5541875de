// Numbers as Rust's standard library reads them from text.

import { INTEGER_MAX, INTEGER_MIN, integer } from '../../event/value.ts';

const INTEGER = /^[+-]?[0-9]+$/;
const FLOAT = /^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;
const SPECIAL = /^([+-])?(?:(inf|infinity)|nan)$/i;

/** Longer runs of digits are no 64-bit number unless they begin with zeros. */
const DIGITS_MAX = 40;

/** The integer that a text is: an optional sign and digits, within 64 bits. */
export function readInteger(text: string): number | bigint | undefined {
  if (!INTEGER.test(text)) return undefined;
  if (text.length <= 15) return Number(text) || 0;
  const digits = text.replace(/^([+-]?)0+(?=\d)/, '$1');
  if (digits.length > DIGITS_MAX) return undefined;
  const value = BigInt(digits.startsWith('+') ? digits.slice(1) : digits);
  return value >= INTEGER_MIN && value <= INTEGER_MAX ? integer(value) : undefined;
}

/** The float that a text is, `inf` and `NaN` included. */
export function readFloat(text: string): number | undefined {
  if (FLOAT.test(text)) return Number(text);
  const special = SPECIAL.exec(text);
  if (!special) return undefined;
  if (special[2] === undefined) return Number.NaN;
  return special[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}
