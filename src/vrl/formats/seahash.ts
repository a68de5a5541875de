// SeaHash: four lanes of 64 bits, words dealt out to them in turn.

import { Word64, word32 } from './word64.ts';

const lanes = [new Word64(), new Word64(), new Word64(), new Word64()] as const;

/** The hash of bytes. Holds until the next hash is taken. */
export function seahash(bytes: Uint8Array): Word64 {
  lanes[0].set(0x16f11fe8, 0x9b0d677c);
  lanes[1].set(0xb480a793, 0xd8e6c86c);
  lanes[2].set(0x6fe2e5aa, 0xf078ebc9);
  lanes[3].set(0x14f994a4, 0xc5259381);
  const whole = bytes.length - (bytes.length % 8);
  for (let at = 0; at < whole; at += 8) diffuse(lanes[(at >> 3) & 3]!.xor(word32(bytes, at + 4), word32(bytes, at)));
  if (whole < bytes.length) {
    let low = 0;
    let high = 0;
    for (let at = bytes.length - 1; at >= whole; at--) {
      high = (high << 8) | (low >>> 24);
      low = (low << 8) | bytes[at]!;
    }
    diffuse(lanes[(whole >> 3) & 3]!.xor(high, low));
  }
  const [first, second, third, fourth] = lanes;
  first.xor(second.high, second.low).xor(third.high, third.low).xor(fourth.high, fourth.low);
  return diffuse(first.xor(Math.floor(bytes.length / 0x1_0000_0000), bytes.length));
}

function diffuse(word: Word64): Word64 {
  word.multiply(0x6eed0e9d, 0xa4d94a4f);
  word.low ^= word.high >>> (word.high >>> 28);
  return word.multiply(0x6eed0e9d, 0xa4d94a4f);
}
