// The tokens of JSON that are not read in one step: long strings, those with escapes or other bytes than ASCII, whitespace,
// numbers that are more than a few digits. Reads past `end` are bounded; what is found there is never believed.

import {
  ASCII,
  COMPLEX,
  DOUBTS,
  DOUBTS_MAX,
  ESCAPED,
  INTEGER,
  INVALID,
  NUMBER,
  REWRITTEN,
  scratch,
  UNICODE,
} from './json_layout';
import { controlLetter, hex } from './json_rewrite';
import { isUtf8 } from './utf8';

/** Why the last call returned 0. */
export let problem: i32 = 0;

/** The kind of the last token. */
export let kind: i32 = 0;

/** Where the last number ends, but for needless zeros. */
export let numberEnd: usize = 0;

function fail(why: i32): usize {
  problem = why;
  return 0;
}

/** The lanes that end the plain part of a string: quotes, backslashes, control characters and what is not ASCII. */
@inline
export function oddLanes(block: v128): i32 {
  return i8x16.bitmask(
    v128.or(
      i8x16.lt_s(block, i8x16.splat(0x20)),
      v128.or(i8x16.eq(block, i8x16.splat(0x22)), i8x16.eq(block, i8x16.splat(0x5c))),
    ),
  );
}

/** The next odd byte from `at` on; at or behind `end` when there is none. */
export function nextOdd(at: usize, end: usize): usize {
  for (let from = at; from < end; from += 16) {
    const odd = oddLanes(v128.load(from));
    if (odd) return from + <usize>ctz(odd);
  }
  return end;
}

/** The same when bytes that are not ASCII are not odd any more. */
function nextOddAscii(at: usize, end: usize): usize {
  for (let from = at; from < end; from += 16) {
    const block = v128.load(from);
    const odd = i8x16.bitmask(
      v128.or(
        i8x16.eq(i8x16.min_u(block, i8x16.splat(31)), block),
        v128.or(i8x16.eq(block, i8x16.splat(0x22)), i8x16.eq(block, i8x16.splat(0x5c))),
      ),
    );
    if (odd) return from + <usize>ctz(odd);
  }
  return end;
}

/** The first byte from `at` on that is no whitespace; at most `end`, when `at` is. */
export function skipSpace(at: usize, end: usize): usize {
  for (; at < end; at++) {
    const byte = load<u8>(at);
    if (byte != 32 && byte != 10 && byte != 13 && byte != 9) break;
  }
  return at;
}

/**
 * The closing quote of the string that begins at `from` and is plain up to the odd byte at `at`, or 0. Sets `kind`, which is
 * REWRITTEN when an escape is not as it is written.
 */
export function oddString(from: usize, at: usize, end: usize): usize {
  let isHigh = false;
  let found = ASCII;
  while (at < end) {
    const byte = <u32>load<u8>(at);
    if (byte == 0x22) {
      if (isHigh && !isUtf8(from, at)) return fail(COMPLEX);
      kind = isHigh ? max<i32>(found, UNICODE) : found;
      return at;
    }
    if (byte >= 0x80) isHigh = true;
    else if (byte < 0x20) return fail(INVALID);
    else {
      at = escape(at + 1);
      if (at == 0) return 0;
      found = max<i32>(found, kind);
    }
    at = isHigh ? nextOddAscii(at, end) : nextOdd(at, end);
  }
  return fail(INVALID);
}

/** The byte behind an escape whose letter is at `at`, or 0. Sets `kind` to ESCAPED or REWRITTEN. */
@inline
function escape(at: usize): usize {
  const letter = <u32>load<u8>(at);
  kind = ESCAPED;
  if (letter == 0x22 || letter == 0x5c || letter == 0x6e) return at + 1; // " \ n
  if (letter == 0x74 || letter == 0x72 || letter == 0x62 || letter == 0x66) return at + 1; // t r b f
  if (letter == 0x2f) kind = REWRITTEN;
  return letter == 0x75 ? codeUnit(at + 1) : letter == 0x2f ? at + 1 : fail(INVALID);
}

