// Text in other character sets, by the names of the Encoding Standard. The only user of the library: decoders of
// platforms differ from the standard and from each other, in the sets of East Asia most of all. Encoding is in
// `charset_encode.ts`.

import { labelToName, legacyHookDecode, TextDecoder as StandardDecoder } from '@exodus/bytes/encoding.js';

/** The encoding that stands for sets which are not safe to read: everything is one unreadable character. */
export const REPLACEMENT = 'replacement';

/** The name of the encoding that a label stands for, in lower case; undefined for an unknown one. */
export function encodingOf(label: string): string | undefined {
  return labelToName(label)?.toLowerCase();
}

/** One for each encoding that was asked for. */
const decoders = new Map<string, InstanceType<typeof StandardDecoder>>();

/** The text of bytes in an encoding, a byte order mark kept as a character. */
export function decodeCharset(bytes: Uint8Array, encoding: string): string {
  if (encoding === REPLACEMENT) return bytes.length === 0 ? '' : '\ufffd';
  let decoder = decoders.get(encoding);
  if (decoder === undefined) {
    decoder = new StandardDecoder(encoding, { ignoreBOM: true });
    decoders.set(encoding, decoder);
  }
  return decoder.decode(bytes);
}

/** The same, but a byte order mark at the front says what the encoding is, and is dropped. */
export function decodeMarkedCharset(bytes: Uint8Array, encoding: string): string {
  return legacyHookDecode(bytes, encoding);
}
