// Compressed GELF messages. What one inflates to is limited: a bomb costs an error.

import { gunzipSync, inflateSync } from 'node:zlib';

/** The message cannot be inflated. */
export class MessageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'MessageError';
  }
}

/** The text of a message; `Auto` tells gzip and zlib by their first bytes. Throws `MessageError`. */
export function inflateMessage(
  message: Buffer,
  decompression: 'Auto' | 'Gzip' | 'None' | 'Zlib',
  maxOutputLength: number,
): Buffer {
  const format = decompression === 'Auto' ? detect(message) : decompression;
  if (format === 'None') return message;
  try {
    const options = { maxOutputLength: Math.max(1, maxOutputLength) };
    return format === 'Gzip' ? gunzipSync(message, options) : inflateSync(message, options);
  } catch (cause) {
    const tooLarge = cause instanceof Error && 'code' in cause && cause.code === 'ERR_BUFFER_TOO_LARGE';
    throw new MessageError(
      tooLarge ? 'The message inflates to more than is allowed.' : `The message is not ${format}.`,
    );
  }
}

function detect(message: Buffer): 'Gzip' | 'Zlib' | 'None' {
  const first = message[0];
  const second = message[1];
  if (first === undefined || second === undefined) return 'None';
  if (first === 0x1f && second === 0x8b) return 'Gzip';
  // The method in the low half of the first byte, and both bytes a multiple of 31.
  return first === 0x78 && (first * 256 + second) % 31 === 0 ? 'Zlib' : 'None';
}
