// The buckets that every histogram has: upper limits 2^-12 to 2^12, then infinity.

export const BUCKETS = 26;

/** The exponent of the first upper limit is minus this. */
const SMALLEST = 12;

/** Upper limits; the last is infinite. */
export const BUCKET_LIMITS: readonly number[] = Array.from({ length: BUCKETS }, (_, index) =>
  index < BUCKETS - 1 ? 2 ** (index - SMALLEST) : Number.POSITIVE_INFINITY,
);

const float = new Float64Array(1);
const halves = new Uint32Array(float.buffer);
/** Which half of a number has sign and exponent: the second, where the low byte comes first. */
const HIGH = new Uint8Array(new Uint32Array([1]).buffer)[0]!;

/**
 * The bucket of a number: the first whose upper limit is not below it. From the bits of the number, since a logarithm
 * is twice as slow and may be off at the limits themselves.
 */
export function bucketOf(value: number): number {
  if (!(value > 2 ** -SMALLEST)) return 0;
  if (value > 2 ** SMALLEST) return BUCKETS - 1;
  float[0] = value;
  const high = halves[HIGH]!;
  const isPower = (high & 0xfffff) === 0 && halves[1 - HIGH] === 0;
  return (high >>> 20) - 1023 + SMALLEST + (isPower ? 0 : 1);
}
