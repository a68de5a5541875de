// The xxHash family without a seed: 32 bits on numbers, 64 bits on `bigint`. The hashes of XXH3 are in `xxh3.ts`.

const P1 = 0x9e3779b1;
const P2 = 0x85ebca77;
const P3 = 0xc2b2ae3d;
const P4 = 0x27d4eb2f;
const P5 = 0x165667b1;

/** XXH32 of bytes, as an unsigned number. */
export function xxh32(bytes: Uint8Array): number {
  const { length } = bytes;
  let at = 0;
  let hash: number;
  if (length >= 16) {
    let a = (P1 + P2) | 0;
    let b = P2 | 0;
    let c = 0;
    let d = -P1 | 0;
    for (; at + 16 <= length; at += 16) {
      a = round32(a, u32(bytes, at));
      b = round32(b, u32(bytes, at + 4));
      c = round32(c, u32(bytes, at + 8));
      d = round32(d, u32(bytes, at + 12));
    }
    hash = (rotate(a, 1) + rotate(b, 7) + rotate(c, 12) + rotate(d, 18)) | 0;
  } else hash = P5 | 0;
  hash = (hash + length) | 0;
  for (; at + 4 <= length; at += 4) hash = Math.imul(rotate((hash + Math.imul(u32(bytes, at), P3)) | 0, 17), P4);
  for (; at < length; at++) hash = Math.imul(rotate((hash + Math.imul(bytes[at]!, P5)) | 0, 11), P1);
  hash = Math.imul(hash ^ (hash >>> 15), P2);
  hash = Math.imul(hash ^ (hash >>> 13), P3);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function round32(lane: number, input: number): number {
  return Math.imul(rotate((lane + Math.imul(input, P2)) | 0, 13), P1);
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

function u32(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}

export const PRIME64_1 = 0x9e3779b185ebca87n;
export const PRIME64_2 = 0xc2b2ae3d27d4eb4fn;
export const PRIME64_3 = 0x165667b19e3779f9n;
export const PRIME64_4 = 0x85ebca77c2b2ae63n;
const PRIME64_5 = 0x27d4eb2f165667c5n;

/** The lowest 64 bits. */
export function wrap64(value: bigint): bigint {
  return BigInt.asUintN(64, value);
}

export function rotate64(value: bigint, bits: bigint): bigint {
  return wrap64(value << bits) | (value >> (64n - bits));
}

/** XXH64 of bytes, as an unsigned number. */
export function xxh64(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const { length } = bytes;
  let at = 0;
  let hash = PRIME64_5;
  if (length >= 32) {
    const lanes = [wrap64(PRIME64_1 + PRIME64_2), PRIME64_2, 0n, wrap64(-PRIME64_1)] as [
      bigint,
      bigint,
      bigint,
      bigint,
    ];
    for (; at + 32 <= length; at += 32)
      for (let lane = 0; lane < 4; lane++) lanes[lane] = round64(lanes[lane]!, view.getBigUint64(at + lane * 8, true));
    hash = wrap64(rotate64(lanes[0], 1n) + rotate64(lanes[1], 7n) + rotate64(lanes[2], 12n) + rotate64(lanes[3], 18n));
    for (const lane of lanes) hash = wrap64((hash ^ round64(0n, lane)) * PRIME64_1 + PRIME64_4);
  }
  hash = wrap64(hash + BigInt(length));
  for (; at + 8 <= length; at += 8)
    hash = wrap64(rotate64(hash ^ round64(0n, view.getBigUint64(at, true)), 27n) * PRIME64_1 + PRIME64_4);
  if (at + 4 <= length) {
    hash = wrap64(rotate64(hash ^ wrap64(BigInt(view.getUint32(at, true)) * PRIME64_1), 23n) * PRIME64_2 + PRIME64_3);
    at += 4;
  }
  for (; at < length; at++) hash = wrap64(rotate64(hash ^ wrap64(BigInt(bytes[at]!) * PRIME64_5), 11n) * PRIME64_1);
  return avalanche64(hash);
}

function round64(lane: bigint, input: bigint): bigint {
  return wrap64(rotate64(wrap64(lane + input * PRIME64_2), 31n) * PRIME64_1);
}

/** Spreads every bit over all. */
export function avalanche64(value: bigint): bigint {
  let hash = wrap64((value ^ (value >> 33n)) * PRIME64_2);
  hash = wrap64((hash ^ (hash >> 29n)) * PRIME64_3);
  return hash ^ (hash >> 32n);
}
