// Decimal numbers of at most 96 bits and 28 decimals, as durations and sizes are computed with, so that `0.1s` is
// exactly 100 ms and results round where Vector's do.

export interface Decimal {
  readonly mantissa: bigint;
  /** How many of its digits are decimals. */
  readonly scale: number;
}

const SCALE_MAX = 28;
const MANTISSA_MAX = (1n << 96n) - 1n;

const POWERS = Array.from({ length: 64 }, (_, exponent) => 10n ** BigInt(exponent));

function power(exponent: number): bigint {
  return POWERS[exponent] ?? 10n ** BigInt(exponent);
}

export const DECIMAL_OVERFLOW = 'Invalid decimal: overflow from too many digits';

/** Digits with an optional point: decimals that do not fit are rounded away; undefined when the whole part is too big. */
export function parseDecimal(text: string): Decimal | undefined {
  const point = text.indexOf('.');
  const whole = point === -1 ? text : text.slice(0, point);
  // Digits far behind the limit cannot change the result.
  const fraction = point === -1 ? '' : text.slice(point + 1, point + 1 + 40);
  if (whole.length > 64 && /^0*[1-9]\d{29}/.test(whole)) return undefined;
  let mantissa = BigInt(`${whole.replace(/^0+(?=\d)/, '')}${fraction}` || '0');
  let scale = fraction.length;
  if (scale > SCALE_MAX || mantissa > MANTISSA_MAX) {
    const fitted = fit(mantissa, scale, 'up');
    if (!fitted) return undefined;
    ({ mantissa, scale } = fitted);
  }
  return { mantissa, scale };
}

/** Takes decimals away until the number fits. */
function fit(mantissa: bigint, scale: number, half: 'up' | 'even'): Decimal | undefined {
  let drop = Math.max(0, scale - SCALE_MAX);
  for (; drop <= scale; drop++) {
    const rounded = divideRounded(mantissa, power(drop), half);
    if (rounded <= MANTISSA_MAX) return { mantissa: rounded, scale: scale - drop };
  }
  return undefined;
}

function divideRounded(dividend: bigint, divisor: bigint, half: 'up' | 'even'): bigint {
  const quotient = dividend / divisor;
  const twice = (dividend - quotient * divisor) * 2n;
  if (twice > divisor || (twice === divisor && (half === 'up' || (quotient & 1n) === 1n))) return quotient + 1n;
  return quotient;
}

/** undefined when the product is too big. */
export function multiply(a: Decimal, b: Decimal): Decimal | undefined {
  const mantissa = a.mantissa * b.mantissa;
  const scale = a.scale + b.scale;
  if (mantissa === 0n) return { mantissa, scale: 0 };
  return mantissa <= MANTISSA_MAX && scale <= SCALE_MAX ? { mantissa, scale } : fit(mantissa, scale, 'even');
}

/**
 * The quotient; undefined when it is too big. Decimals are worked out nine at a time, and only some of the zeros that
 * this leaves are taken away: how many there are shows in `decimalToNumber`.
 */
export function divide(a: Decimal, b: Decimal): Decimal | undefined {
  if (a.mantissa === 0n) return { mantissa: 0n, scale: 0 };
  let scale = a.scale - b.scale;
  let quotient = a.mantissa / b.mantissa;
  let remainder = a.mantissa % b.mantissa;
  const hadRemainder = remainder !== 0n;
  while (remainder !== 0n || scale < 0) {
    const step = remainder === 0n ? Math.min(STEP_MAX, -scale) : stepFor(quotient, scale);
    if (step === 0) {
      if (remainder * 2n > b.mantissa || (remainder * 2n === b.mantissa && (quotient & 1n) === 1n)) quotient += 1n;
      break;
    }
    scale += step;
    if (scale < 0 && quotient * power(step) > MANTISSA_MAX) return undefined;
    remainder *= power(step);
    quotient = quotient * power(step) + remainder / b.mantissa;
    remainder %= b.mantissa;
    if (quotient > MANTISSA_MAX) break;
  }
  if (quotient > MANTISSA_MAX) {
    if (scale < 1) return undefined;
    return { mantissa: divideRounded(quotient, 10n, 'even'), scale: scale - 1 };
  }
  return hadRemainder ? withFewerZeros(quotient, scale) : { mantissa: quotient, scale };
}

