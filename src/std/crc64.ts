// CRC-64/ECMA-182: polynomial 42F0E1EBA9EA3693, initial value 0, not reflected, no final xor. Vector names files by it.
// The register is kept as two 32-bit halves: with BigInt a first line of 100 KiB would take 10 ms, this way 0.2 ms.

const POLYNOMIAL_HIGH = 0x42f0e1eb;
const POLYNOMIAL_LOW = 0xa9ea3693;

const HIGH = new Int32Array(256);
const LOW = new Int32Array(256);
for (let byte = 0; byte < 256; byte++) {
  let high = byte << 24;
  let low = 0;
  for (let bit = 0; bit < 8; bit++) {
    const carry = high < 0;
    high = (high << 1) | (low >>> 31);
    low <<= 1;
    if (carry) {
      high ^= POLYNOMIAL_HIGH;
      low ^= POLYNOMIAL_LOW;
    }
  }
  HIGH[byte] = high;
  LOW[byte] = low;
}

/** Takes bytes piece by piece. */
export class Crc64 {
  #high = 0;
  #low = 0;

  update(bytes: Uint8Array): void {
    let high = this.#high;
    let low = this.#low;
    for (let i = 0; i < bytes.length; i++) {
      const index = (high >>> 24) ^ bytes[i]!;
      high = ((high << 8) | (low >>> 24)) ^ HIGH[index]!;
      low = (low << 8) ^ LOW[index]!;
    }
    this.#high = high;
    this.#low = low;
  }

  /** The checksum of everything taken so far, as an unsigned 64-bit integer. */
  digest(): bigint {
    return (BigInt(this.#high >>> 0) << 32n) | BigInt(this.#low >>> 0);
  }
}

/** The checksum of `bytes` as an unsigned 64-bit integer. */
export function crc64(bytes: Uint8Array): bigint {
  const crc = new Crc64();
  crc.update(bytes);
  return crc.digest();
}
