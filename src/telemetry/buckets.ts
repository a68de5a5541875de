// The buckets that every histogram has: upper limits 2^-12 to 2^12, then infinity.

export const BUCKETS = 26;

/** The exponent of the first upper limit is minus this. */
const SMALLEST = 12;

/** Upper limits; the last is infinite. */
export const BUCKET_LIMITS: readonly number[] = Array.from({ length: BUCKETS }, (_, index) =>
  index < BUCKETS - 1 ? 2 ** (index - SMALLEST) : Number.POSITIVE_INFINITY,
);

const LARGEST = 2 ** SMALLEST;

/**
 * The bucket of a number: the first whose upper limit is not below it. As a count of bits, since a logarithm takes twice
 * the time and may be off at the limits themselves. A limit times 2^12 is a whole number, so rounding up crosses none.
 */
export function bucketOf(value: number): number {
  if (value > LARGEST) return BUCKETS - 1;
  const smallest = value * LARGEST;
  return smallest > 1 ? 32 - Math.clz32(Math.ceil(smallest) - 1) : 0;
}
