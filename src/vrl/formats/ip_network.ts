// CIDR blocks: an address whose bits behind the prefix are zero, and the length of the prefix.

import { IP_SYNTAX, type IpAddress, isIpv4, maskIp, parseIp, prefixMask } from './ip_address.ts';

export interface IpNetwork {
  readonly address: IpAddress;
  readonly mask: IpAddress;
}

/** Reads `10.0.0.0/8` or a single address; text says what is wrong. */
export function parseNetwork(text: string): IpNetwork | string {
  const slash = text.lastIndexOf('/');
  const address = parseIp(slash < 0 ? text : text.slice(0, slash));
  if (address === undefined) return `couldn't parse address in network: ${IP_SYNTAX}`;
  const bits = isIpv4(address) ? 32 : 128;
  const length = slash < 0 ? bits : parseUnsigned(text.slice(slash + 1), 255);
  if (typeof length === 'string') return `couldn't parse length in network: ${length}`;
  if (length > bits)
    return `invalid length for network: Network length ${length} is too long for ${isIpv4(address) ? 'Ipv4' : 'Ipv6'} (maximum: ${bits})`;
  const mask = prefixMask(isIpv4(address), length);
  return isSame(maskIp(address, mask), address) ? { address, mask } : 'host part of address was not zero';
}

export function networkContains(network: IpNetwork, address: IpAddress): boolean {
  const { address: base, mask } = network;
  if (isIpv4(address)) return isIpv4(base) && (address & (mask as number)) >>> 0 === base;
  if (isIpv4(base)) return false;
  for (let i = 0; i < 8; i++) if ((address[i]! & (mask as Uint16Array)[i]!) !== base[i]!) return false;
  return true;
}

function isSame(a: IpAddress, b: IpAddress): boolean {
  return isIpv4(a) || isIpv4(b) ? a === b : a.every((group, i) => group === b[i]);
}

/** A decimal number without a sign, or with `+`, up to `max`; text says what is wrong, in the words of Rust. */
export function parseUnsigned(text: string, max: number): number | string {
  if (text === '') return 'cannot parse integer from empty string';
  if (!/^\+?[0-9]+$/.test(text)) return 'invalid digit found in string';
  const number = Number(text);
  return number > max ? 'number too large to fit in target type' : number;
}
