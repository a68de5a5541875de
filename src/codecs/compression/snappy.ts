// Snappy as the other algorithms are offered: buffers, and `DecompressError`.

import { asBuffer } from '../../std/bytes.ts';
import { snappyCompress as compress, snappyDecompress as decompress, SnappyError } from '../../std/snappy.ts';
import { DecompressError } from './decompress_error.ts';

/** Compresses in one go; costs about 10 ms per MB. */
export function snappyCompress(bytes: Uint8Array): Buffer {
  return asBuffer(compress(bytes));
}

/** The text of a raw Snappy block; throws `DecompressError` when it is damaged or longer than `limitBytes`. */
export function snappyDecompress(bytes: Uint8Array, limitBytes: number): Buffer {
  try {
    return asBuffer(decompress(bytes, limitBytes));
  } catch (error) {
    if (!(error instanceof SnappyError)) throw error;
    throw new DecompressError(error.message, { isTooLarge: error.isTooLarge, cause: error });
  }
}
