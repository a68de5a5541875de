// Cryptographic hashes, by the names that programs use. Node's own where there is Node, three times as fast; the
// library's elsewhere, and as the specification that the test compares with.

import { hmac } from '@noble/hashes/hmac.js';
import { md5 as md5Bytes, sha1 as sha1Bytes } from '@noble/hashes/legacy.js';
import { sha224, sha256, sha384, sha512, sha512_224, sha512_256 } from '@noble/hashes/sha2.js';
import { sha3_224, sha3_256, sha3_384, sha3_512 } from '@noble/hashes/sha3.js';
import { builtin } from '../../std/builtin.ts';
import { encodeBase16 } from './base16.ts';
import { bytesOf } from './bytes.ts';

/** The hash of a string in hexadecimal digits. */
export type HexHash = (value: string | Uint8Array) => string;

/** A keyed hash: the key, then the text. */
export type KeyedHash = (key: Uint8Array, bytes: Uint8Array) => Uint8Array;

type NodeCrypto = typeof import('node:crypto');

let node: NodeCrypto | undefined;
let known: ReadonlySet<string> | undefined;

/** Node's own, when it has that hash; loaded for the first hash, as few programs have any. */
function nodeFor(name: string): NodeCrypto | undefined {
  if (known === undefined) {
    node = builtin<NodeCrypto>('node:crypto');
    known = new Set(node?.getHashes());
  }
  return known.has(name) ? node : undefined;
}

type LibraryHash = typeof sha256 | typeof sha512 | typeof md5Bytes | typeof sha1Bytes | typeof sha3_256;

/** @param name what Node calls it; some builds of it leave out old ones */
function hexHash(name: string, library: LibraryHash): HexHash {
  let hash: HexHash | undefined;
  return (value) => {
    hash ??= chosenHexHash(name, library);
    return hash(value);
  };
}

function chosenHexHash(name: string, library: LibraryHash): HexHash {
  const crypto = nodeFor(name);
  return crypto === undefined ? hexHashOfLibrary(library) : (value) => crypto.hash(name, value, 'hex');
}

/** The same without Node. */
export function hexHashOfLibrary(library: LibraryHash): HexHash {
  return (value) => encodeBase16(library(bytesOf(value)));
}

function keyedHash(name: string, library: LibraryHash): KeyedHash {
  return (key, bytes) => {
    const crypto = nodeFor(name);
    return crypto === undefined ? hmac(library, key, bytes) : crypto.createHmac(name, key).update(bytes).digest();
  };
}

export const md5: HexHash = hexHash('md5', md5Bytes);
export const sha1: HexHash = hexHash('sha1', sha1Bytes);

/** Variants of `sha2`. */
export const sha2Variants: Readonly<Record<string, HexHash>> = {
  'SHA-224': hexHash('sha224', sha224),
  'SHA-256': hexHash('sha256', sha256),
  'SHA-384': hexHash('sha384', sha384),
  'SHA-512': hexHash('sha512', sha512),
  'SHA-512/224': hexHash('sha512-224', sha512_224),
  'SHA-512/256': hexHash('sha512-256', sha512_256),
};

/** Variants of `sha3`. */
export const sha3Variants: Readonly<Record<string, HexHash>> = {
  'SHA3-224': hexHash('sha3-224', sha3_224),
  'SHA3-256': hexHash('sha3-256', sha3_256),
  'SHA3-384': hexHash('sha3-384', sha3_384),
  'SHA3-512': hexHash('sha3-512', sha3_512),
};

/** Algorithms of `hmac`. */
export const hmacAlgorithms: Readonly<Record<string, KeyedHash>> = {
  SHA1: keyedHash('sha1', sha1Bytes),
  'SHA-224': keyedHash('sha224', sha224),
  'SHA-256': keyedHash('sha256', sha256),
  'SHA-384': keyedHash('sha384', sha384),
  'SHA-512': keyedHash('sha512', sha512),
};

/** The library's hashes by the names above, for comparison. */
export const libraryHashes: readonly (readonly [HexHash, HexHash])[] = [
  [md5, hexHashOfLibrary(md5Bytes)],
  [sha1, hexHashOfLibrary(sha1Bytes)],
  [sha2Variants['SHA-256']!, hexHashOfLibrary(sha256)],
  [sha2Variants['SHA-512/256']!, hexHashOfLibrary(sha512_256)],
  [sha2Variants['SHA-512/224']!, hexHashOfLibrary(sha512_224)],
  [sha3Variants['SHA3-512']!, hexHashOfLibrary(sha3_512)],
];
