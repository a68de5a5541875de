// Text in other character sets, by the names of the Encoding Standard. The platform decodes; encoding is in
// `charset_encode.ts`.

/** The encoding that stands for sets which are not safe to read: everything is one unreadable character. */
export const REPLACEMENT = 'replacement';

const REPLACED_LABELS: ReadonlySet<string> = new Set([
  'replacement',
  'csiso2022kr',
  'hz-gb-2312',
  'iso-2022-cn',
  'iso-2022-cn-ext',
  'iso-2022-kr',
]);

/** Labels looked up so far. Names come from programs or events: beyond this many they are looked up each time. */
const known = new Map<string, string | undefined>();
const KNOWN_MAX = 500;

/** The name of the encoding that a label stands for, in lower case; undefined for an unknown one. */
export function encodingOf(label: string): string | undefined {
  if (known.has(label)) return known.get(label);
  const name = lookUp(label);
  if (known.size < KNOWN_MAX && label.length < 64) known.set(label, name);
  return name;
}

function lookUp(label: string): string | undefined {
  const plain = label.replace(/^[\t\n\f\r ]+|[\t\n\f\r ]+$/g, '').toLowerCase();
  if (REPLACED_LABELS.has(plain)) return REPLACEMENT;
  // The platform takes more than ASCII for white space, and a few names of its own.
  if (!/^[a-z0-9:_-]+$/.test(plain)) return undefined;
  try {
    return new TextDecoder(plain).encoding;
  } catch {
    return undefined;
  }
}

const decoders = new Map<string, TextDecoder>();

/** The text of bytes in an encoding, a byte order mark kept as a character. */
export function decodeCharset(bytes: Uint8Array, encoding: string): string {
  if (encoding === REPLACEMENT) return bytes.length === 0 ? '' : '\ufffd';
  if (encoding === 'x-user-defined') return decodeUserDefined(bytes);
  let decoder = decoders.get(encoding);
  if (decoder === undefined) {
    decoder = new TextDecoder(encoding, { ignoreBOM: true });
    decoders.set(encoding, decoder);
  }
  return decoder.decode(bytes);
}

/** The upper half lies in the private area. */
function decodeUserDefined(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte < 128 ? byte : 0xf700 + byte);
  return text;
}

/** The same, but a byte order mark at the front says what the encoding is, and is dropped. */
export function decodeMarkedCharset(bytes: Uint8Array, encoding: string): string {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return decodeCharset(bytes.subarray(3), 'utf-8');
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return decodeCharset(bytes.subarray(2), 'utf-16be');
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return decodeCharset(bytes.subarray(2), 'utf-16le');
  return decodeCharset(bytes, encoding);
}
