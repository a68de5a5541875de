// UUIDs as text.

import { encodeBase16 } from './base16.ts';

/** 32 hexadecimal digits in their five groups. */
export function hyphenated(digits: string): string {
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-${digits.slice(12, 16)}-${digits.slice(16, 20)}-${digits.slice(20)}`;
}

/** A UUID of random bytes, in which the version and the variant are set. Writes to `bytes`. */
export function uuidOf(bytes: Uint8Array, version: number): string {
  bytes[6] = (bytes[6]! & 0x0f) | (version << 4);
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return hyphenated(encodeBase16(bytes));
}
