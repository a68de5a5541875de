// Cryptographic hashes, by the names that programs use. The only user of the library.

import { hmac } from '@noble/hashes/hmac.js';
import { md5, sha1 } from '@noble/hashes/legacy.js';
import { sha224, sha256, sha384, sha512, sha512_224, sha512_256 } from '@noble/hashes/sha2.js';
import { sha3_224, sha3_256, sha3_384, sha3_512 } from '@noble/hashes/sha3.js';

export type Hash = (bytes: Uint8Array) => Uint8Array;

/** The hash of its own function. */
export { md5, sha1 };

/** Variants of `sha2`. */
export const sha2Variants: Readonly<Record<string, Hash>> = {
  'SHA-224': sha224,
  'SHA-256': sha256,
  'SHA-384': sha384,
  'SHA-512': sha512,
  'SHA-512/224': sha512_224,
  'SHA-512/256': sha512_256,
};

/** Variants of `sha3`. */
export const sha3Variants: Readonly<Record<string, Hash>> = {
  'SHA3-224': sha3_224,
  'SHA3-256': sha3_256,
  'SHA3-384': sha3_384,
  'SHA3-512': sha3_512,
};

/** A keyed hash: the key, then the text. */
export type KeyedHash = (key: Uint8Array, bytes: Uint8Array) => Uint8Array;

/** Algorithms of `hmac`. */
export const hmacAlgorithms: Readonly<Record<string, KeyedHash>> = {
  SHA1: (key, bytes) => hmac(sha1, key, bytes),
  'SHA-224': (key, bytes) => hmac(sha224, key, bytes),
  'SHA-256': (key, bytes) => hmac(sha256, key, bytes),
  'SHA-384': (key, bytes) => hmac(sha384, key, bytes),
  'SHA-512': (key, bytes) => hmac(sha512, key, bytes),
};
