// IPCrypt: addresses encrypted into addresses. `deterministic` takes an address as one block of AES; `pfx` goes bit by
// bit, so that addresses with a common prefix have one afterwards too.

import { aesBlocks } from './ciphers.ts';
import { type IpAddress, ipBytes, ipOfBytes, isIpv4, mapIpv4, mappedIpv4 } from './ip_address.ts';

export interface IpCipher {
  encrypt(address: IpAddress): IpAddress;
  decrypt(address: IpAddress): IpAddress;
}

export function deterministicIpCipher(key: Uint8Array): IpCipher {
  const blocks = aesBlocks(key);
  return {
    encrypt: (address) => narrowed(blocks.encrypt(wideBytes(address))),
    decrypt: (address) => narrowed(blocks.decrypt(wideBytes(address))),
  };
}

/** An address as 16 bytes, IPv4 as the mapped address. */
function wideBytes(address: IpAddress): Uint8Array {
  return ipBytes(isIpv4(address) ? mapIpv4(address) : address);
}

/** The address of 16 bytes, a mapped one as IPv4. */
function narrowed(bytes: Uint8Array): IpAddress {
  const address = ipOfBytes(bytes) as Uint16Array;
  return mappedIpv4(address) ?? address;
}

/** The key is two keys of 16 bytes; undefined when they are the same, as they would cancel each other. */
export function prefixIpCipher(key: Uint8Array): IpCipher | undefined {
  const halves = [key.subarray(0, 16), key.subarray(16)] as const;
  if (halves[0].every((byte, i) => byte === halves[1][i])) return undefined;
  const first = aesBlocks(halves[0]);
  const second = aesBlocks(halves[1]);
  const keyBit = (prefix: Uint8Array): number => (first.encrypt(prefix)[15]! ^ second.encrypt(prefix)[15]!) & 1;
  const walk = (address: IpAddress, isEncrypting: boolean): IpAddress => {
    const source = wideBytes(address);
    const start = isIpv4(address) ? 96 : 0;
    const result = new Uint8Array(16);
    result.set(source.subarray(0, start / 8));
    // The plain bits so far behind a one: after `start` bits that is the prefix itself.
    const prefix = new Uint8Array(16);
    if (start === 96) prefix.set([1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff], 3);
    else prefix[15] = 1;
    for (let at = start; at < 128; at++) {
      const bit = (source[at >> 3]! >>> (7 - (at & 7))) & 1;
      const other = bit ^ keyBit(prefix);
      result[at >> 3]! |= other << (7 - (at & 7));
      shiftIn(prefix, isEncrypting ? bit : other);
    }
    return narrowed(result);
  };
  return { encrypt: (address) => walk(address, true), decrypt: (address) => walk(address, false) };
}

/** Moves all bits up by one and puts `bit` below. */
function shiftIn(bytes: Uint8Array, bit: number): void {
  let carry = bit;
  for (let i = 15; i >= 0; i--) {
    const byte = bytes[i]!;
    bytes[i] = (byte << 1) | carry;
    carry = byte >>> 7;
  }
}
