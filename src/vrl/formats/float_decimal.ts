// A float as the decimal number that is meant: 0.1 is 0.1 and not 0.1000000000000000055. Digits are those that survive in
// 96 bits, cut to what a float guarantees; programs see them, so the steps are those of the original's decimal type.

const LIMB_LIMIT = 1n << 96n;
const TOP_BIT = 1n << 95n;
const FLOAT_LIMIT = 1n << 52n;
const SCALE_MAX = 28;

const view = new DataView(new ArrayBuffer(8));

/** Digits without exponent, as `-12.5`; undefined for what is too large (from about 7.9e28 on) or infinite. */
export function floatDecimal(value: number): string | undefined {
  if (!Number.isFinite(value)) return undefined;
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const sign = bits >> 63n === 1n ? '-' : '';
  const biased = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  if (biased === 0 && fraction === 0n) return `${sign}0`;
  const exponent = biased - 1075 + (biased === 0 ? 1 : 0);
  const scaled = toTens(biased === 0 ? fraction : fraction | (1n << 52n), exponent);
  return scaled && sign + text(scaled);
}

interface Scaled {
  readonly digits: bigint;
  /** How many of the digits are after the point. */
  readonly scale: number;
}

/** `mantissa · 2^exponent` as `digits · 10^-scale`. */
function toTens(mantissa: bigint, exponent: number): Scaled | undefined {
  let digits = mantissa;
  let fives = -exponent;
  let tens = exponent;
  while (fives > 0) {
    fives -= 1;
    if ((digits & 1n) === 0n || digits * 5n >= LIMB_LIMIT) {
      tens += 1;
      digits >>= 1n;
    } else digits *= 5n;
  }
  while (fives < 0) {
    fives += 1;
    if (digits < TOP_BIT) {
      tens -= 1;
      digits <<= 1n;
    } else if (tens * 2 > -(fives - 1)) return undefined;
    else digits /= 5n;
  }
  for (; tens > 0; tens--) {
    digits *= 10n;
    if (digits >= LIMB_LIMIT) return undefined;
  }
  while (tens < -SCALE_MAX) {
    const shorter = rounded(digits);
    tens += 1;
    // Nothing is left.
    if (digits < 10n) tens = 0;
    digits = digits < 10n ? 0n : shorter;
  }
  for (; tens < 0 && digits >= FLOAT_LIMIT; tens++) digits = rounded(digits);
  for (; tens < 0 && digits % 10n === 0n; tens++) digits /= 10n;
  return { digits, scale: -tens };
}

/** One digit less, half up. */
function rounded(digits: bigint): bigint {
  return digits / 10n + (digits % 10n >= 5n ? 1n : 0n);
}

function text({ digits, scale }: Scaled): string {
  const all = String(digits).padStart(scale + 1, '0');
  return scale === 0 ? all : `${all.slice(0, -scale)}.${all.slice(-scale)}`;
}