/** The byte behind four digits, and behind the second half of a surrogate pair. */
function codeUnit(at: usize): usize {
  const unit = hex(at);
  if (unit < 0) return fail(INVALID);
  // A control character that has no letter is written like this, in lower case.
  const isUpperCase = <u32>load<u8>(at, 3) - 0x41 <= 5;
  kind = unit < 0x20 && controlLetter(unit) == 0 && !isUpperCase ? ESCAPED : REWRITTEN;
  if ((unit & 0xf800) != 0xd800) return at + 4;
  const second = load<u16>(at, 4) == 0x755c ? hex(at + 6) : -1;
  const isPair = unit < 0xdc00 && (second & 0xfc00) == 0xdc00;
  return isPair ? at + 10 : fail(COMPLEX);
}

/** How many digits there are from `at` on. */
function digits(at: usize, end: usize): usize {
  let to = at;
  while (to < end && <u32>load<u8>(to) - 0x30 <= 9) to++;
  return to - at;
}

/** The byte behind the number at `from`, whatever it looks like, or 0. Sets `kind` and `numberEnd`. */
export function oddNumber(from: usize, end: usize): usize {
  const isNegative = load<u8>(from) == 0x2d;
  const whole = isNegative ? from + 1 : from;
  const wholeDigits = digits(whole, end);
  const first = <u32>load<u8>(whole);
  if (wholeDigits == 0 || (first == 0x30 && wholeDigits > 1)) return fail(INVALID);
  let at = whole + wholeDigits;
  let fractionDigits: usize = 0;
  if (load<u8>(at) == 0x2e) {
    fractionDigits = digits(at + 1, end);
    if (fractionDigits == 0) return fail(INVALID);
    at += 1 + fractionDigits;
  }
  kind = NUMBER;
  if ((load<u8>(at) | 0x20) == 0x65) {
    const sign = <u32>load<u8>(at, 1);
    const exponent = at + (sign == 0x2b || sign == 0x2d ? 2 : 1);
    const exponentDigits = digits(exponent, end);
    if (exponentDigits == 0) return fail(INVALID);
    numberEnd = exponent + exponentDigits;
    return doubt(from, numberEnd) ? numberEnd : 0;
  }
  if (fractionDigits > 0) return fraction(from, whole, wholeDigits, fractionDigits) ? at : 0;
  numberEnd = at;
  if (first == 0x30 && isNegative) return fail(COMPLEX);
  if (wholeDigits <= 15) kind = INTEGER;
  // All of 19 digits fit into 64 bits unless they begin with 9, and then most do not.
  else if (wholeDigits > 19 || (wholeDigits == 19 && first == 0x39)) return fail(COMPLEX);
  return at;
}

/**
 * Whether a number with a fraction and no exponent can be written as it is, but for needless zeros: up to 15 digits are the
 * shortest text of the float they stand for, and a float has no more than 17. Sets `numberEnd`.
 */
function fraction(from: usize, whole: usize, wholeDigits: usize, fractionDigits: usize): bool {
  const point = whole + wholeDigits;
  while (fractionDigits > 1 && load<u8>(point + fractionDigits) == 0x30) fractionDigits--;
  numberEnd = point + 1 + fractionDigits;
  let significant = wholeDigits + fractionDigits;
  if (load<u8>(whole) == 0x30) {
    let zeros: usize = 0;
    while (zeros < fractionDigits && load<u8>(point + 1 + zeros) == 0x30) zeros++;
    // What is less than 0.00001 is written with an exponent.
    if (zeros > 4) return fail(COMPLEX) != 0;
    significant = fractionDigits - zeros;
  }
  return significant <= 15 || doubt(from, numberEnd);
}

/** Leaves a number to those who can compute its shortest text; which is never a long one. */
function doubt(from: usize, to: usize): bool {
  const doubts = scratch + DOUBTS;
  const count = load<i32>(doubts);
  if (count == DOUBTS_MAX || to - from > 25) return fail(COMPLEX) != 0;
  const place = doubts + 16 + (<usize>count << 3);
  store<u32>(place, <u32>from);
  store<u32>(place, <u32>to, 4);
  store<i32>(doubts, count + 1);
  return true;
}
