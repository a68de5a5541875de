// SeaHash: four lanes of 64 bits, words dealt out to them in turn.

const PRIME = 0x6eed0e9da4d94a4fn;

/** The hash of bytes as an unsigned number. */
export function seahash(bytes: Uint8Array): bigint {
  const lanes = [0x16f11fe89b0d677cn, 0xb480a793d8e6c86cn, 0x6fe2e5aaf078ebc9n, 0x14f994a4c5259381n] as [
    bigint,
    bigint,
    bigint,
    bigint,
  ];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const whole = bytes.length - (bytes.length % 8);
  for (let at = 0; at < whole; at += 8) {
    const lane = (at >> 3) & 3;
    lanes[lane] = diffused(lanes[lane]! ^ view.getBigUint64(at, true));
  }
  if (whole < bytes.length) {
    let last = 0n;
    for (let at = bytes.length - 1; at >= whole; at--) last = (last << 8n) | BigInt(bytes[at]!);
    const lane = (whole >> 3) & 3;
    lanes[lane] = diffused(lanes[lane]! ^ last);
  }
  return diffused(lanes[0] ^ lanes[1] ^ lanes[2] ^ lanes[3] ^ BigInt(bytes.length));
}

function diffused(value: bigint): bigint {
  const product = BigInt.asUintN(64, value * PRIME);
  return BigInt.asUintN(64, (product ^ ((product >> 32n) >> (product >> 60n))) * PRIME);
}
