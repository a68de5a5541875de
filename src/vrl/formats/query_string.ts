// Query strings and form bodies: `a=1&b=%20&b`.

import { getField, setField } from '../../event/object.ts';
import { lossyText, type ObjectValue } from '../../event/value.ts';

/** Parses the pairs; values of a repeated key become an array. */
export function parseQueryString(value: string | Uint8Array, keepEmptyValues: boolean): ObjectValue {
  const result: ObjectValue = {};
  for (const [key, text] of queryPairs(dropMark(value))) {
    if (!keepEmptyValues && text === '') continue;
    const existing = getField(result, key);
    if (existing === undefined) setField(result, key, text);
    else if (Array.isArray(existing)) existing.push(text);
    else setField(result, key, [existing, text]);
  }
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
  for (let start = 0; start < query.length; ) {
    const separator = query.indexOf('&', start);
    const end = separator === -1 ? query.length : separator;
    if (end > start) {
      const found = query.indexOf('=', start);
      const equals = found === -1 || found > end ? end : found;
      pairs.push([decode(query.slice(start, equals)), decode(query.slice(equals + 1, end))]);
    }
    start = end + 1;
  }
  return pairs;
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
