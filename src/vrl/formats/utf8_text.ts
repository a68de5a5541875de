// Text arguments as text: bytes that are not UTF-8 become U+FFFD; and trimming by Unicode's white space, which differs
// from JavaScript's in U+0085 and U+FEFF.

import { lossyText } from '../../event/value.ts';

/** The text of a string value, with U+FFFD for what is not UTF-8. */
export function utf8Text(value: string | Uint8Array): string {
  return typeof value === 'string' ? value : lossyText(value);
}

/** Whether a UTF-16 unit is white space by Unicode (all of it lies in the basic plane). */
export function isWhitespace(code: number): boolean {
  if (code < 0x80) return code === 32 || (code >= 9 && code <= 13);
  return (
    code === 0x85 ||
    code === 0xa0 ||
    code === 0x1680 ||
    (code >= 0x2000 && code <= 0x200a) ||
    code === 0x2028 ||
    code === 0x2029 ||
    code === 0x202f ||
    code === 0x205f ||
    code === 0x3000
  );
}

/** `text[start, end)` without white space around it. */
export function trimmedSlice(text: string, start: number, end: number): string {
  while (start < end && isWhitespace(text.charCodeAt(start))) start++;
  while (end > start && isWhitespace(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

export function trimText(text: string): string {
  return trimmedSlice(text, 0, text.length);
}

/** `text[start, end)` without white space at its end. */
export function trimmedEnd(text: string, start: number, end: number): string {
  while (end > start && isWhitespace(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}
