// The data of DNS records as zone files write it.

import { encodeBase16 } from '../base16.ts';
import { encodePlainly } from '../base64.ts';
import { formatIp, ipOfBytes } from '../ip_address.ts';
import type { ByteReader } from './byte_reader.ts';
import { RECORD_TYPES } from './dns_names.ts';
import { readName } from './domain_name.ts';

/** Data of a type as text; undefined when it has no such form. */
export function recordText(type: number, data: ByteReader): string | undefined {
  switch (RECORD_TYPES.get(type)) {
    case 'A':
      return formatIp(ipOfBytes(data.take(4)));
    case 'AAAA':
      return formatIp(ipOfBytes(data.take(16)));
    case 'NS':
    case 'CNAME':
    case 'PTR':
    case 'DNAME':
    case 'MB':
    case 'MD':
    case 'MF':
    case 'MG':
    case 'MR':
      return readName(data);
    case 'MX':
    case 'AFSDB':
    case 'KX':
    case 'RT':
      return `${data.u16()} ${readName(data)}`;
    case 'MINFO':
    case 'RP':
      return `${readName(data)} ${readName(data)}`;
    case 'SOA':
      return `${readName(data)} ${readName(data)} ${data.u32()} ${data.u32()} ${data.u32()} ${data.u32()} ${data.u32()}`;
    case 'SRV':
      return `${data.u16()} ${data.u16()} ${data.u16()} ${readName(data)}`;
    case 'PX':
      return `${data.u16()} ${readName(data)} ${readName(data)}`;
    case 'TXT':
    case 'SPF':
    case 'HINFO':
      return strings(data).join(' ');
    case 'NAPTR':
      return `${data.u16()} ${data.u16()} ${string(data)} ${string(data)} ${string(data)} ${readName(data)}`;
    case 'CAA':
      return certificationAuthority(data);
    case 'DS':
    case 'CDS':
      return `${data.u16()} ${data.u8()} ${data.u8()} ${hex(data.rest())}`;
    case 'TLSA':
      return `${data.u8()} ${data.u8()} ${data.u8()} ${hex(data.rest())}`;
    case 'SSHFP':
      return `${data.u8()} ${data.u8()} ${hex(data.rest())}`;
    case 'DNSKEY':
    case 'CDNSKEY':
    case 'KEY':
      return `${data.u16()} ${data.u8()} ${data.u8()} ${base64(data.rest())}`;
    case 'RRSIG':
    case 'SIG':
      return signature(data);
    case 'NSEC':
      return [readName(data), ...typesOf(data)].join(' ');
    case 'NSEC3':
      return [
        `${data.u8()} ${data.u8()} ${data.u16()} ${salt(data)} ${base32(data.take(data.u8()))}`,
        ...typesOf(data),
      ].join(' ');
    case 'NSEC3PARAM':
      return `${data.u8()} ${data.u8()} ${data.u16()} ${salt(data)}`;
    case 'OPENPGPKEY':
    case 'DHCID':
      return base64(data.rest());
    default:
      return undefined;
  }
}

function hex(bytes: Uint8Array): string {
  return encodeBase16(bytes).toUpperCase();
}

export function base64(bytes: Uint8Array): string {
  return encodePlainly(bytes, 'standard', true);
}

/** A string with its length in front of it, in quotes. */
function string(data: ByteReader): string {
  return `"${escaped(data.take(data.u8()))}"`;
}

function strings(data: ByteReader): string[] {
  const texts: string[] = [];
  while (!data.isAtEnd) texts.push(string(data));
  return texts;
}

function escaped(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes).replace(/(["\\])/g, '\\$1');
}

function certificationAuthority(data: ByteReader): string {
  const flags = data.u8();
  const tag = escaped(data.take(data.u8()));
  return `${flags} ${tag} "${escaped(data.rest())}"`;
}

function signature(data: ByteReader): string {
  const type = data.u16();
  const numbers = [data.u8(), data.u8(), data.u32(), data.u32(), data.u32(), data.u16()].join(' ');
  return `${RECORD_TYPES.get(type) ?? type} ${numbers} ${readName(data)} ${base64(data.rest())}`;
}

function salt(data: ByteReader): string {
  const bytes = data.take(data.u8());
  return bytes.length === 0 ? '-' : hex(bytes);
}

const BASE32 = '0123456789ABCDEFGHIJKLMNOPQRSTUV';

function base32(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let value = 0;
  for (const byte of bytes) {
    value = ((value << 8) | byte) & 0xfff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += BASE32[(value >> bits) & 31];
    }
  }
  return bits > 0 ? text + BASE32[(value << (5 - bits)) & 31] : text;
}

/** The types of a bit map in windows of 256. */
function typesOf(data: ByteReader): string[] {
  const types: string[] = [];
  while (!data.isAtEnd) {
    const window = data.u8() * 256;
    const bits = data.take(data.u8());
    for (let i = 0; i < bits.length * 8; i++) {
      if ((bits[i >> 3]! & (0x80 >> (i & 7))) === 0) continue;
      types.push(RECORD_TYPES.get(window + i) ?? `TYPE${window + i}`);
    }
  }
  return types;
}
