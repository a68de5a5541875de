// Why bytes are not UTF-8, in the words of the original's YAML reader.

/** `invalid leading UTF-8 octet at position 3`, for bytes that are known not to be UTF-8. */
export function utf8Problem(bytes: Uint8Array): string {
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  const start = hasMark ? 3 : 0;
  for (let at = start; at < bytes.length; ) {
    const width = widthOf(bytes[at]!);
    if (width === 0) return placed('invalid leading UTF-8 octet', at - start);
    const trailing = wrongTrailing(bytes, at, width);
    if (trailing > 0) return placed('invalid trailing UTF-8 octet', at - start + trailing);
    const problem = sequenceProblem(bytes, at, width);
    if (problem !== undefined) return placed(problem, at - start);
    at += width;
  }
  return 'invalid UTF-8';
}

function placed(problem: string, place: number): string {
  return place === 0 ? problem : `${problem} at position ${place}`;
}

/** Which byte of a complete sequence cannot stand there; 0 for none. */
function wrongTrailing(bytes: Uint8Array, at: number, width: number): number {
  if (at + width > bytes.length) return 0;
  for (let i = 1; i < width; i++) if (bytes[at + i]! >> 6 !== 2) return i;
  return 0;
}

function widthOf(byte: number): number {
  if (byte < 0x80) return 1;
  return byte >> 5 === 6 ? 2 : byte >> 4 === 14 ? 3 : byte >> 3 === 30 ? 4 : 0;
}

const FIRST_CODES = [0, 0, 0x80, 0x800, 0x10000];

function sequenceProblem(bytes: Uint8Array, at: number, width: number): string | undefined {
  if (at + width > bytes.length) return 'incomplete UTF-8 octet sequence';
  let code = width === 1 ? bytes[at]! : bytes[at]! & (0x7f >> width);
  for (let i = 1; i < width; i++) code = (code << 6) | (bytes[at + i]! & 63);
  if (code < FIRST_CODES[width]!) return 'invalid length of a UTF-8 sequence';
  if ((code >= 0xd800 && code < 0xe000) || code > 0x10ffff) return 'invalid Unicode character';
  const isControl = code < 0x20 && code !== 9 && code !== 10 && code !== 13;
  return isControl ? 'control characters are not allowed' : undefined;
}
