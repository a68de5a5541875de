// Sizes as people write them: `10`, `1_000 kB`, `1.5 GiB`, `2e3`.

const EXPONENTS: Readonly<Record<string, number>> = { k: 1, m: 2, g: 3, t: 4, p: 5, e: 6 };
const U64_MAX = (1n << 64n) - 1n;
const I32_MAX = 2_147_483_647;

const EMPTY = 'cannot parse integer from empty string';
const INVALID = 'invalid digit found in string';
const OVERFLOW = 'number too large to fit in target type';

/** Bytes of a size, or text that says why it is none. `binary` makes `K` 1024 and not 1000; `Ki` always is. */
export function parseSize(text: string, binary: boolean): bigint | string {
  let end = text.length;
  if (/[bB]$/.test(text)) end--;
  let base = binary ? 1024n : 1000n;
  if (/[iI]/.test(text[end - 1] ?? '')) {
    base = 1024n;
    end--;
  }
  let multiple = 1n;
  const exponent = EXPONENTS[(text[end - 1] ?? '').toLowerCase()];
  if (exponent !== undefined) {
    multiple = base ** BigInt(exponent);
    end--;
  }
  const number = readNumber(text.slice(0, end));
  return typeof number === 'string' ? number : scaled(number, multiple);
}

/** More digits than this may not be exact in a number. */
const DIGITS_MAX = 15;

/** The same for what is written plainly and stays exact in a number; undefined says that `parseSize` has to look. */
export function parsePlainSize(text: string, binary: boolean): number | undefined {
  let mantissa = 0;
  let point = -1;
  let at = 0;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code >= 48 && code <= 57) mantissa = mantissa * 10 + code - 48;
    else if (code === 46 && point === -1 && at > 0) point = at;
    else break;
  }
  if (at === 0 || at > DIGITS_MAX) return undefined;
  const end = at;
  if (text.charCodeAt(at) === 32) at++;
  const multiple = (binary ? BINARY_SUFFIXES : DECIMAL_SUFFIXES).get(text.slice(at));
  if (multiple === undefined) return undefined;
  const digits = point === -1 ? 0 : end - 1 - point;
  const power = POWERS[digits]!;
  const size = mantissa * multiple;
  if (size > Number.MAX_SAFE_INTEGER - power) return undefined;
  return digits === 0 ? size : Math.floor((size + power / 2) / power);
}

const POWERS = Array.from({ length: DIGITS_MAX + 1 }, (_, exponent) => 10 ** exponent);
const BINARY_SUFFIXES = suffixes(1024);
const DECIMAL_SUFFIXES = suffixes(1000);

function suffixes(base: number): ReadonlyMap<string, number> {
  const all = new Map<string, number>([
    ['', 1],
    ['B', 1],
  ]);
  for (const [letter, exponent] of Object.entries(EXPONENTS)) {
    for (const prefix of [letter, letter.toUpperCase()]) {
      all.set(prefix, base ** exponent).set(`${prefix}B`, base ** exponent);
      all.set(`${prefix}i`, 1024 ** exponent).set(`${prefix}iB`, 1024 ** exponent);
    }
  }
  return all;
}

interface SizeNumber {
  mantissa: bigint;
  exponent: number;
}

type State = 'empty' | 'whole' | 'wholeOverflow' | 'fraction' | 'fractionOverflow' | 'plus' | 'minus';

/** Digits beyond 64 bits only move the exponent, the first of them rounds. */
function readNumber(text: string): SizeNumber | string {
  let mantissa = 0n;
  let shift = 0;
  let exponent = 0;
  let state: State = 'empty';
  for (const char of text) {
    const digit = char >= '0' && char <= '9' ? char.charCodeAt(0) - 48 : -1;
    if (char === '_' || char === ' ') continue;
    if (digit >= 0) {
      if (state === 'plus') {
        exponent = exponent * 10 + digit;
        if (exponent > I32_MAX) return OVERFLOW;
      } else if (state === 'minus') {
        if (exponent * 10 - digit >= -I32_MAX - 1) exponent = exponent * 10 - digit;
      } else if (state === 'wholeOverflow') shift++;
      else if (state !== 'fractionOverflow') {
        const next: bigint = mantissa * 10n + BigInt(digit);
        if (next <= U64_MAX) {
          mantissa = next;
          if (state === 'fraction') shift--;
          else state = 'whole';
        } else {
          if (digit >= 5) mantissa += 1n;
          if (state === 'fraction') state = 'fractionOverflow';
          else {
            state = 'wholeOverflow';
            shift++;
          }
        }
      }
    } else if ((char === 'e' || char === 'E') && !['empty', 'plus', 'minus'].includes(state)) state = 'plus';
    else if (char === '-' && state === 'plus') state = 'minus';
    else if (char === '.' && state === 'whole') state = 'fraction';
    else if (char === '.' && state === 'wholeOverflow') state = 'fractionOverflow';
    else if (char !== '+' || state !== 'plus') return INVALID;
  }
  return state === 'empty' ? EMPTY : { mantissa, exponent: Math.min(exponent + shift, I32_MAX) };
}

function scaled({ mantissa, exponent }: SizeNumber, multiple: bigint): bigint | string {
  if (exponent < -38) return 0n;
  // Ten to the 20th is beyond 64 bits, whatever it multiplies.
  if (exponent >= 20) return OVERFLOW;
  const power = 10n ** BigInt(Math.abs(exponent));
  if (exponent < 0) {
    const result = (mantissa * multiple + power / 2n) / power;
    return result > U64_MAX ? OVERFLOW : result;
  }
  if (multiple * power > U64_MAX) return OVERFLOW;
  const result = mantissa * multiple * power;
  return result > U64_MAX ? OVERFLOW : result;
}
