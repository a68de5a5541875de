// XXH3 without a seed, with a result of 64 bits. Inputs fall into four sizes, each with its own way; what the last two of
// them do is also part of the hash of 128 bits (`xxh3_128.ts`).

import { Word64, word32 } from './word64.ts';
import { spread64 } from './xxhash.ts';

/** The default secret of the specification. */
export const SECRET = Uint8Array.from(
  (
    'b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671fcb79e64eccc0e578825ad07dccff7221' +
    'b8084674f743248ee03590e6813a264c3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8' +
    'a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364eac5ac8334d3ebc3c581a0fffa1363eb' +
    '170ddd51b7f0da49d316552629d4689e2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e'
  ).match(/../g)!,
  (pair) => Number.parseInt(pair, 16),
);

/** Inputs longer than this are hashed in stripes. */
export const MIDDLE_MAX = 240;

const hash = new Word64();

/** XXH3 of 64 bits. Holds until the next hash is taken. */
export function xxh3Of64(bytes: Uint8Array): Word64 {
  const { length } = bytes;
  if (length === 0) return spread64(xorSecret(xorSecret(hash.set(0, 0), 56), 64));
  if (length <= 3) return spread64(hash.set(0, fewBytes(bytes) ^ word32(SECRET, 0) ^ word32(SECRET, 4)));
  if (length <= 8) return fourToEight(bytes);
  if (length <= 16) return nineToSixteen(bytes);
  setLength(hash, length).multiply(0x9e3779b1, 0x85ebca87);
  if (length > MIDDLE_MAX) return merge(hash, stripes(bytes), 11);
  if (length <= 128) {
    for (let i = Math.ceil(length / 32) - 1; i >= 0; i--) {
      addMixed(hash, bytes, i * 16, i * 32);
      addMixed(hash, bytes, length - (i + 1) * 16, i * 32 + 16);
    }
    return avalanche(hash);
  }
  for (let i = 0; i < 8; i++) addMixed(hash, bytes, i * 16, i * 16);
  avalanche(hash);
  for (let i = 8; i < Math.floor(length / 16); i++) addMixed(hash, bytes, i * 16, (i - 8) * 16 + 3);
  addMixed(hash, bytes, length - 16, 119);
  return avalanche(hash);
}

export function setLength(word: Word64, length: number): Word64 {
  return word.set(Math.floor(length / 0x1_0000_0000), length);
}

export function xorSecret(word: Word64, at: number): Word64 {
  return word.xor(word32(SECRET, at + 4), word32(SECRET, at));
}

/** The first, the middle and the last of one to three bytes, and their number. */
export function fewBytes(bytes: Uint8Array): number {
  const { length } = bytes;
  return (bytes[0]! << 16) | (bytes[length >> 1]! << 24) | bytes[length - 1]! | (length << 8);
}

function fourToEight(bytes: Uint8Array): Word64 {
  const { length } = bytes;
  xorSecret(xorSecret(hash.set(word32(bytes, 0), word32(bytes, length - 4)), 8), 16);
  const { high, low } = hash;
  hash.rotate(49);
  const { high: high49, low: low49 } = hash;
  hash.set(high, low).rotate(24);
  hash.xor(high ^ high49, low ^ low49).multiply(0x9fb21c65, 0x1e98df25);
  hash.low ^= (hash.high >>> 3) + length;
  return hash.multiply(0x9fb21c65, 0x1e98df25).xorShifted(28);
}

const other = new Word64();

function nineToSixteen(bytes: Uint8Array): Word64 {
  const { length } = bytes;
  xorSecret(xorSecret(other.set(word32(bytes, length - 4), word32(bytes, length - 8)), 40), 48);
  const { high, low } = other;
  xorSecret(xorSecret(other.set(word32(bytes, 4), word32(bytes, 0)), 24), 32);
  hash.set(swapped(other.low), swapped(other.high)).add(0, length).add(high, low);
  other.foldProduct(high, low);
  return avalanche(hash.add(other.high, other.low));
}

/** Four bytes in reverse. */
function swapped(word: number): number {
  return (word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24);
}

const product = new Word64();

/** Adds 16 bytes that are mixed with 16 of the secret. */
export function addMixed(sum: Word64, bytes: Uint8Array, at: number, key: number): void {
  product.set(word32(bytes, at + 4) ^ word32(SECRET, key + 4), word32(bytes, at) ^ word32(SECRET, key));
  product.foldProduct(
    word32(bytes, at + 12) ^ word32(SECRET, key + 12),
    word32(bytes, at + 8) ^ word32(SECRET, key + 8),
  );
  sum.add(product.high, product.low);
}

const STRIPE_BYTES = 64;
/** Stripes until the secret is used up and the lanes are scrambled. */
const BLOCK_STRIPES = (SECRET.length - STRIPE_BYTES) / 8;

const lanes: readonly Word64[] = Array.from({ length: 8 }, () => new Word64());

const LANE_STARTS = [
  [0, 0xc2b2ae3d],
  [0x9e3779b1, 0x85ebca87],
  [0xc2b2ae3d, 0x27d4eb4f],
  [0x165667b1, 0x9e3779f9],
  [0x85ebca77, 0xc2b2ae63],
  [0, 0x85ebca77],
  [0x27d4eb2f, 0x165667c5],
  [0, 0x9e3779b1],
] as const;

/** The eight lanes after a long input. */
export function stripes(bytes: Uint8Array): readonly Word64[] {
  const { length } = bytes;
  for (const [index, [high, low]] of LANE_STARTS.entries()) lanes[index]!.set(high, low);
  const whole = Math.floor((length - 1) / STRIPE_BYTES);
  for (let stripe = 0; stripe < whole; stripe++) {
    const inBlock = stripe % BLOCK_STRIPES;
    accumulate(bytes, stripe * STRIPE_BYTES, inBlock * 8);
    if (inBlock === BLOCK_STRIPES - 1 && (stripe + 1) * STRIPE_BYTES < length) scramble();
  }
  accumulate(bytes, length - STRIPE_BYTES, SECRET.length - STRIPE_BYTES - 7);
  return lanes;
}

function accumulate(bytes: Uint8Array, at: number, key: number): void {
  for (let i = 0; i < 8; i++) {
    const low = word32(bytes, at + i * 8);
    const high = word32(bytes, at + i * 8 + 4);
    lanes[i ^ 1]!.add(high, low);
    product.set(0, low ^ word32(SECRET, key + i * 8)).multiply(0, high ^ word32(SECRET, key + i * 8 + 4));
    lanes[i]!.add(product.high, product.low);
  }
}

function scramble(): void {
  for (let i = 0; i < 8; i++)
    xorSecret(lanes[i]!.xorShifted(47), SECRET.length - STRIPE_BYTES + i * 8).multiply(0, 0x9e3779b1);
}

/** Adds the lanes, two by two, to a sum. */
export function merge(sum: Word64, all: readonly Word64[], key: number): Word64 {
  for (let i = 0; i < 8; i += 2) {
    xorSecret(other.set(all[i + 1]!.high, all[i + 1]!.low), key + i * 8 + 8);
    xorSecret(product.set(all[i]!.high, all[i]!.low), key + i * 8).foldProduct(other.high, other.low);
    sum.add(product.high, product.low);
  }
  return avalanche(sum);
}

export function avalanche(word: Word64): Word64 {
  return word.xorShifted(37).multiply(0x16566791, 0x9e3779f9).xorShifted(32);
}
