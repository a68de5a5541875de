// The xxHash family without a seed. The hashes of XXH3 are in `xxh3.ts`.

import { highProduct, Word64, word32 } from './word64.ts';

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
      a = round32(a, word32(bytes, at));
      b = round32(b, word32(bytes, at + 4));
      c = round32(c, word32(bytes, at + 8));
      d = round32(d, word32(bytes, at + 12));
    }
    hash = (rotate(a, 1) + rotate(b, 7) + rotate(c, 12) + rotate(d, 18)) | 0;
  } else hash = P5 | 0;
  hash = (hash + length) | 0;
  for (; at + 4 <= length; at += 4) hash = Math.imul(rotate((hash + Math.imul(word32(bytes, at), P3)) | 0, 17), P4);
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

const hash64 = new Word64();
const mixed = new Word64();
const lanes64 = [new Word64(), new Word64(), new Word64(), new Word64()] as const;

/** XXH64 of bytes, as an unsigned number. */
export function xxh64(bytes: Uint8Array): bigint {
  return xxh64Word(bytes).toBigInt();
}

/** The same. Holds until the next hash is taken. */
export function xxh64Word(bytes: Uint8Array): Word64 {
  const { length } = bytes;
  const hash = hash64.set(0x27d4eb2f, 0x165667c5);
  let at = 0;
  if (length >= 32) at = readLanes(bytes);
  hash.add(Math.floor(length / 0x1_0000_0000), length);
  for (; at + 8 <= length; at += 8) {
    round64(mixed.set(0, 0), bytes, at);
    hash.xor(mixed.high, mixed.low).rotate(27);
    hash.multiply(0x9e3779b1, 0x85ebca87).add(0x85ebca77, 0xc2b2ae63);
  }
  if (at + 4 <= length) {
    mixed.set(0, word32(bytes, at)).multiply(0x9e3779b1, 0x85ebca87);
    hash.xor(mixed.high, mixed.low).rotate(23);
    hash.multiply(0xc2b2ae3d, 0x27d4eb4f).add(0x165667b1, 0x9e3779f9);
    at += 4;
  }
  for (; at < length; at++) {
    mixed.set(0, bytes[at]!).multiply(0x27d4eb2f, 0x165667c5);
    hash.xor(mixed.high, mixed.low).rotate(11).multiply(0x9e3779b1, 0x85ebca87);
  }
  return spread64(hash);
}

/** Takes four lanes over all of the text that fills them, joins them in the hash, and returns where it came to. */
function readLanes(bytes: Uint8Array): number {
  const [a, b, c, d] = lanes64;
  a.set(0x60ea27ee, 0xadc0b5d6);
  b.set(0xc2b2ae3d, 0x27d4eb4f);
  c.set(0, 0);
  d.set(0x61c8864e, 0x7a143579);
  let at = 0;
  for (; at + 32 <= bytes.length; at += 32) {
    round64(a, bytes, at);
    round64(b, bytes, at + 8);
    round64(c, bytes, at + 16);
    round64(d, bytes, at + 24);
  }
  hash64.set(0, 0);
  for (const [index, lane] of lanes64.entries()) {
    mixed.set(lane.high, lane.low).rotate(LANE_TURNS[index]!);
    hash64.add(mixed.high, mixed.low);
  }
  for (const lane of lanes64) {
    lane.multiply(0xc2b2ae3d, 0x27d4eb4f).rotate(31).multiply(0x9e3779b1, 0x85ebca87);
    hash64.xor(lane.high, lane.low).multiply(0x9e3779b1, 0x85ebca87).add(0x85ebca77, 0xc2b2ae63);
  }
  return at;
}

const LANE_TURNS = [1, 7, 12, 18];

function round64(lane: Word64, bytes: Uint8Array, at: number): void {
  const low = word32(bytes, at);
  const high = word32(bytes, at + 4);
  const upper = highProduct(low, 0x27d4eb4f) + Math.imul(high, 0x27d4eb4f) + Math.imul(low, 0xc2b2ae3d);
  lane.add(upper, Math.imul(low, 0x27d4eb4f)).rotate(31).multiply(0x9e3779b1, 0x85ebca87);
}

/** Spreads every bit over all. */
export function spread64(word: Word64): Word64 {
  word.xorShifted(33).multiply(0xc2b2ae3d, 0x27d4eb4f);
  return word.xorShifted(29).multiply(0x165667b1, 0x9e3779f9).xorShifted(32);
}
