// Ciphers by the names that programs use. The only user of the library, which brings AES and the Poly1305 family; the
// modes of operation that it lacks are built on its block here.

import { aessiv, cbc, cfb, ecb, unsafe } from '@noble/ciphers/aes.js';
import { chacha20poly1305, xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import { xsalsa20poly1305 } from '@noble/ciphers/salsa.js';
import { PADDINGS, type Padding } from './cipher_padding.ts';

export interface Cipher {
  readonly keyBytes: number;
  readonly ivBytes: number;
  encrypt(text: Uint8Array, key: Uint8Array, iv: Uint8Array): Uint8Array;
  /** Undefined when the text was not made by this cipher with this key. */
  decrypt(text: Uint8Array, key: Uint8Array, iv: Uint8Array): Uint8Array | undefined;
}

const BLOCK_BYTES = 16;

/** Every algorithm of `encrypt` and `decrypt`, by its name in upper case. */
export const CIPHERS: ReadonlyMap<string, Cipher> = new Map(cipherEntries());

function* cipherEntries(): Generator<[string, Cipher]> {
  for (const bits of [128, 192, 256]) {
    const keyBytes = bits / 8;
    yield [`AES-${bits}-CFB`, feedbackCipher(keyBytes)];
    yield [`AES-${bits}-OFB`, streamCipher(keyBytes, outputFeedback)];
    for (const suffix of ['CTR', 'CTR-LE']) yield [`AES-${bits}-${suffix}`, streamCipher(keyBytes, counterLittle)];
    yield [`AES-${bits}-CTR-BE`, streamCipher(keyBytes, counterBig)];
    for (const [name, padding] of Object.entries(PADDINGS))
      yield [`AES-${bits}-CBC-${name}`, chainedCipher(keyBytes, padding)];
  }
  // The key is two keys of the size in the name. The vector is authenticated, behind other data, of which there is none.
  const siv: Sealing = (key, iv) => aessiv(key, new Uint8Array(0), iv);
  yield ['AES-128-SIV', sealedCipher(32, 16, siv)];
  yield ['AES-256-SIV', sealedCipher(64, 16, siv)];
  yield ['CHACHA20-POLY1305', sealedCipher(32, 12, chacha20poly1305)];
  yield ['XCHACHA20-POLY1305', sealedCipher(32, 24, xchacha20poly1305)];
  yield ['XSALSA20-POLY1305', sealedCipher(32, 24, xsalsa20poly1305)];
}

function feedbackCipher(keyBytes: number): Cipher {
  return {
    keyBytes,
    ivBytes: BLOCK_BYTES,
    encrypt: (text, key, iv) => (text.length === 0 ? text : cfb(key, iv).encrypt(text)),
    decrypt: (text, key, iv) => (text.length === 0 ? text : cfb(key, iv).decrypt(text)),
  };
}

function chainedCipher(keyBytes: number, padding: Padding): Cipher {
  return {
    keyBytes,
    ivBytes: BLOCK_BYTES,
    encrypt: (text, key, iv) => cbc(key, iv, { disablePadding: true }).encrypt(padding.pad(text, BLOCK_BYTES)),
    decrypt(text, key, iv) {
      if (text.length === 0 || text.length % BLOCK_BYTES !== 0) return undefined;
      return padding.unpad(cbc(key, iv, { disablePadding: true }).decrypt(text), BLOCK_BYTES);
    },
  };
}

type Sealing = (
  key: Uint8Array,
  iv: Uint8Array,
) => {
  encrypt(text: Uint8Array): Uint8Array;
  decrypt(text: Uint8Array): Uint8Array;
};

function sealedCipher(keyBytes: number, ivBytes: number, sealing: Sealing): Cipher {
  return {
    keyBytes,
    ivBytes,
    encrypt: (text, key, iv) => sealing(key, iv).encrypt(text),
    decrypt(text, key, iv) {
      try {
        return sealing(key, iv).decrypt(text);
      } catch {
        return undefined;
      }
    },
  };
}

/** Changes the block from which the next piece of the key stream is made, given the piece before. */
type NextBlock = (block: Uint32Array, stream: Uint32Array) => void;

/** A stream that is laid over the text, the same both ways. */
function streamCipher(keyBytes: number, next: NextBlock): Cipher {
  const apply = (text: Uint8Array, key: Uint8Array, iv: Uint8Array): Uint8Array => {
    const expanded = unsafe.expandKeyLE(key);
    // The library's words are those of a machine with the lowest byte first, whatever the machine.
    const block = words(iv);
    const stream = new Uint32Array(4);
    const out = new Uint8Array(text.length);
    for (let at = 0; at < text.length; at += BLOCK_BYTES) {
      const { s0, s1, s2, s3 } = unsafe.encrypt(expanded, block[0]!, block[1]!, block[2]!, block[3]!);
      stream[0] = s0;
      stream[1] = s1;
      stream[2] = s2;
      stream[3] = s3;
      const end = Math.min(BLOCK_BYTES, text.length - at);
      for (let i = 0; i < end; i++) out[at + i] = text[at + i]! ^ (stream[i >> 2]! >>> ((i & 3) * 8));
      next(block, stream);
    }
    return out;
  };
  return { keyBytes, ivBytes: BLOCK_BYTES, encrypt: apply, decrypt: apply };
}

function words(bytes: Uint8Array): Uint32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Uint32Array.from({ length: bytes.length / 4 }, (_, i) => view.getUint32(i * 4, true));
}

function outputFeedback(block: Uint32Array, stream: Uint32Array): void {
  block.set(stream);
}

/** The first eight bytes are a counter, its lowest byte first. */
function counterLittle(block: Uint32Array): void {
  block[0]! += 1;
  if (block[0] === 0) block[1]! += 1;
}

/** The last eight bytes are a counter, its highest byte first. */
function counterBig(block: Uint32Array): void {
  const low = (turned(block[3]!) + 1) >>> 0;
  block[3] = turned(low);
  if (low === 0) block[2] = turned((turned(block[2]!) + 1) >>> 0);
}

function turned(word: number): number {
  return ((word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)) >>> 0;
}

/** AES of single blocks, for what is made of them. */
export interface BlockCipher {
  encrypt(block: Uint8Array): Uint8Array;
  decrypt(block: Uint8Array): Uint8Array;
}

export function aesBlocks(key: Uint8Array): BlockCipher {
  return {
    encrypt: (block) => ecb(key, { disablePadding: true }).encrypt(block),
    decrypt: (block) => ecb(key, { disablePadding: true }).decrypt(block),
  };
}
