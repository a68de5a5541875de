// Query strings and form bodies: `a=1&b=%20&b`.

import { setField } from '../../event/object.ts';
import { lossyText, type ObjectValue } from '../../event/value.ts';

/** Parses the pairs; values of a repeated key become an array. */
export function parseQueryString(value: string | Uint8Array, keepEmptyValues: boolean): ObjectValue {
  const result: ObjectValue = {};
  forEachPair(dropMark(value), (key, text) => {
    if (text === '' && !keepEmptyValues) return;
    // What objects inherit is neither text nor array.
    const existing = result[key];
    if (typeof existing === 'string') setField(result, key, [existing, text]);
    else if (Array.isArray(existing)) existing.push(text);
    else setField(result, key, text);
  });
  return result;
}

function dropMark(value: string | Uint8Array): string {
  // Bytes that are not UTF-8 pass as percent escapes, which is what they would have had to be.
  const text = typeof value === 'string' ? value : escapeBytes(value);
  return text.startsWith('?') ? text.slice(1) : text;
}

function escapeBytes(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte < 0x80 ? String.fromCharCode(byte) : `%${byte.toString(16).padStart(2, '0')}`;
  return text;
}

/** The pairs of a query in their order, decoded. */
export function queryPairs(query: string): [string, string][] {
  const pairs: [string, string][] = [];
  forEachPair(query, (key, value) => pairs.push([key, value]));
  return pairs;
}

const AMPERSAND = 38;
const EQUALS = 61;
const PERCENT = 37;
const PLUS = 43;

function forEachPair(query: string, visit: (key: string, value: string) => void): void {
  const { length } = query;
  for (let start = 0; start < length; start++) {
    let equals = -1;
    let isEscaped = false;
    let end = start;
    for (; end < length; end++) {
      const code = query.charCodeAt(end);
      if (code === AMPERSAND) break;
      if (code === EQUALS && equals === -1) equals = end;
      else if (code === PERCENT || code === PLUS) isEscaped = true;
    }
    if (end > start) {
      const key = query.slice(start, equals === -1 ? end : equals);
      const value = equals === -1 ? '' : query.slice(equals + 1, end);
      if (isEscaped) visit(decode(key), decode(value));
      else visit(key, value);
    }
    start = end;
  }
}

function decode(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text;
  return percentDecode(spaced);
}

const encoder = new TextEncoder();

/** Text with `%41` decoded: U+FFFD where the bytes are not UTF-8; a lone `%` stands for itself. */
export function percentDecode(text: string): string {
  if (!text.includes('%')) return text;
  return decodedAscii(text) ?? decodedBytes(text);
}

/** The usual case: what is escaped is ASCII. */
function decodedAscii(text: string): string | undefined {
  let result = '';
  let from = 0;
  for (let at = text.indexOf('%'); at !== -1; at = text.indexOf('%', at + 1)) {
    const high = hexDigit(text.charCodeAt(at + 1));
    const low = high >= 0 ? hexDigit(text.charCodeAt(at + 2)) : -1;
    if (low < 0) continue;
    if (high >= 8) return undefined;
    result += text.slice(from, at) + String.fromCharCode(high * 16 + low);
    at += 2;
    from = at + 1;
  }
  return result + text.slice(from);
}

function decodedBytes(text: string): string {
  const bytes = encoder.encode(text);
  let length = 0;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    const high = byte === 0x25 ? hexDigit(bytes[i + 1]) : -1;
    const low = high >= 0 ? hexDigit(bytes[i + 2]) : -1;
    if (low >= 0) {
      bytes[length++] = high * 16 + low;
      i += 2;
    } else bytes[length++] = byte;
  }
  return lossyText(bytes.subarray(0, length));
}

function hexDigit(byte: number | undefined): number {
  if (byte === undefined) return -1;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
