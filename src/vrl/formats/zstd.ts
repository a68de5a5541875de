// Zstandard, read frame by frame: by Node, and where there is no Node by the library (its only user), which is not strict
// about sizes and offsets and does not compare checksums. So frames are walked here first. Writing is in
// `zstd_compress.ts`.

import { Decompress } from 'fzstd';
import { builtin } from '../../std/builtin.ts';
import { DECOMPRESSED_BYTES_MAX, joined } from './bytes.ts';
import { xxh64 } from './xxhash.ts';

const MAGIC = 0xfd2fb528;
/** Frames that hold something else begin with one of sixteen numbers from this one on. */
const SKIPPED_MAGIC = 0x184d2a50;

/** Vector's reader takes no frame that wants to look back further. */
const WINDOW_BYTES_MAX = 1 << 27;

const node = builtin<typeof import('node:zlib')>('node:zlib');

interface Frame {
  readonly end: number;
  readonly contentBytes: number | undefined;
  readonly hasChecksum: boolean;
}

/** The text of frames one behind the other; undefined when they are damaged or too much. */
export function zstdDecompress(bytes: Uint8Array): Uint8Array | undefined {
  if (bytes.length === 0) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const pieces: Uint8Array[] = [];
  let total = 0;
  for (let at = 0; at < bytes.length; ) {
    if (at + 8 > bytes.length) return undefined;
    const magic = view.getUint32(at, true);
    if (magic >>> 4 === SKIPPED_MAGIC >>> 4) {
      at += 8 + view.getUint32(at + 4, true);
      if (at > bytes.length) return undefined;
      continue;
    }
    const frame = magic === MAGIC ? walkFrame(view, at) : undefined;
    if (frame === undefined) return undefined;
    const text = readFrame(bytes.subarray(at, frame.end), frame, DECOMPRESSED_BYTES_MAX - total);
    if (text === undefined) return undefined;
    pieces.push(text);
    total += text.length;
    at = frame.end;
  }
  return joined(pieces, total);
}

/** Reads the header and steps over the blocks; undefined when the frame breaks off or is of an unknown sort. */
function walkFrame(view: DataView, start: number): Frame | undefined {
  const descriptor = view.getUint8(start + 4);
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const hasChecksum = (descriptor & 4) !== 0;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3]!;
  const sizeBytes = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6]!;
  let at = start + 5 + (isSingleSegment ? 0 : 1);
  if ((descriptor & 8) !== 0 || at + dictionaryBytes + sizeBytes > view.byteLength) return undefined;
  const window = isSingleSegment ? 0 : windowBytes(view.getUint8(start + 5));
  if (little(view, at, dictionaryBytes) !== 0) return undefined;
  at += dictionaryBytes;
  const stated = little(view, at, sizeBytes) + (sizeBytes === 2 ? 256 : 0);
  const contentBytes = sizeBytes === 0 ? undefined : stated;
  if (Math.max(window, isSingleSegment ? stated : 0) > WINDOW_BYTES_MAX) return undefined;
  at += sizeBytes;
  for (let isLast = false; !isLast; ) {
    if (at + 3 > view.byteLength) return undefined;
    const header = little(view, at, 3);
    isLast = (header & 1) === 1;
    const type = (header >> 1) & 3;
    if (type === 3) return undefined;
    at += 3 + (type === 1 ? 1 : header >> 3);
  }
  if (hasChecksum) at += 4;
  return at <= view.byteLength ? { end: at, contentBytes, hasChecksum } : undefined;
}

function windowBytes(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}

function little(view: DataView, at: number, count: number): number {
  let value = 0;
  for (let i = 0; i < count; i++) value += view.getUint8(at + i) * 2 ** (8 * i);
  return value;
}

function readFrame(frame: Uint8Array, { contentBytes, hasChecksum }: Frame, max: number): Uint8Array | undefined {
  if (contentBytes !== undefined && contentBytes > max) return undefined;
  let text: Uint8Array | undefined;
  try {
    text = node ? readByNode(node, frame, contentBytes ?? max) : readPieces(frame, contentBytes ?? max);
  } catch {
    // Errors of many kinds are thrown at damaged data.
    return undefined;
  }
  if (text === undefined || (contentBytes !== undefined && text.length !== contentBytes)) return undefined;
  if (!hasChecksum) return text;
  const view = new DataView(frame.buffer, frame.byteOffset + frame.length - 4, 4);
  return Number(xxh64(text) & 0xffff_ffffn) === view.getUint32(0, true) ? text : undefined;
}

function readByNode(zlib: typeof import('node:zlib'), frame: Uint8Array, max: number): Uint8Array {
  const { buffer, byteOffset, length } = zlib.zstdDecompressSync(frame, { maxOutputLength: Math.max(1, max) });
  return new Uint8Array(buffer, byteOffset, length);
}

/** Piece by piece up to the limit: given room for the stated size, the library would not tell how much of it is used. */
function readPieces(frame: Uint8Array, max: number): Uint8Array | undefined {
  const pieces: Uint8Array[] = [];
  let total = 0;
  const stream = new Decompress((piece) => {
    total += piece.length;
    if (total > max) throw new RangeError('too much');
    pieces.push(piece);
  });
  stream.push(frame, true);
  return joined(pieces, total);
}
