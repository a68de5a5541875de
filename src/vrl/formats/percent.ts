// Percent-encoding, with the sets of the URL Standard.

import { bytesValue } from '../../event/value.ts';
import { bytesOf, textOf } from './bytes.ts';

const QUERY = ' "#<>';
const PATH = `${QUERY}?\`{}`;
const USER_INFO = `${PATH}/:;=@[\\]^|`;
const COMPONENT = `${USER_INFO}$%&+,`;

/** The visible ASCII characters that each set encodes, beside controls and what is not ASCII. */
const SETS: Readonly<Record<string, string>> = {
  CONTROLS: '',
  FRAGMENT: ' "<>`',
  QUERY,
  SPECIAL: `${QUERY}'`,
  PATH,
  USERINFO: USER_INFO,
  COMPONENT,
  WWW_FORM_URLENCODED: `${COMPONENT}!'()~`,
};

/** A writer with the set of a name. */
export function percentEncoder(set: string): (text: string) => string {
  const escaped = SETS[set];
  const isPlain = Array.from({ length: 128 }, (_, code) => {
    const char = String.fromCharCode(code);
    if (escaped === undefined) return /[0-9A-Za-z]/.test(char);
    return code >= 32 && code !== 127 && !escaped.includes(char);
  });
  return (text) => {
    let at = 0;
    while (at < text.length && isPlain[text.charCodeAt(at)] === true) at += 1;
    if (at === text.length) return text;
    let out = text.slice(0, at);
    for (const byte of bytesOf(text.slice(at)))
      out += isPlain[byte] === true ? String.fromCharCode(byte) : ESCAPES[byte]!;
    return out;
  };
}

const ESCAPES = Array.from({ length: 256 }, (_, byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`);

/** The text with its escapes read; what is no escape stays, and what is not UTF-8 becomes U+FFFD. */
export function percentDecode(value: string | Uint8Array): string {
  if (typeof value === 'string' && !value.includes('%')) return value;
  const bytes = bytesOf(value);
  const out = new Uint8Array(bytes.length);
  let filled = 0;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    const high = byte === 37 ? digitOf(bytes[i + 1]) : -1;
    const low = high < 0 ? -1 : digitOf(bytes[i + 2]);
    if (low < 0) out[filled++] = byte;
    else {
      out[filled++] = (high << 4) | low;
      i += 2;
    }
  }
  return textOf(bytesValue(out.subarray(0, filled)));
}

function digitOf(byte: number | undefined): number {
  if (byte === undefined) return -1;
  if (byte >= 48 && byte <= 57) return byte - 48;
  const letter = byte | 0x20;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}
