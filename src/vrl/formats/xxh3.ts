// XXH3 without a seed, with results of 64 and 128 bits. Inputs fall into four sizes, each with its own way.

import { avalanche64, PRIME64_1, PRIME64_2, PRIME64_3, PRIME64_4, rotate64, wrap64 } from './xxhash.ts';

/** The default secret of the specification. */
const SECRET = Uint8Array.from(
  (
    'b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671fcb79e64eccc0e578825ad07dccff7221' +
    'b8084674f743248ee03590e6813a264c3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8' +
    'a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364eac5ac8334d3ebc3c581a0fffa1363eb' +
    '170ddd51b7f0da49d316552629d4689e2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e'
  ).match(/../g)!,
  (pair) => Number.parseInt(pair, 16),
);
const secret = new DataView(SECRET.buffer);

const PRIME32_1 = 0x9e3779b1n;
const PRIME32_2 = 0x85ebca77n;
const PRIME32_3 = 0xc2b2ae3dn;
const MIX_PRIME = 0x9fb21c651e98df25n;
const AVALANCHE_PRIME = 0x165667919e3779f9n;
const LOW32 = 0xffff_ffffn;

/** Inputs longer than this are hashed in stripes. */
const MIDDLE_MAX = 240;

/** XXH3 of 64 bits, as an unsigned number. */
export function xxh3Of64(bytes: Uint8Array): bigint {
  const input = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const { length } = bytes;
  if (length === 0) return avalanche64(secret64(56) ^ secret64(64));
  if (length <= 3) return avalanche64(fewBytes(bytes) ^ BigInt((secret32(0) ^ secret32(4)) >>> 0));
  if (length <= 8) return fourToEight(input);
  if (length <= 16) return nineToSixteen(input);
  if (length > MIDDLE_MAX) return merged(stripes(input), 11, wrap64(BigInt(length) * PRIME64_1));
  let sum = BigInt(length) * PRIME64_1;
  if (length <= 128) {
    for (let i = Math.ceil(length / 32) - 1; i >= 0; i--)
      sum += mix16(input, i * 16, i * 32) + mix16(input, length - (i + 1) * 16, i * 32 + 16);
    return avalanche(wrap64(sum));
  }
  for (let i = 0; i < 8; i++) sum += mix16(input, i * 16, i * 16);
  sum = avalanche(wrap64(sum));
  for (let i = 8; i < Math.floor(length / 16); i++) sum += mix16(input, i * 16, (i - 8) * 16 + 3);
  return avalanche(wrap64(sum + mix16(input, length - 16, 119)));
}

/** The first, the middle and the last of one to three bytes, and their number. */
function fewBytes(bytes: Uint8Array): bigint {
  const { length } = bytes;
  return BigInt(((bytes[0]! << 16) | (bytes[length >> 1]! << 24) | bytes[length - 1]! | (length << 8)) >>> 0);
}

function fourToEight(input: DataView): bigint {
  const { byteLength: length } = input;
  const joined = BigInt(input.getUint32(length - 4, true)) + (BigInt(input.getUint32(0, true)) << 32n);
  let hash = joined ^ secret64(8) ^ secret64(16);
  hash = wrap64((hash ^ rotate64(hash, 49n) ^ rotate64(hash, 24n)) * MIX_PRIME);
  hash = wrap64((hash ^ ((hash >> 35n) + BigInt(length))) * MIX_PRIME);
  return hash ^ (hash >> 28n);
}

function nineToSixteen(input: DataView): bigint {
  const { byteLength: length } = input;
  const low = input.getBigUint64(0, true) ^ secret64(24) ^ secret64(32);
  const high = input.getBigUint64(length - 8, true) ^ secret64(40) ^ secret64(48);
  return avalanche(wrap64(BigInt(length) + swapped(low, 8) + high + folded(low, high)));
}

/** XXH3 of 128 bits, as an unsigned number. */
export function xxh3Of128(bytes: Uint8Array): bigint {
  const input = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const { length } = bytes;
  if (length === 0) return pair(avalanche64(secret64(64) ^ secret64(72)), avalanche64(secret64(80) ^ secret64(88)));
  if (length <= 3) return fewBytes128(bytes);
  if (length <= 8) return fourToEight128(input);
  if (length <= 16) return nineToSixteen128(input);
  if (length <= MIDDLE_MAX) return middle128(input);
  const lanes = stripes(input);
  const low = merged(lanes, 11, wrap64(BigInt(length) * PRIME64_1));
  return pair(low, merged(lanes, SECRET.length - 64 - 11, wrap64(~(BigInt(length) * PRIME64_2))));
}

function fewBytes128(bytes: Uint8Array): bigint {
  const low = fewBytes(bytes);
  const turned = swapped(low, 4);
  const high = ((turned << 13n) & LOW32) | (turned >> 19n);
  return pair(
    avalanche64(low ^ BigInt((secret32(0) ^ secret32(4)) >>> 0)),
    avalanche64(high ^ BigInt((secret32(8) ^ secret32(12)) >>> 0)),
  );
}

