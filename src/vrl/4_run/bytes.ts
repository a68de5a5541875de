// Bytes of text and text of bytes.

import { bytesValue, type Value } from '../../event/value.ts';

const encoder = new TextEncoder();

/** The bytes of a string value. */
export function toBytes(text: string | Uint8Array): Uint8Array {
  return typeof text === 'string' ? encoder.encode(text) : text;
}

/** The string value of two runs of bytes, one after the other. */
export function concatBytes(a: Uint8Array, b: Uint8Array): Value {
  const whole = new Uint8Array(a.length + b.length);
  whole.set(a);
  whole.set(b, a.length);
  return bytesValue(whole);
}
