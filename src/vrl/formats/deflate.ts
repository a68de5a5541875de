// gzip and zlib: headers and checksums around deflate data. The only user of the library, which compresses; reading is
// ours (`inflate.ts`), because the library trusts sizes and does not compare checksums.

import { type DeflateOptions, deflateSync } from 'fflate';
import { DECOMPRESSED_BYTES_MAX, GrowingBytes, joined } from './bytes.ts';
import { crcOf } from './crc.ts';
import { inflate } from './inflate.ts';

function deflate(bytes: Uint8Array, level: number): Uint8Array {
  return deflateSync(bytes, { level: Math.min(level, 9) as NonNullable<DeflateOptions['level']> });
}

export function gzipCompress(bytes: Uint8Array, level: number): Uint8Array {
  const data = deflate(bytes, level);
  const out = new Uint8Array(data.length + 18);
  // No name, no time; the last two say how hard it tried, and that the system is not known.
  out.set([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, level >= 9 ? 2 : level < 2 ? 4 : 0, 0xff]);
  out.set(data, 10);
  const view = new DataView(out.buffer);
  view.setUint32(out.length - 8, crc32(bytes), true);
  view.setUint32(out.length - 4, bytes.length, true);
  return out;
}

export function zlibCompress(bytes: Uint8Array, level: number): Uint8Array {
  const data = deflate(bytes, level);
  const out = new Uint8Array(data.length + 6);
  const effort = level < 2 ? 0 : level < 6 ? 1 : level === 6 ? 2 : 3;
  out[0] = 0x78;
  out[1] = effort << 6;
  out[1] |= 31 - (((out[0] << 8) | out[1]) % 31);
  out.set(data, 2);
  new DataView(out.buffer).setUint32(out.length - 4, adler32(bytes));
  return out;
}

/** The text of gzip members one behind the other; undefined when they are damaged or too much. */
export function gzipDecompress(bytes: Uint8Array): Uint8Array | undefined {
  const pieces: Uint8Array[] = [];
  let total = 0;
  let at = 0;
  do {
    const start = gzipHeaderEnd(bytes, at);
    if (start === undefined) return undefined;
    const out = new GrowingBytes(bytes.length * 3, DECOMPRESSED_BYTES_MAX - total);
    const end = inflate(bytes, start, out);
    if (end === undefined || end + 8 > bytes.length) return undefined;
    const text = out.view();
    const view = new DataView(bytes.buffer, bytes.byteOffset + end, 8);
    if (view.getUint32(0, true) !== crc32(text) || view.getUint32(4, true) !== text.length >>> 0) return undefined;
    pieces.push(text);
    total += text.length;
    at = end + 8;
  } while (at < bytes.length);
  return joined(pieces, total);
}

const HAS_CRC = 2;
const HAS_EXTRA = 4;
const HAS_NAME = 8;
const HAS_COMMENT = 16;

/** Where the deflate data of the member at `at` begins. */
function gzipHeaderEnd(bytes: Uint8Array, at: number): number | undefined {
  if (bytes[at] !== 0x1f || bytes[at + 1] !== 0x8b || bytes[at + 2] !== 8) return undefined;
  const flags = bytes[at + 3] ?? 0;
  if (flags >= 32) return undefined;
  let end = at + 10;
  if (flags & HAS_EXTRA) end += 2 + ((bytes[end] ?? 0) | ((bytes[end + 1] ?? 0) << 8));
  for (const flag of [HAS_NAME, HAS_COMMENT]) {
    if ((flags & flag) === 0) continue;
    const zero = bytes.indexOf(0, end);
    if (zero < 0) return undefined;
    end = zero + 1;
  }
  if (flags & HAS_CRC) {
    if (end + 2 > bytes.length) return undefined;
    const stated = bytes[end]! | (bytes[end + 1]! << 8);
    if (stated !== (crc32(bytes.subarray(at, end)) & 0xffff)) return undefined;
    end += 2;
  }
  return end <= bytes.length ? end : undefined;
}

/** The text of zlib data; undefined when it is damaged or too much. What stands behind it is ignored. */
export function zlibDecompress(bytes: Uint8Array): Uint8Array | undefined {
  const [method, flags] = bytes as unknown as [number, number];
  if (bytes.length < 2 || (method & 15) !== 8 || method >> 4 > 7 || ((method << 8) | flags) % 31 !== 0)
    return undefined;
  if ((flags & 0x20) !== 0) return undefined;
  const out = new GrowingBytes(bytes.length * 3, DECOMPRESSED_BYTES_MAX);
  const end = inflate(bytes, 2, out);
  if (end === undefined || end + 4 > bytes.length) return undefined;
  const text = out.view();
  return new DataView(bytes.buffer, bytes.byteOffset + end, 4).getUint32(0) === adler32(text) ? text : undefined;
}

function crc32(bytes: Uint8Array): number {
  return Number(crcOf('CRC_32_ISO_HDLC')!(bytes));
}

/** Sums stay exact for this many bytes. */
const ADLER_RUN = 5552;

function adler32(bytes: Uint8Array): number {
  let a = 1;
  let b = 0;
  for (let at = 0; at < bytes.length; at += ADLER_RUN) {
    const end = Math.min(at + ADLER_RUN, bytes.length);
    for (let i = at; i < end; i++) b += a += bytes[i]!;
    a %= 65_521;
    b %= 65_521;
  }
  return b * 65_536 + a;
}
