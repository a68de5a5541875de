// What `encrypt` and `decrypt` have in common: the names of algorithms, and keys and vectors of the right size.

import type { Value } from '../../event/value.ts';
import { Failure, fail, wrongKind } from '../4_run/failure.ts';
import type { Call } from '../function.ts';
import { invalidArgument } from '../function.ts';
import { isText } from './argument_kinds.ts';
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
export function keyedCipher(algorithm: Text, key: Value, iv: Value): Keyed | Failure {
  const name = textOf(algorithm).toUpperCase();
  const cipher = CIPHERS.get(name);
  if (cipher === undefined) return fail(`Invalid algorithm: ${name}`);
  const keyOfSize = sized('key', key, cipher.keyBytes);
  if (keyOfSize instanceof Failure) return keyOfSize;
  const ivOfSize = sized('iv', iv, cipher.ivBytes);
  return ivOfSize instanceof Failure ? ivOfSize : { cipher, key: keyOfSize, iv: ivOfSize };
}

function sized(what: string, value: Value, size: number): Uint8Array | Failure {
  if (!isText(value)) return wrongKind(value, 'bytes');
  const bytes = bytesOf(value);
  if (bytes.length === size) return bytes;
  return fail(`Invalid ${what} size. Expected ${size} bytes. Found ${bytes.length} bytes`);
}
