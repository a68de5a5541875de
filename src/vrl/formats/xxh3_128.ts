// XXH3 without a seed, with a result of 128 bits. Short inputs need whole products of that size, which `bigint` has.

import { Word64, word32 } from './word64.ts';
import { addMixed, avalanche, fewBytes, MIDDLE_MAX, merge, SECRET, setLength, stripes, xorSecret } from './xxh3.ts';
import { spread64 } from './xxhash.ts';

const secret = new DataView(SECRET.buffer);

const PRIME32_2 = 0x85ebca77n;
const PRIME64_1 = 0x9e3779b185ebca87n;
const PRIME64_2 = 0xc2b2ae3d27d4eb4fn;
const MIX_PRIME = 0x9fb21c651e98df25n;
const LOW32 = 0xffff_ffffn;

const lower = new Word64();
const upper = new Word64();

/** XXH3 of 128 bits, as an unsigned number. */
export function xxh3Of128(bytes: Uint8Array): bigint {
  const { length } = bytes;
  if (length === 0) {
    spread64(xorSecret(xorSecret(lower.set(0, 0), 64), 72));
    spread64(xorSecret(xorSecret(upper.set(0, 0), 80), 88));
  } else if (length <= 3) fewBytes128(bytes);
  else if (length <= 8) return fourToEight128(viewOf(bytes));
  else if (length <= 16) return nineToSixteen128(viewOf(bytes));
  else if (length <= MIDDLE_MAX) middle128(bytes);
  else {
    const lanes = stripes(bytes);
    merge(setLength(lower, length).multiply(0x9e3779b1, 0x85ebca87), lanes, 11);
    merge(setLength(upper, length).multiply(0xc2b2ae3d, 0x27d4eb4f).xor(-1, -1), lanes, SECRET.length - 64 - 11);
  }
  return pair(lower.toBigInt(), upper.toBigInt());
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

function fewBytes128(bytes: Uint8Array): void {
  const low = fewBytes(bytes);
  const swapped = (low << 24) | ((low & 0xff00) << 8) | ((low >>> 8) & 0xff00) | (low >>> 24);
  spread64(lower.set(0, low ^ word32(SECRET, 0) ^ word32(SECRET, 4)));
  const turned = (swapped << 13) | (swapped >>> 19);
  spread64(upper.set(0, turned ^ word32(SECRET, 8) ^ word32(SECRET, 12)));
}

function fourToEight128(input: DataView): bigint {
  const { byteLength: length } = input;
  const joined = BigInt(input.getUint32(0, true)) + (BigInt(input.getUint32(length - 4, true)) << 32n);
  const product = (joined ^ secret64(16) ^ secret64(24)) * wrap64(PRIME64_1 + (BigInt(length) << 2n));
  let low = wrap64(product);
  const high = wrap64((product >> 64n) + (low << 1n));
  low ^= high >> 3n;
  low = wrap64((low ^ (low >> 35n)) * MIX_PRIME);
  return pair(low ^ (low >> 28n), avalanched(high));
}

function nineToSixteen128(input: DataView): bigint {
  const { byteLength: length } = input;
  const first = input.getBigUint64(0, true);
  const last = input.getBigUint64(length - 8, true);
  const product = (first ^ last ^ secret64(32) ^ secret64(40)) * PRIME64_1;
  const keyed = last ^ secret64(48) ^ secret64(56);
  const high = wrap64((product >> 64n) + keyed + (keyed & LOW32) * (PRIME32_2 - 1n));
  const low = wrap64(wrap64(product) + (BigInt(length - 1) << 54n)) ^ swapped(high, 8);
  const second = low * PRIME64_2;
  return pair(avalanched(wrap64(second)), avalanched(wrap64((second >> 64n) + high * PRIME64_2)));
}

/** Up to 240 bytes. */
function middle128(bytes: Uint8Array): void {
  const { length } = bytes;
  setLength(lower, length).multiply(0x9e3779b1, 0x85ebca87);
  upper.set(0, 0);
  if (length <= 128) {
    for (let i = Math.ceil(length / 32) - 1; i >= 0; i--) mix32(bytes, i * 16, length - (i + 1) * 16, i * 32);
  } else {
    for (let i = 0; i < 4; i++) mix32(bytes, i * 32, i * 32 + 16, i * 32);
    avalanche(lower);
    avalanche(upper);
    for (let i = 4; i < Math.floor(length / 32); i++) mix32(bytes, i * 32, i * 32 + 16, (i - 4) * 32 + 3);
    mix32(bytes, length - 16, length - 32, 103);
  }
  const { high, low } = lower;
  avalanche(lower.add(upper.high, upper.low));
  upper.multiply(0x85ebca77, 0xc2b2ae63);
  scratch.set(high, low).multiply(0x9e3779b1, 0x85ebca87);
  upper.add(scratch.high, scratch.low);
  setLength(scratch, length).multiply(0xc2b2ae3d, 0x27d4eb4f);
  avalanche(upper.add(scratch.high, scratch.low)).xor(-1, -1).add(0, 1);
}

const scratch = new Word64();

function mix32(bytes: Uint8Array, first: number, second: number, key: number): void {
  addMixed(lower, bytes, first, key);
  xorSum(lower, bytes, second);
  addMixed(upper, bytes, second, key + 16);
  xorSum(upper, bytes, first);
}

/** Lays the sum of 16 bytes, taken as two words, over a word. */
function xorSum(word: Word64, bytes: Uint8Array, at: number): void {
  scratch.set(word32(bytes, at + 4), word32(bytes, at)).add(word32(bytes, at + 12), word32(bytes, at + 8));
  word.xor(scratch.high, scratch.low);
}

/** The same on a `bigint`. */
function avalanched(value: bigint): bigint {
  const hash = wrap64((value ^ (value >> 37n)) * 0x165667919e3779f9n);
  return hash ^ (hash >> 32n);
}

function wrap64(value: bigint): bigint {
  return BigInt.asUintN(64, value);
}

function pair(low: bigint, high: bigint): bigint {
  return (high << 64n) | low;
}

/** The lowest bytes in reverse. */
function swapped(value: bigint, bytes: number): bigint {
  let out = 0n;
  for (let i = 0; i < bytes; i++) out = (out << 8n) | ((value >> BigInt(8 * i)) & 255n);
  return out;
}

function secret64(at: number): bigint {
  return secret.getBigUint64(at, true);
}
