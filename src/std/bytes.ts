// Text of bytes without a detour: Node's own slicing methods, which its types leave out.

interface Slicing {
  utf8Slice(start: number, end: number): string;
  latin1Slice(start: number, end: number): string;
}

/** Text of `buffer[start, end)` as UTF-8, with U+FFFD for what is not. Works on shared memory; owns what it returns. */
export function utf8Text(buffer: Buffer, start: number, end: number): string {
  return (buffer as unknown as Slicing).utf8Slice(start, end);
}

/** Text of `buffer[start, end)`, one character per byte. */
export function latin1Text(buffer: Buffer, start: number, end: number): string {
  return (buffer as unknown as Slicing).latin1Slice(start, end);
}

/** A view of the same memory with Node's methods. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