function fourToEight128(input: DataView): bigint {
  const { byteLength: length } = input;
  const joined = BigInt(input.getUint32(0, true)) + (BigInt(input.getUint32(length - 4, true)) << 32n);
  const product = (joined ^ secret64(16) ^ secret64(24)) * wrap64(PRIME64_1 + (BigInt(length) << 2n));
  let low = wrap64(product);
  const high = wrap64((product >> 64n) + (low << 1n));
  low ^= high >> 3n;
  low = wrap64((low ^ (low >> 35n)) * MIX_PRIME);
  return pair(low ^ (low >> 28n), avalanche(high));
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
  return pair(avalanche(wrap64(second)), avalanche(wrap64((second >> 64n) + high * PRIME64_2)));
}

function middle128(input: DataView): bigint {
  const { byteLength: length } = input;
  const sums: Sums = { low: wrap64(BigInt(length) * PRIME64_1), high: 0n };
  if (length <= 128) {
    for (let i = Math.ceil(length / 32) - 1; i >= 0; i--) mix32(sums, input, i * 16, length - (i + 1) * 16, i * 32);
  } else {
    for (let i = 0; i < 4; i++) mix32(sums, input, i * 32, i * 32 + 16, i * 32);
    sums.low = avalanche(sums.low);
    sums.high = avalanche(sums.high);
    for (let i = 4; i < Math.floor(length / 32); i++) mix32(sums, input, i * 32, i * 32 + 16, (i - 4) * 32 + 3);
    mix32(sums, input, length - 16, length - 32, 103);
  }
  const { low, high } = sums;
  const other = avalanche(wrap64(low * PRIME64_1 + high * PRIME64_4 + BigInt(length) * PRIME64_2));
  return pair(avalanche(wrap64(low + high)), wrap64(-other));
}

interface Sums {
  low: bigint;
  high: bigint;
}

function mix32(sums: Sums, input: DataView, first: number, second: number, key: number): void {
  const plain = (at: number) => wrap64(input.getBigUint64(at, true) + input.getBigUint64(at + 8, true));
  sums.low = wrap64(sums.low + mix16(input, first, key)) ^ plain(second);
  sums.high = wrap64(sums.high + mix16(input, second, key + 16)) ^ plain(first);
}

function mix16(input: DataView, at: number, key: number): bigint {
  return folded(input.getBigUint64(at, true) ^ secret64(key), input.getBigUint64(at + 8, true) ^ secret64(key + 8));
}

const STRIPE_BYTES = 64;
/** Stripes until the secret is used up and the lanes are scrambled. */
const BLOCK_STRIPES = (SECRET.length - STRIPE_BYTES) / 8;

/** The eight lanes after a long input. */
function stripes(input: DataView): bigint[] {
  const lanes = [PRIME32_3, PRIME64_1, PRIME64_2, PRIME64_3, PRIME64_4, PRIME32_2, PRIME64_5, PRIME32_1];
  const whole = Math.floor((input.byteLength - 1) / STRIPE_BYTES);
  for (let stripe = 0; stripe < whole; stripe++) {
    const inBlock = stripe % BLOCK_STRIPES;
    accumulate(lanes, input, stripe * STRIPE_BYTES, inBlock * 8);
    if (inBlock === BLOCK_STRIPES - 1 && (stripe + 1) * STRIPE_BYTES < input.byteLength) scramble(lanes);
  }
  accumulate(lanes, input, input.byteLength - STRIPE_BYTES, SECRET.length - STRIPE_BYTES - 7);
  return lanes;
}

const PRIME64_5 = 0x27d4eb2f165667c5n;

function accumulate(lanes: bigint[], input: DataView, at: number, key: number): void {
  for (let i = 0; i < 8; i++) {
    const value = input.getBigUint64(at + i * 8, true);
    const keyed = value ^ secret64(key + i * 8);
    lanes[i ^ 1] = wrap64(lanes[i ^ 1]! + value);
    lanes[i] = wrap64(lanes[i]! + (keyed & LOW32) * (keyed >> 32n));
  }
}

function scramble(lanes: bigint[]): void {
  for (let i = 0; i < 8; i++) {
    const lane = lanes[i]!;
    lanes[i] = wrap64((lane ^ (lane >> 47n) ^ secret64(SECRET.length - STRIPE_BYTES + i * 8)) * PRIME32_1);
  }
}

function merged(lanes: readonly bigint[], key: number, start: bigint): bigint {
  let sum = start;
  for (let i = 0; i < 8; i += 2)
    sum += folded(lanes[i]! ^ secret64(key + i * 8), lanes[i + 1]! ^ secret64(key + i * 8 + 8));
  return avalanche(wrap64(sum));
}

function avalanche(value: bigint): bigint {
  const hash = wrap64((value ^ (value >> 37n)) * AVALANCHE_PRIME);
  return hash ^ (hash >> 32n);
}

/** Both halves of the product over each other. */
function folded(a: bigint, b: bigint): bigint {
  const product = a * b;
  return wrap64(product) ^ (product >> 64n);
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

function secret32(at: number): number {
  return secret.getUint32(at, true);
}
