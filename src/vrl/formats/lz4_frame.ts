// LZ4 frames: a header, blocks, and an end mark, each with checksums where the header says so. Only the first frame of
// the bytes is read, as Vector does it.
//
//   magic 4 | flags 1 | block size 1 | content size 0/8 | dictionary 0/4 | header checksum 1
//   block: size 4 (highest bit: not compressed) | data | checksum 0/4
//   end: zero 4 | content checksum 0/4

import { DECOMPRESSED_BYTES_MAX, GrowingBytes } from './bytes.ts';
import { lz4Decompress } from './lz4.ts';
import { xxh32 } from './xxhash.ts';

const MAGIC = [0x04, 0x22, 0x4d, 0x18];

export function isLz4Frame(bytes: Uint8Array): boolean {
  return MAGIC.every((byte, i) => bytes[i] === byte);
}

const BLOCK_SIZES: readonly (number | undefined)[] = [
  undefined,
  undefined,
  undefined,
  undefined,
  64 * 1024,
  256 * 1024,
  1024 * 1024,
  4 * 1024 * 1024,
];

const EARLY_END = 'failed to fill whole buffer';

/** The content of the frame; text says what is wrong, in Vector's words. */
export function lz4DecompressFrame(bytes: Uint8Array): Uint8Array | string {
  const header = readHeader(bytes);
  if (header === undefined) return new Uint8Array(0);
  if (typeof header === 'string') return header;
  const out = new GrowingBytes(bytes.length * 4, DECOMPRESSED_BYTES_MAX);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = header.length;
  for (;;) {
    // A frame without its end is taken as it is.
    if (at + 4 > bytes.length) return out.view();
    const size = view.getUint32(at, true);
    at += 4;
    if (size === 0) return checkContent(header, view, at, out.view());
    const length = size & 0x7fffffff;
    if (length > header.blockSize) return 'BlockTooBig';
    const end = at + length + (header.hasBlockChecksums ? 4 : 0);
    if (end > bytes.length) return EARLY_END;
    const block = bytes.subarray(at, at + length);
    if (header.hasBlockChecksums && xxh32(block) !== view.getUint32(at + length, true)) return 'BlockChecksumError';
    const problem = size >>> 31 === 1 ? addPlain(out, block) : addCompressed(out, block, header);
    if (problem !== undefined) return problem;
    // Nothing more is asked for after a block that holds nothing.
    if (size >>> 31 === 1 && length === 0) return out.view();
    at = end;
  }
}

function addPlain(out: GrowingBytes, block: Uint8Array): string | undefined {
  return out.push(block) ? undefined : `DecompressionError(OutputTooLarge)`;
}

function addCompressed(out: GrowingBytes, block: Uint8Array, header: Header): string | undefined {
  // Without links between blocks, each begins with nothing to copy from.
  const target = header.isLinked ? out : new GrowingBytes(block.length * 4, header.blockSize);
  const problem = lz4Decompress(block, target, header.blockSize);
  if (problem !== undefined) return `DecompressionError(${problem.debug})`;
  return header.isLinked ? undefined : addPlain(out, target.view());
}

interface Header {
  readonly length: number;
  readonly blockSize: number;
  readonly isLinked: boolean;
  readonly hasBlockChecksums: boolean;
  readonly hasContentChecksum: boolean;
  readonly contentSize: bigint | undefined;
}

/** The header; undefined when there is nothing behind the magic number, text when it is wrong. */
function readHeader(bytes: Uint8Array): Header | string | undefined {
  if (bytes.length === 4) return undefined;
  if (bytes.length < 7) return EARLY_END;
  const flags = bytes[4]!;
  const descriptor = bytes[5]!;
  const hasContentSize = (flags & 0x08) !== 0;
  const hasDictionary = (flags & 0x01) !== 0;
  const length = 7 + (hasContentSize ? 8 : 0) + (hasDictionary ? 4 : 0);
  if (bytes.length < length) return EARLY_END;
  if ((flags & 0xc0) !== 0x40) return `UnsupportedVersion(${flags & 0xc0})`;
  if ((flags & 0x02) !== 0 || (descriptor & 0x8f) !== 0) return 'ReservedBitsSet';
  const blockSize = BLOCK_SIZES[descriptor >> 4];
  if (blockSize === undefined) return `UnsupportedBlocksize(${descriptor >> 4})`;
  if (((xxh32(bytes.subarray(4, length - 1)) >>> 8) & 255) !== bytes[length - 1]) return 'HeaderChecksumError';
  if (hasDictionary) return 'DictionaryNotSupported';
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return {
    length,
    blockSize,
    isLinked: (flags & 0x20) === 0,
    hasBlockChecksums: (flags & 0x10) !== 0,
    hasContentChecksum: (flags & 0x04) !== 0,
    contentSize: hasContentSize ? view.getBigUint64(6, true) : undefined,
  };
}

function checkContent(header: Header, view: DataView, at: number, content: Uint8Array): Uint8Array | string {
  if (header.contentSize !== undefined && header.contentSize !== BigInt(content.length))
    return `ContentLengthError { expected: ${header.contentSize}, actual: ${content.length} }`;
  if (!header.hasContentChecksum) return content;
  if (at + 4 > view.byteLength) return EARLY_END;
  return xxh32(content) === view.getUint32(at, true) ? content : 'ContentChecksumError';
}
