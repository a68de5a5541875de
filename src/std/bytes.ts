// Text of bytes without a detour: Node's own slicing methods, which its types leave out. What the language needs of it
// works in browsers as well, more slowly.

import { builtin } from './builtin.ts';

interface Slicing {
  utf8Slice(start: number, end: number): string;
  latin1Slice(start: number, end: number): string;
}

const node = builtin<typeof import('node:buffer')>('node:buffer');

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

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const lenient = new TextDecoder('utf-8', { ignoreBOM: true });

/** Whether bytes are valid UTF-8. */
export const isUtf8: (bytes: Uint8Array) => boolean = node?.isUtf8 ?? isDecodable;

function isDecodable(bytes: Uint8Array): boolean {
  try {
    strict.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** Text of bytes as UTF-8, with U+FFFD for what is not. A byte order mark is kept. */
export function textOfBytes(bytes: Uint8Array): string {
  return node ? utf8Text(asBuffer(bytes), 0, bytes.byteLength) : lenient.decode(bytes);
}

/** A copy of a text that shares no memory with the text it may be a slice of. */
export function copyOfText(text: string): string {
  return node ? node.Buffer.from(text, 'utf8').toString('utf8') : lenient.decode(new TextEncoder().encode(text));
}
