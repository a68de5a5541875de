// Hexadecimal digits, two a byte.

const PAIRS: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** The engine's own writer, which newer ones have. */
type NativeHex = { readonly toHex?: () => string };

/** Bytes in lower case digits. */
export function encodeBase16(bytes: Uint8Array): string {
  const native = bytes as NativeHex;
  if (native.toHex !== undefined) return native.toHex();
  let text = '';
  for (let i = 0; i < bytes.length; i++) text += PAIRS[bytes[i]!];
  return text;
}

const NOT_A_DIGIT = 255;
const DIGITS = new Uint8Array(256).fill(NOT_A_DIGIT);
for (let digit = 0; digit < 16; digit++) {
  DIGITS[digit.toString(16).charCodeAt(0)] = digit;
  DIGITS[digit.toString(16).toUpperCase().charCodeAt(0)] = digit;
}

/** The bytes that digits of either case stand for; undefined when they are odd in number or others are among them. */
export function decodeBase16(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0) return undefined;
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) {
    const high = digitAt(text, i * 2);
    const low = digitAt(text, i * 2 + 1);
    if (high === NOT_A_DIGIT || low === NOT_A_DIGIT) return undefined;
    bytes[i] = (high << 4) | low;
  }
  return bytes;
}

function digitAt(text: string, at: number): number {
  return DIGITS[text.charCodeAt(at)] ?? NOT_A_DIGIT;
}
