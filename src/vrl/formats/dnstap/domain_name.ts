// Domain names in DNS messages: labels with their length in front, or a pointer to labels further to the front.

import { ByteReader, TruncatedData } from './byte_reader.ts';

/** Bytes of a name. */
const LENGTH_MAX = 255;
/** Pointers that a name goes through; each must point further to the front, so it cannot go round. */
const POINTERS_MAX = 127;

/** The name as text, with a dot behind each label. */
export function readName(reader: ByteReader): string {
  let text = '';
  let length = 0;
  let source = reader;
  for (let pointers = 0; ; ) {
    const start = source.at;
    const size = source.u8();
    if (size === 0) return text === '' ? '.' : text;
    if (size >= 0xc0) {
      const target = ((size & 0x3f) << 8) | source.u8();
      if (target >= start || ++pointers > POINTERS_MAX) throw new TruncatedData('label points data not prior to idx');
      source = new ByteReader(reader.bytes, target);
    } else if (size >= 0x40) throw new TruncatedData('unrecognized label code');
    else {
      length += size + 1;
      if (length > LENGTH_MAX) throw new TruncatedData('name label data exceed 255');
      text += `${labelText(source.take(size))}.`;
    }
  }
}

function labelText(label: Uint8Array): string {
  let text = '';
  for (const byte of label) {
    const char = String.fromCharCode(byte);
    if (/[A-Za-z0-9_*-]/.test(char)) text += char;
    else if (byte > 0x20 && byte < 0x7f) text += `\\${char}`;
    else text += `\\${byte.toString(8).padStart(3, '0')}`;
  }
  return text;
}
