// SeaHash: the hash by which Vector decides which values of a key are sampled. It is no secret and no checksum; what
// counts is that the same value has the same hash here, there, and on every machine.
//
// Numbers of 64 bits are kept as two halves: with BigInt a value of 80 bytes would take 6 µs, this way 0.25 µs.

const MULTIPLIER_HIGH = 0x6eed0e9d;
const MULTIPLIER_LOW = 0xa4d94a4f;

const SEEDS_HIGH = [0x16f11fe8, 0xb480a793, 0x6fe2e5aa, 0x14f994a4];
const SEEDS_LOW = [0x9b0d677c, 0xd8e6c86c, 0xf078ebc9, 0xc5259381];

/** The halves of the lane at hand. */
let high = 0;
let low = 0;

/** The 64-bit hash of bytes, unsigned. */
export function seahash(bytes: Uint8Array): bigint {
  const highs = [...SEEDS_HIGH];
  const lows = [...SEEDS_LOW];
  for (let at = 0, lane = 0; at < bytes.length; at += 8, lane = (lane + 1) & 3) {
    low = lows[lane]! ^ littleEndian(bytes, at);
    high = highs[lane]! ^ littleEndian(bytes, at + 4);
    diffuse();
    lows[lane] = low;
    highs[lane] = high;
  }
  low = lows[0]! ^ lows[1]! ^ lows[2]! ^ lows[3]! ^ bytes.length;
  high = highs[0]! ^ highs[1]! ^ highs[2]! ^ highs[3]!;
  diffuse();
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}

/** Up to four bytes from `at` on as a number. */
function littleEndian(bytes: Uint8Array, at: number): number {
  let value = 0;
  for (let i = Math.min(at + 4, bytes.length) - 1; i >= at; i--) value = (value << 8) | bytes[i]!;
  return value;
}

function diffuse(): void {
  multiply();
  low ^= (high >>> 0) >>> (high >>> 28);
  multiply();
}

/** Multiplies the lane modulo 2^64. */
function multiply(): void {
  const lowOfLow = low & 0xffff;
  const highOfLow = low >>> 16;
  const first = lowOfLow * (MULTIPLIER_LOW & 0xffff);
  const middle = highOfLow * (MULTIPLIER_LOW & 0xffff) + Math.floor(first / 0x10000);
  const other = lowOfLow * (MULTIPLIER_LOW >>> 16) + (middle & 0xffff);
  const carry = highOfLow * (MULTIPLIER_LOW >>> 16) + Math.floor(middle / 0x10000) + Math.floor(other / 0x10000);
  high = (Math.imul(low, MULTIPLIER_HIGH) + Math.imul(high, MULTIPLIER_LOW) + (carry | 0)) | 0;
  low = Math.imul(low, MULTIPLIER_LOW);
}
