import { float, type Value } from '../../event/value.ts';
import { type Failure, fail } from '../4_run/failure.ts';
import { DECIMAL_OVERFLOW, type Decimal, decimalToNumber, divide, multiply, parseDecimal } from '../formats/decimal.ts';
import { isWhitespace, utf8Text } from '../formats/utf8_text.ts';
import { defineFunction, required } from '../function.ts';

export const parseDuration = defineFunction({
  name: 'parse_duration',
  category: 'Parse',
  doc: 'Parses a duration such as `1h 30m` and returns it in one unit.',
  parameters: [
    required('value', 'bytes', 'The duration: one or more numbers with units.'),
    required('unit', 'bytes', 'The unit of the result.', {
      values: {
        ns: 'Nanoseconds',
        us: 'Microseconds',
        µs: 'Microseconds',
        ms: 'Milliseconds',
        cs: 'Hundredths of a second',
        ds: 'Tenths of a second',
        s: 'Seconds',
        m: 'Minutes',
        h: 'Hours',
        d: 'Days',
      },
    }),
  ],
  failures: ['`value` is not a duration.'],
  returns: { kinds: ['float'], fallible: true },
  examples: [
    { title: 'Milliseconds as seconds', source: 'parse_duration!("1250ms", unit: "s")', result: 1.25 },
    { title: 'A sum', source: 'parse_duration!("1m 1.5s", unit: "ms")', result: float(61_500) },
  ],
  run(value: string | Uint8Array, unit: string | Uint8Array): Value | Failure {
    const unitText = utf8Text(unit);
    const target = UNITS.get(unitText);
    if (!target) return fail(`unknown unit format: '${unitText}'`);
    return sumOf(utf8Text(value), target);
  },
});

const UNITS: ReadonlyMap<string, Decimal> = new Map(
  Object.entries({
    ns: decimal(1n, 9),
    us: decimal(1n, 6),
    µs: decimal(1n, 6),
    ms: decimal(1n, 3),
    cs: decimal(1n, 2),
    ds: decimal(1n, 1),
    s: decimal(1n, 0),
    m: decimal(60n, 0),
    h: decimal(3600n, 0),
    d: decimal(86_400n, 0),
    w: decimal(604_800n, 0),
  }),
);

function decimal(mantissa: bigint, scale: number): Decimal {
  return { mantissa, scale };
}

/** A number with its unit, and where it ends. */
interface Part {
  readonly number: string;
  readonly unit: string;
  readonly end: number;
}

function sumOf(text: string, target: Decimal): Value | Failure {
  let sum = 0;
  for (let at = 0; at < text.length; ) {
    const part = nextPart(text, at);
    if (!part) return fail(`unable to parse duration: '${text.slice(at)}'`);
    const amount = parseDecimal(part.number);
    if (!amount) return fail(`unable to parse number: ${DECIMAL_OVERFLOW}`);
    const unit = UNITS.get(part.unit);
    if (!unit) return fail(`unknown duration unit: '${part.unit}'`);
    const product = multiply(amount, unit);
    const quotient = product && divide(product, target);
    if (!quotient) return fail(`unable to convert duration: '${text.slice(at)}'`);
    sum += decimalToNumber(quotient);
    at = part.end;
  }
  return float(sum);
}

/**
 * The first number that is followed by a unit of one or two letters, at most one blank between them. What stands
 * before it is skipped.
 */
function nextPart(text: string, from: number): Part | undefined {
  for (let start = from; start < text.length; ) {
    if (!isDigit(text, start)) {
      start++;
      continue;
    }
    let end = start + 1;
    while (isDigit(text, end)) end++;
    const unitStart = isWhitespace(text.charCodeAt(end)) ? end + 1 : end;
    if (isUnitLetter(text, unitStart)) {
      const unitEnd = isUnitLetter(text, unitStart + 1) ? unitStart + 2 : unitStart + 1;
      const number = text.slice(numberStart(text, from, start), end);
      return { number, unit: text.slice(unitStart, unitEnd), end: unitEnd };
    }
    start = end;
  }
  return undefined;
}

/** Takes in a point, and digits, before the digits at `start`. */
function numberStart(text: string, from: number, start: number): number {
  if (start === from || text[start - 1] !== '.') return start;
  let first = start - 1;
  while (first > from && isDigit(text, first - 1)) first--;
  return first;
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 48 && code <= 57;
}

/** Letters, the micro sign, and what Unicode takes for their other case. */
function isUnitLetter(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  const lower = code | 32;
  if (code < 128) return lower >= 97 && lower <= 122;
  return code === 0xb5 || code === 0x3bc || code === 0x39c || code === 0x212a || code === 0x17f;
}
