import { INTEGER_MAX, INTEGER_MIN, integer, type Value } from '../../event/value.ts';
import { type Failure, fail } from '../4_run/failure.ts';
import { utf8Text } from '../formats/utf8_text.ts';
import { defineFunction, optional, required } from '../function.ts';

// biome-ignore lint/suspicious/noShadowRestrictedNames: functions are exported by the names they are called by.
export const parseInt = defineFunction({
  name: 'parse_int',
  category: 'Parse',
  doc: 'Parses the text of a whole number, in base 10 or another one.',
  parameters: [
    required('value', 'bytes', 'The text to parse.'),
    optional(
      'base',
      'integer',
      'The base, from 2 to 36. Without it the prefix decides: `0b` is 2, `0o` or `0` is 8, `0x` is 16, and all else 10.',
    ),
  ],
  failures: ['`base` is not between 2 and 36.', '`value` is not a number of that base.'],
  returns: { kinds: ['integer'], fallible: true },
  examples: [
    { title: 'A decimal number', source: 'parse_int!("-17")', result: -17 },
    { title: 'A prefix for the base', source: 'parse_int!("0xff")', result: 255 },
    { title: 'Base 36', source: 'parse_int!("zz", base: 36)', result: 1295 },
    {
      title: 'Not a number',
      source: 'parse_int!("12a")',
      error: 'function call error for "parse_int" at (0:17): could not parse integer: invalid digit found in string',
    },
  ],
  run(value: string | Uint8Array, base: number | bigint | undefined) {
    const text = utf8Text(value);
    if (base !== undefined) {
      if (base < 2 || base > 36) return fail(`invalid base ${quoted(text)}: must be be between 2 and 36 (inclusive)`);
      return parseRadix(text, Number(base));
    }
    if (text === '') return fail('value is empty');
    if (text[0] !== '0') return parseRadix(text, 10);
    const prefix = PREFIXES[text[1] ?? ''];
    return prefix === undefined ? parseRadix(text, 8) : parseRadix(text.slice(2), prefix);
  },
});

const PREFIXES: Readonly<Record<string, number>> = { b: 2, o: 8, x: 16 };

function parseRadix(text: string, base: number): Value | Failure {
  if (text === '') return problem('cannot parse integer from empty string');
  const negative = text[0] === '-';
  const start = (negative || text[0] === '+') && text.length > 1 ? 1 : 0;
  let small = 0;
  for (let i = start; i < text.length; i++) {
    const digit = digitOf(text.charCodeAt(i));
    if (digit >= base) return problem('invalid digit found in string');
    small = small * base + digit;
    if (small > Number.MAX_SAFE_INTEGER) return parseLong(text, start, base, negative);
  }
  return negative && small !== 0 ? -small : small;
}

/** The same for what is not a safe number: the first digit that is none or too many ends it. */
function parseLong(text: string, start: number, base: number, negative: boolean): Value | Failure {
  let value = 0n;
  for (let i = start; i < text.length; i++) {
    const digit = digitOf(text.charCodeAt(i));
    if (digit >= base) return problem('invalid digit found in string');
    value = value * BigInt(base) + (negative ? -BigInt(digit) : BigInt(digit));
    if (value > INTEGER_MAX) return problem('number too large to fit in target type');
    if (value < INTEGER_MIN) return problem('number too small to fit in target type');
  }
  return integer(value);
}

function problem(text: string): Failure {
  return fail(`could not parse integer: ${text}`);
}

function digitOf(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  const lower = code | 32;
  return lower >= 97 && lower <= 122 && code < 128 ? lower - 87 : 99;
}

function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}
