// Files that are not UTF-8: lines are found by the delimiter as the charset writes it, then decoded one by one.

import { defineCounter } from '../../telemetry/telemetry.ts';

export const bomRemovals = defineCounter({
  name: 'decoder_bom_removals_total',
  doc: 'Byte order marks taken off while decoding text of another charset.',
});
export const malformedReplacements = defineCounter({
  name: 'decoder_malformed_replacement_warnings_total',
  doc: 'Lines in which bytes that the charset does not know were replaced by U+FFFD.',
});

export interface Charset {
  /** The name of the encoding, in lower case: `utf-16le`. */
  readonly name: string;
  /** Bytes of one unit: a delimiter can only begin at a multiple of them. */
  readonly unitBytes: 1 | 2;
}

/** The charset of a label as the WHATWG encoding standard lists them; undefined for any other word. */
export function findCharset(label: string): Charset | undefined {
  try {
    const { encoding } = new TextDecoder(label);
    return { name: encoding, unitBytes: encoding.startsWith('utf-16') ? 2 : 1 };
  } catch {
    return undefined;
  }
}

/** `text` in the bytes of the charset; undefined when it cannot be written in it. */
export function encode(charset: Charset, text: string): Buffer | undefined {
  if (charset.name === 'utf-8') return Buffer.from(text, 'utf8');
  if (charset.name === 'utf-16le') return Buffer.from(text, 'utf16le');
  if (charset.name === 'utf-16be') return Buffer.from(text, 'utf16le').swap16();
  const parts: Uint8Array[] = [];
  const decoder = new TextDecoder(charset.name, { fatal: true, ignoreBOM: true });
  for (const char of text) {
    const bytes = bytesOf(decoder, char);
    if (!bytes) return undefined;
    parts.push(bytes);
  }
  return Buffer.concat(parts);
}

/** Node decodes all charsets and encodes none, so the one or two bytes of a character are searched for: 30 ms at most. */
function bytesOf(decoder: TextDecoder, char: string): Uint8Array | undefined {
  const gives = (bytes: Uint8Array): boolean => {
    try {
      return decoder.decode(bytes) === char;
    } catch {
      return false;
    }
  };
  if (char.codePointAt(0)! < 0x80) {
    const ascii = Uint8Array.of(char.codePointAt(0)!);
    if (gives(ascii)) return ascii;
  }
  for (let first = 0; first < 256; first++) {
    if (gives(Uint8Array.of(first))) return Uint8Array.of(first);
  }
  for (let pair = 0x8000; pair < 0x10000; pair++) {
    const bytes = Uint8Array.of(pair >> 8, pair & 0xff);
    if (gives(bytes)) return bytes;
  }
  return undefined;
}

/** Makes text of lines and counts what had to be replaced. One per source: it keeps nothing between lines. */
export class CharsetDecoder {
  readonly #strict: TextDecoder;
  readonly #lossy: TextDecoder;
  readonly #counts: { readonly boms: { add(count: number): void }; readonly malformed: { add(count: number): void } };

  constructor(
    charset: Charset,
    counts: { readonly boms: { add(count: number): void }; readonly malformed: { add(count: number): void } },
  ) {
    this.#strict = new TextDecoder(charset.name, { fatal: true, ignoreBOM: true });
    this.#lossy = new TextDecoder(charset.name, { fatal: false, ignoreBOM: true });
    this.#counts = counts;
  }

  decode(line: Uint8Array): string {
    let text: string;
    try {
      text = this.#strict.decode(line);
    } catch {
      this.#counts.malformed.add(1);
      text = this.#lossy.decode(line);
    }
    if (text.charCodeAt(0) !== 0xfeff) return text;
    this.#counts.boms.add(1);
    return text.slice(1);
  }
}
