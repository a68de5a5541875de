// Numbers of 128 bits in base 62, with the digits `0-9`, `A-Z`, `a-z`.

import { type Failure, fail } from '../4_run/failure.ts';

const OVERFLOW = 'Decoded number cannot fit into a `u128`';
const LIMIT = 1n << 128n;
/** Numbers of more digits, leading zeros aside, are too large. */
const DIGITS_MAX = 22;
/** As many digits are read before their size is looked at: it decides which problem is told. */
const BLOCK = 10;

export function decodeBase62(bytes: Uint8Array): bigint | Failure {
  if (bytes.length === 0) return fail('Encoded input is an empty string');
  let start = 0;
  while (bytes[start] === 48) start += 1;
  const length = bytes.length - start;
  if (length > DIGITS_MAX) return fail(OVERFLOW);
  let number = 0n;
  for (let i = 0; i < length; i++) {
    const digit = digitOf(bytes[start + i]!);
    if (digit < 0)
      return fail(`Encoded input contains the invalid byte b'${escaped(bytes[start + i]!)}' at index ${start + i}`);
    number = number * 62n + BigInt(digit);
    if (i === BLOCK - 1 && number * 62n ** BigInt(length - BLOCK) >= LIMIT) return fail(OVERFLOW);
  }
  return number < LIMIT ? number : fail(OVERFLOW);
}

function digitOf(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  if (byte >= 65 && byte <= 90) return byte - 55;
  return byte >= 97 && byte <= 122 ? byte - 61 : -1;
}

const SHORT: Readonly<Record<number, string>> = { 9: '\\t', 10: '\\n', 13: '\\r', 34: '\\"', 39: "\\'", 92: '\\\\' };

function escaped(byte: number): string {
  if (byte >= 0x20 && byte < 0x7f) return SHORT[byte] ?? String.fromCharCode(byte);
  return SHORT[byte] ?? `\\x${byte.toString(16).padStart(2, '0')}`;
}
