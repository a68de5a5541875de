// What `encrypt` and `decrypt` have in common: the names of algorithms, and keys and vectors of the right size.

import { type Failure, fail } from '../4_run/failure.ts';
import type { Call } from '../function.ts';
import { invalidArgument } from '../function.ts';
import { bytesOf, textOf } from './bytes.ts';
import { CIPHERS, type Cipher } from './ciphers.ts';
import { debugText } from './debug_text.ts';

/** For the documentation: every algorithm, and the sizes that it wants. */
export const CIPHER_NOTES: Readonly<Record<string, string>> = Object.fromEntries(
  [...CIPHERS].map(([name, { keyBytes, ivBytes }]) => [name, `Key of ${keyBytes} bytes, IV of ${ivBytes} bytes`]),
);

/** Refuses a call whose algorithm is known while compiling, and is none. */
export function checkAlgorithm(call: Call): void {
  const constant = call.argument('algorithm')?.constant;
  if (typeof constant !== 'string' && !(constant instanceof Uint8Array)) return;
  const name = textOf(constant);
  if (!CIPHERS.has(name.toUpperCase())) throw invalidArgument('algorithm', debugText(name), 'Invalid algorithm');
}

type Text = string | Uint8Array;

export interface Keyed {
  readonly cipher: Cipher;
  readonly key: Uint8Array;
  readonly iv: Uint8Array;
}

/** The cipher of a name with its key and vector, or what is wrong with them. */
export function keyedCipher(algorithm: Text, key: Text, iv: Text): Keyed | Failure {
  const name = textOf(algorithm).toUpperCase();
  const cipher = CIPHERS.get(name);
  if (cipher === undefined) return fail(`Invalid algorithm: ${name}`);
  const keyed = { cipher, key: bytesOf(key), iv: bytesOf(iv) };
  const { keyBytes, ivBytes } = cipher;
  if (keyed.key.length !== keyBytes) return wrongSize('key', keyBytes, keyed.key.length);
  if (keyed.iv.length !== ivBytes) return wrongSize('iv', ivBytes, keyed.iv.length);
  return keyed;
}

function wrongSize(what: string, expected: number, found: number): Failure {
  return fail(`Invalid ${what} size. Expected ${expected} bytes. Found ${found} bytes`);
}