/** Decimals worked out in one step. */
const STEP_MAX = 9;

function stepFor(quotient: bigint, scale: number): number {
  let step = Math.min(STEP_MAX, SCALE_MAX - scale);
  while (step > 0 && quotient * power(step) > MANTISSA_MAX) step--;
  return step;
}

function withFewerZeros(mantissa: bigint, scale: number): Decimal {
  while ((mantissa & 0xffff_ffffn) === 0n && scale >= 8 && mantissa % power(8) === 0n) {
    mantissa /= power(8);
    scale -= 8;
  }
  for (const zeros of [4, 2, 1]) {
    if (scale >= zeros && mantissa % power(zeros) === 0n) {
      mantissa /= power(zeros);
      scale -= zeros;
    }
  }
  return { mantissa, scale };
}

/** The nearest float by way of whole and fraction; the detour shows in the last digit of long numbers. */
export function decimalToNumber({ mantissa, scale }: Decimal): number {
  if (scale === 0) return Number(mantissa);
  const precision = power(scale);
  const whole = Number(mantissa / precision);
  const fraction = Number(mantissa % precision) / Number(precision);
  if (fraction === 0) return whole;
  const roundTo = powerOfTen(scale);
  return roundHalfAway((whole + fraction) * roundTo) / roundTo;
}

/** Beyond this, powers of ten are not exact in a number. */
const PLAIN_SCALE_MAX = 22;

/** Quotients up to this many times a power of ten fit a decimal. */
const PLAIN_MANTISSA_MAX = 7e28;

/**
 * What `divide` and `decimalToNumber` make of whole numbers; undefined where that takes longer. The divisor is two or
 * ten to the `exponent`.
 */
export function dividePlainly(size: number, divisor: number, base: 2 | 10, exponent: number): number | undefined {
  const whole = Math.floor(size / divisor);
  let rest = size - whole * divisor;
  if (rest === 0) return whole;
  let fraction = rest / divisor;
  let needed = exponent;
  for (; rest % base === 0; needed--) rest /= base;
  const scale = scaleOf(whole + fraction, needed, base === 2 ? 0 : size);
  if (scale > PLAIN_SCALE_MAX) return undefined;
  const roundTo = 10 ** scale;
  if ((whole + 1) * roundTo > PLAIN_MANTISSA_MAX) return undefined;
  // Too many digits for a number: they are rounded before they are divided.
  if (scale > 15) {
    const digits = base === 2 ? BigInt(rest) * 5n ** BigInt(needed) : BigInt(rest);
    fraction = Number(digits * power(scale - needed)) / roundTo;
  }
  return roundHalfAway((whole + fraction) * roundTo) / roundTo;
}

/** The decimals that `divide` comes to where so many are needed: it takes several at once, and leaves some zeros. */
function scaleOf(quotient: number, needed: number, size: number): number {
  let scale = 0;
  while (scale < needed) {
    let step = Math.min(STEP_MAX, SCALE_MAX - scale);
    while (step > 0 && quotient * 10 ** (scale + step) > PLAIN_MANTISSA_MAX) step--;
    if (step < STEP_MAX) return Infinity;
    scale += step;
  }
  let zeros = scale - needed;
  // Eight zeros go only where there are many factors of two, which is left to `divide`.
  if (zeros >= 8 && size % 256 === 0 && size !== 0) return Infinity;
  for (const some of [4, 2, 1]) if (zeros >= some) zeros -= some;
  return needed + zeros;
}

/** By repeated squaring, whose rounding errors are part of the result. */
function powerOfTen(exponent: number): number {
  let result = 1;
  let base = 10;
  for (let left = exponent; ; base *= base) {
    if (left & 1) result *= base;
    left >>= 1;
    if (left === 0) return result;
  }
}

function roundHalfAway(value: number): number {
  const floor = Math.floor(value);
  return value - floor >= 0.5 ? floor + 1 : floor;
}
