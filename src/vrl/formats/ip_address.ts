// IP addresses as Rust's standard library reads and writes them: stricter than most (no `010.0.0.1`, no zones), and with
// the IPv4 notation only for the mapped addresses `::ffff:a.b.c.d`.

/** An IPv4 address as its unsigned 32 bits, an IPv6 address as its eight groups. */
export type IpAddress = number | Uint16Array;

/** What is wrong with a text that is not an address. */
export const IP_SYNTAX = 'invalid IP address syntax';
export const IPV4_SYNTAX = 'invalid IPv4 address syntax';

export function isIpv4(address: IpAddress): address is number {
  return typeof address === 'number';
}

/** An address of either sort; undefined when the text is none. */
export function parseIp(text: string): IpAddress | undefined {
  return parseIpv4(text) ?? parseIpv6(text);
}

/** `a.b.c.d` in decimal, without leading zeros. */
export function parseIpv4(text: string): number | undefined {
  // The longest is 255.255.255.255.
  if (text.length > 15) return undefined;
  return ipv4At(text, 0, text.length);
}

/** The address that `text[start, end)` is. */
function ipv4At(text: string, start: number, end: number): number | undefined {
  let address = 0;
  let octets = 1;
  let octet = -1;
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i);
    if (code === 46) {
      if (octet < 0 || octets === 4) return undefined;
      address = address * 256 + octet;
      octet = -1;
      octets += 1;
    } else if (code >= 48 && code <= 57 && octet !== 0) {
      octet = (octet < 0 ? 0 : octet * 10) + code - 48;
      if (octet > 255) return undefined;
    } else return undefined;
  }
  return octets === 4 && octet >= 0 ? address * 256 + octet : undefined;
}

/** Groups of hexadecimal digits, `::` for a run of zeros, an IPv4 address for the last two groups. */
export function parseIpv6(text: string): Uint16Array | undefined {
  // The longest has six groups of four digits and an IPv4 address.
  if (text.length > 45) return undefined;
  const gap = text.indexOf('::');
  if (gap < 0) {
    const groups = readGroups(text, 0, text.length);
    return groups?.length === 8 ? Uint16Array.from(groups) : undefined;
  }
  const head = readGroups(text, 0, gap);
  const tail = readGroups(text, gap + 2, text.length);
  if (head === undefined || tail === undefined || head.length + tail.length > 7) return undefined;
  // An IPv4 address ends the text: it cannot stand before the gap.
  if (text.lastIndexOf('.', gap) >= 0) return undefined;
  const address = new Uint16Array(8);
  address.set(head);
  address.set(tail, 8 - tail.length);
  return address;
}

/** The groups of `text[start, end)`, which may be none. */
function readGroups(text: string, start: number, end: number): number[] | undefined {
  const groups: number[] = [];
  if (start === end) return groups;
  for (let from = start; ; ) {
    const colon = text.indexOf(':', from);
    const to = colon < 0 || colon > end ? end : colon;
    const isLast = to === end;
    if (isLast && text.indexOf('.', from) >= 0 && text.indexOf('.', from) < end) {
      const address = ipv4At(text, from, to);
      if (address === undefined) return undefined;
      groups.push(address >>> 16, address & 0xffff);
    } else {
      const group = hexGroup(text, from, to);
      if (group < 0) return undefined;
      groups.push(group);
    }
    if (groups.length > 8) return undefined;
    if (isLast) return groups;
    from = to + 1;
  }
}

/** One to four hexadecimal digits; -1 for anything else. */
function hexGroup(text: string, from: number, to: number): number {
  if (to === from || to - from > 4) return -1;
  let group = 0;
  for (let i = from; i < to; i++) {
    const code = text.charCodeAt(i);
    const letter = code | 0x20;
    if (code >= 48 && code <= 57) group = group * 16 + code - 48;
    else if (letter >= 97 && letter <= 102) group = group * 16 + letter - 87;
    else return -1;
  }
  return group;
}

export function formatIp(address: IpAddress): string {
  return isIpv4(address) ? formatIpv4(address) : formatIpv6(address);
}

export function formatIpv4(address: number): string {
  return `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
}

/** The first of the longest runs of zeros becomes `::`, unless it is a single group. */
function formatIpv6(groups: Uint16Array): string {
  const mapped = mappedIpv4(groups);
  if (mapped !== undefined) return `::ffff:${formatIpv4(mapped)}`;
  let start = 0;
  let length = 0;
  for (let i = 0; i < 8; ) {
    let end = i;
    while (end < 8 && groups[end] === 0) end += 1;
    if (end - i > length) {
      start = i;
      length = end - i;
    }
    i = end + 1;
  }
  if (length < 2) return hexText(groups, 0, 8);
  return `${hexText(groups, 0, start)}::${hexText(groups, start + length, 8)}`;
}

function hexText(groups: Uint16Array, from: number, to: number): string {
  let text = '';
  for (let i = from; i < to; i++) text += (i > from ? ':' : '') + groups[i]!.toString(16);
  return text;
}

/** The IPv4 address in `::ffff:a.b.c.d`. */
export function mappedIpv4(groups: Uint16Array): number | undefined {
  return groups[5] === 0xffff && isZero(groups, 5) ? lastBits(groups) : undefined;
}

/** The IPv4 address in `::ffff:a.b.c.d` or `::a.b.c.d`. */
export function embeddedIpv4(groups: Uint16Array): number | undefined {
  return (groups[5] === 0xffff || groups[5] === 0) && isZero(groups, 5) ? lastBits(groups) : undefined;
}

function isZero(groups: Uint16Array, count: number): boolean {
  for (let i = 0; i < count; i++) if (groups[i] !== 0) return false;
  return true;
}

function lastBits(groups: Uint16Array): number {
  return groups[6]! * 0x10000 + groups[7]!;
}

/** `::ffff:a.b.c.d`. */
export function mapIpv4(address: number): Uint16Array {
  return Uint16Array.of(0, 0, 0, 0, 0, 0xffff, address >>> 16, address & 0xffff);
}

/** The address in network order: 4 or 16 bytes. */
export function ipBytes(address: IpAddress): Uint8Array {
  if (isIpv4(address)) return Uint8Array.of(address >>> 24, address >>> 16, address >>> 8, address);
  const bytes = new Uint8Array(16);
  for (let i = 0; i < 8; i++) {
    bytes[i * 2] = address[i]! >>> 8;
    bytes[i * 2 + 1] = address[i]! & 255;
  }
  return bytes;
}

/** The address of 4 or 16 bytes in network order. */
export function ipOfBytes(bytes: Uint8Array): IpAddress {
  if (bytes.length === 4) return ((bytes[0]! << 24) | (bytes[1]! << 16) | (bytes[2]! << 8) | bytes[3]!) >>> 0;
  const groups = new Uint16Array(8);
  for (let i = 0; i < 8; i++) groups[i] = (bytes[i * 2]! << 8) | bytes[i * 2 + 1]!;
  return groups;
}

/** The bits that both addresses have; they must be of one sort. */
export function maskIp(address: IpAddress, mask: IpAddress): IpAddress {
  if (isIpv4(address)) return ((address & (mask as number)) >>> 0) as number;
  return address.map((group, i) => group & (mask as Uint16Array)[i]!);
}

/** The mask whose first `length` bits are set. */
export function prefixMask(isV4: boolean, length: number): IpAddress {
  if (isV4) return length === 0 ? 0 : (-1 << (32 - length)) >>> 0;
  return new Uint16Array(8).map((_, i) => (0xffff0000 >>> Math.min(16, Math.max(0, length - i * 16))) & 0xffff);
}
