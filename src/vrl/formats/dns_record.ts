// The data of DNS records as text, in the notation of zone files.

import type { DnsReader } from './dns_message.ts';
import { formatIp, ipOfBytes } from './ip_address.ts';

/** The data of a record of the type; bytes in hexadecimal for types that have no notation here. */
export function recordText(type: number, data: DnsReader): string {
  return RECORDS[type]?.(data) ?? unknownText(data.take(data.left));
}

const name = (data: DnsReader): string => `${data.name()}.`;
const names = (data: DnsReader): string => `${name(data)} ${name(data)}`;
const preferenceAndName = (data: DnsReader): string => `${data.uint16()} ${name(data)}`;
const texts = (data: DnsReader): string => {
  const parts: string[] = [];
  while (data.left > 0) parts.push(quoted(data.charString()));
  return parts.join(' ');
};
const address = (data: DnsReader): string => formatIp(ipOfBytes(data.take(data.left)));

const RECORDS: Readonly<Record<number, (data: DnsReader) => string>> = {
  1: address,
  2: name,
  3: name,
  4: name,
  5: name,
  6: (data) =>
    `${name(data)} ${name(data)} ${data.uint32()} ${data.uint32()} ${data.uint32()} ${data.uint32()} ${data.uint32()}`,
  7: name,
  8: name,
  9: name,
  12: name,
  13: (data) => `${quoted(data.charString())} ${quoted(data.charString())}`,
  14: names,
  15: preferenceAndName,
  16: texts,
  17: names,
  28: address,
  33: (data) => `${data.uint16()} ${data.uint16()} ${data.uint16()} ${data.name()}`,
  35: (data) =>
    `${data.uint16()} ${data.uint16()} ${quoted(data.charString())} ${quoted(data.charString())} ` +
    `${quoted(data.charString())} ${name(data)}`,
  39: name,
  41: () => 'OPT ...',
  43: (data) => `${data.uint16()} ${data.byte()} ${data.byte()} ${hex(data.take(data.left))}`,
  44: (data) => `${data.byte()} ${data.byte()} ( ${hex(data.take(data.left))} )`,
  52: (data) => `${data.byte()} ${data.byte()} ${data.byte()} ( ${hex(data.take(data.left))} )`,
  257: (data) => `${data.byte()} ${ascii(data.charString())} ${quoted(data.take(data.left))}`,
};

function unknownText(bytes: Uint8Array): string {
  let text = `\\# ${bytes.length}`;
  for (const byte of bytes) text += ` ${byte.toString(16).padStart(2, '0')}`;
  return text;
}

function quoted(bytes: Uint8Array): string {
  let text = '"';
  for (const byte of bytes) {
    if (byte === 34 || byte === 92) text += `\\${String.fromCharCode(byte)}`;
    else if (byte < 0x20 || byte > 0x7e) text += `\\${String(byte).padStart(3, '0')}`;
    else text += String.fromCharCode(byte);
  }
  return `${text}"`;
}

function ascii(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

function hex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0').toUpperCase();
  return text;
}
