// A number of 64 bits without a sign, in two halves of 32 bits: several times as fast as `bigint`, for hashes.

import { integer } from '../../event/value.ts';

/** For conversions: the halves and what they are together. */
const halves = new Int32Array(2);
const unsigned = new BigUint64Array(halves.buffer);
const signed = new BigInt64Array(halves.buffer);

/** Whether the lower half is the first in memory. */
const LOW = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? 0 : 1;

/** From so far on, up or down, an upper half makes for an integer that a number cannot hold exactly. */
const HIGH_MAX = 1 << 21;

/** Changed in place, as hashes go; the halves are kept with a sign, as JavaScript's operators give them. */
export class Word64 {
  high = 0;
  low = 0;

  set(high: number, low: number): this {
    this.high = high | 0;
    this.low = low | 0;
    return this;
  }

  xor(high: number, low: number): this {
    this.high ^= high;
    this.low ^= low;
    return this;
  }

  add(high: number, low: number): this {
    const sum = (this.low >>> 0) + (low >>> 0);
    this.low = sum | 0;
    this.high = (this.high + high + (sum > 0xffff_ffff ? 1 : 0)) | 0;
    return this;
  }

  multiply(high: number, low: number): this {
    const upper = highProduct(this.low, low) + Math.imul(this.high, low) + Math.imul(this.low, high);
    this.low = Math.imul(this.low, low);
    this.high = upper | 0;
    return this;
  }

  /** Both halves of the product of 128 bits over each other. */
  foldProduct(high: number, low: number): this {
    const { high: ownHigh, low: ownLow } = this;
    const lowest = Math.imul(ownLow, low);
    const crossA = Math.imul(ownHigh, low);
    const crossB = Math.imul(ownLow, high);
    const second = (highProduct(ownLow, low) >>> 0) + (crossA >>> 0) + (crossB >>> 0);
    const top = Math.imul(ownHigh, high);
    const third =
      Math.floor(second / 0x1_0000_0000) +
      (highProduct(ownHigh, low) >>> 0) +
      (highProduct(ownLow, high) >>> 0) +
      (top >>> 0);
    this.low = lowest ^ (third | 0);
    this.high = (second | 0) ^ ((highProduct(ownHigh, high) + Math.floor(third / 0x1_0000_0000)) | 0);
    return this;
  }

  /** @param bits from 1 to 63, but not 32 */
  rotate(bits: number): this {
    const { high, low } = this;
    const by = bits & 31;
    const upper = (high << by) | (low >>> (32 - by));
    const lower = (low << by) | (high >>> (32 - by));
    return bits < 32 ? this.set(upper, lower) : this.set(lower, upper);
  }

  /** Lays the value, moved down, over itself. */
  xorShifted(bits: number): this {
    const { high, low } = this;
    if (bits >= 32) this.low = low ^ (high >>> (bits - 32));
    else {
      this.low = low ^ ((low >>> bits) | (high << (32 - bits)));
      this.high = high ^ (high >>> bits);
    }
    return this;
  }

  /** As an integer of the language, which has a sign. */
  toInteger(): number | bigint {
    this.#load();
    return this.high >= -HIGH_MAX && this.high < HIGH_MAX ? integer(signed[0]!) : signed[0]!;
  }

  toBigInt(): bigint {
    this.#load();
    return unsigned[0]!;
  }

  #load(): void {
    halves[LOW] = this.low;
    halves[1 - LOW] = this.high;
  }
}

/** The upper half of the product of two numbers of 32 bits without a sign. */
export function highProduct(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const first = (Math.imul(aHigh, bLow) + (Math.imul(aLow, bLow) >>> 16)) >>> 0;
  const second = (Math.imul(aLow, bHigh) + (first & 0xffff)) >>> 0;
  return (Math.imul(aHigh, bHigh) + (first >>> 16) + (second >>> 16)) | 0;
}

/** Four bytes, the lowest first. */
export function word32(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}
