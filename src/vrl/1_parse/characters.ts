// Classes of characters that the grammar of programs knows, by UTF-16 code unit.

const WORD_START = 1;
const DIGIT = 2;
const OPERATOR = 4;
const SPACE = 8;
const QUERY_START = 16;

const classes = new Uint8Array(128);
function mark(characters: string, bits: number): void {
  for (let i = 0; i < characters.length; i++) classes[characters.charCodeAt(i)]! |= bits;
}
mark('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ@_', WORD_START | QUERY_START);
mark('0123456789', DIGIT);
mark('!&*+-/<=>?|', OPERATOR);
mark('\t\n\v\f\r ', SPACE);
mark('%.{[', QUERY_START);

function has(code: number, bits: number): boolean {
  return code < 128 && (classes[code]! & bits) !== 0;
}

export function isWordStart(code: number): boolean {
  return has(code, WORD_START);
}

/** A character of a word after its first. */
export function isWordPart(code: number): boolean {
  return has(code, WORD_START | DIGIT);
}

export function isDigit(code: number): boolean {
  return has(code, DIGIT);
}

export function isOperator(code: number): boolean {
  return has(code, OPERATOR);
}

/** A character that a path, or what a path is taken from, can begin with. */
export function isQueryStart(code: number): boolean {
  return has(code, QUERY_START);
}

/** White space by Unicode, which differs from that of JavaScript in U+0085 and U+FEFF. */
export function isSpace(code: number): boolean {
  if (code < 128) return (classes[code]! & SPACE) !== 0;
  if (code === 0x85 || code === 0xa0 || code === 0x1680) return true;
  if (code < 0x2000 || code > 0x3000) return false;
  return code <= 0x200a || code === 0x2028 || code === 0x2029 || code === 0x202f || code === 0x205f || code === 0x3000;
}
