// Inflates what peers send. The limit holds while inflating: a bomb costs an error and at most the limit in memory.

import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { asBuffer } from '../../std/bytes.ts';
import { DecompressError } from './decompress_error.ts';
import { snappyDecompress } from './snappy.ts';

export { DecompressError } from './decompress_error.ts';

/** `deflate` is the zlib format, as in HTTP. */
export type ContentEncoding = 'gzip' | 'deflate' | 'snappy' | 'zstd';

/** More encodings on top of each other than this are refused. */
const STACKED_MAX = 4;

const NAMES: Readonly<Record<string, ContentEncoding | 'identity'>> = {
  identity: 'identity',
  gzip: 'gzip',
  'x-gzip': 'gzip',
  deflate: 'deflate',
  snappy: 'snappy',
  zstd: 'zstd',
};

/**
 * Reads a `Content-Encoding` header: the encodings in the order they were applied.
 * @returns the list, or text that names what is not known.
 */
export function parseContentEncoding(header: string): readonly ContentEncoding[] | string {
  const encodings: ContentEncoding[] = [];
  for (const part of header.split(',')) {
    const name = part.trim().toLowerCase();
    if (name === '') continue;
    if (!Object.hasOwn(NAMES, name)) return `content encoding ${JSON.stringify(name.slice(0, 32))} is not supported`;
    const encoding = NAMES[name]!;
    if (encoding !== 'identity') encodings.push(encoding);
    if (encodings.length > STACKED_MAX) return `more than ${STACKED_MAX} content encodings are stacked`;
  }
  return encodings;
}

/**
 * The text behind `encodings`, which are undone from the last to the first; each step may give `limitBytes` at most.
 * Rejects with `DecompressError` when the bytes are damaged, end early or inflate to more.
 */
export async function decompress(
  encodings: readonly ContentEncoding[],
  bytes: Uint8Array,
  limitBytes: number,
): Promise<Buffer> {
  let current = asBuffer(bytes);
  for (const encoding of encodings.toReversed()) current = await inflate(encoding, current, limitBytes);
  return current;
}

/** Inputs up to this size are inflated at once: even at zlib's highest ratio, 1032, they make 4 MB. */
const SYNC_BYTES_MAX = 4096;

const gunzip: (bytes: Buffer, options: zlib.ZlibOptions) => Promise<Buffer> = promisify(zlib.gunzip);
const unzlib: (bytes: Buffer, options: zlib.ZlibOptions) => Promise<Buffer> = promisify(zlib.inflate);
const unzstd: (bytes: Buffer, options: zlib.ZstdOptions) => Promise<Buffer> = promisify(zlib.zstdDecompress);

async function inflate(encoding: ContentEncoding, bytes: Buffer, limitBytes: number): Promise<Buffer> {
  const small = bytes.byteLength <= SYNC_BYTES_MAX;
  // Node takes no limit of 0 and counts nothing below 1.
  const maxOutputLength = Math.max(1, Math.min(limitBytes, MAX_LENGTH));
  try {
    switch (encoding) {
      case 'gzip':
        return small ? zlib.gunzipSync(bytes, { maxOutputLength }) : await gunzip(bytes, { maxOutputLength });
      case 'deflate':
        return small ? zlib.inflateSync(bytes, { maxOutputLength }) : await unzlib(bytes, { maxOutputLength });
      case 'zstd':
        return await unzstd(bytes, { maxOutputLength, params: ZSTD_WINDOW });
      case 'snappy':
        return snappyDecompress(bytes, limitBytes);
    }
  } catch (cause) {
    if (cause instanceof DecompressError) throw cause;
    throw explain(encoding, cause, limitBytes);
  }
}

const MAX_LENGTH = 2 ** 31 - 1;
/** Largest window of a zstd frame, 128 MiB, as `zstd` itself has it. It is address space: only what is inflated is touched. */
const ZSTD_WINDOW = { [zlib.constants.ZSTD_d_windowLogMax]: 27 };

function explain(encoding: ContentEncoding, cause: unknown, limitBytes: number): DecompressError {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'ERR_BUFFER_TOO_LARGE')
    return new DecompressError(`it inflates to more than ${limitBytes} bytes`, { cause, isTooLarge: true });
  return new DecompressError(`it is not valid ${encoding} data`, { cause });
}
