// Base64 with either alphabet, exact in what it takes: no white space, no bits left over, padding as asked.

import { asBuffer, latin1Text } from '../../std/bytes.ts';

export type Base64Alphabet = 'standard' | 'url_safe';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const NOT_A_DIGIT = 255;

const codes: Record<Base64Alphabet, Uint8Array> = {
  standard: new TextEncoder().encode(`${LETTERS}+/`),
  url_safe: new TextEncoder().encode(`${LETTERS}-_`),
};

const digits: Record<Base64Alphabet, Uint8Array> = {
  standard: digitsOf(codes.standard),
  url_safe: digitsOf(codes.url_safe),
};

function digitsOf(alphabet: Uint8Array): Uint8Array {
  const table = new Uint8Array(256).fill(NOT_A_DIGIT);
  for (let digit = 0; digit < 64; digit++) table[alphabet[digit]!] = digit;
  return table;
}

/** The alphabet that a `charset` argument names. */
export function base64Alphabet(name: string): Base64Alphabet | undefined {
  return name === 'standard' || name === 'url_safe' ? name : undefined;
}

/** The engine's own writer, which newer ones have: ten times as fast. */
type NativeBase64 = {
  readonly toBase64?: (options: { readonly alphabet: string; readonly omitPadding: boolean }) => string;
};

export function encodeBase64(bytes: Uint8Array, alphabet: Base64Alphabet, padding: boolean): string {
  const native = bytes as NativeBase64;
  if (native.toBase64 !== undefined)
    return native.toBase64({ alphabet: alphabet === 'standard' ? 'base64' : 'base64url', omitPadding: !padding });
  return encodePlainly(bytes, alphabet, padding);
}

/** `encodeBase64` where the engine does not bring it. */
export function encodePlainly(bytes: Uint8Array, alphabet: Base64Alphabet, padding: boolean): string {
  const table = codes[alphabet];
  const out = new Uint8Array(Math.ceil(bytes.length / 3) * 4);
  let filled = 0;
  for (let i = 0; i < bytes.length; i += 3) {
    const group = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    for (let shift = 18; shift >= 0; shift -= 6) out[filled++] = table[(group >>> shift) & 63]!;
  }
  const missing = (3 - (bytes.length % 3)) % 3;
  if (padding) out.fill(61, filled - missing);
  return latin1Text(asBuffer(out), 0, padding ? filled : filled - missing);
}

/** The bytes that digits without padding stand for; undefined when they are not Base64. */
export function decodeBase64(text: Uint8Array, alphabet: Base64Alphabet): Uint8Array | undefined {
  const rest = text.length % 4;
  if (rest === 1) return undefined;
  const table = digits[alphabet];
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  const whole = text.length - rest;
  let filled = 0;
  let seen = 0;
  for (let i = 0; i < whole; i += 4) {
    const a = table[text[i]!]!;
    const b = table[text[i + 1]!]!;
    const c = table[text[i + 2]!]!;
    const d = table[text[i + 3]!]!;
    seen |= a | b | c | d;
    bytes[filled++] = (a << 2) | (b >>> 4);
    bytes[filled++] = (b << 4) | (c >>> 2);
    bytes[filled++] = (c << 6) | d;
  }
  if (rest > 0) {
    const a = table[text[whole]!]!;
    const b = table[text[whole + 1]!]!;
    const c = rest === 3 ? table[text[whole + 2]!]! : 0;
    seen |= a | b | c;
    const isExact = rest === 3 ? (c & 3) === 0 : (b & 15) === 0;
    if (!isExact) return undefined;
    bytes[filled++] = (a << 2) | (b >>> 4);
    if (rest === 3) bytes[filled++] = (b << 4) | (c >>> 2);
  }
  // A digit is below 64; what is none has its high bits set.
  return seen > 63 ? undefined : bytes;
}

/** The same for text that must be padded. */
export function decodePaddedBase64(text: Uint8Array, alphabet: Base64Alphabet): Uint8Array | undefined {
  if (text.length % 4 !== 0) return undefined;
  let end = text.length;
  while (end > 0 && text.length - end < 2 && text[end - 1] === 61) end -= 1;
  return decodeBase64(text.subarray(0, end), alphabet);
}
