import { bytesValue, type Value } from '../../event/value.ts';
import { Failure } from '../4_run/failure.ts';
import { bytesOf } from '../formats/bytes.ts';
import { CIPHER_NOTES, checkAlgorithm, keyedCipher } from '../formats/cipher_arguments.ts';
import { defineFunction, required } from '../function.ts';

type Text = string | Uint8Array;

export const encrypt = defineFunction({
  name: 'encrypt',
  category: 'Cryptography',
  doc: 'Encrypts `plaintext` with a symmetric cipher. The result is bytes: `encode_base64` makes text of them.',
  parameters: [
    required('plaintext', 'bytes', 'The string to encrypt.'),
    required('algorithm', 'bytes', 'The cipher to use, in upper or lower case.', { values: CIPHER_NOTES }),
    required('key', 'bytes', 'The key as bytes, of the size that the algorithm wants.'),
    required(
      'iv',
      'bytes',
      'The initialization vector as bytes, of the size that the algorithm wants. ' +
        'Each message needs a new one, which `random_bytes` makes.',
    ),
  ],
  failures: ['There is no such algorithm.', '`key` or `iv` is of another size than the algorithm wants.'],
  returns: { kinds: ['bytes'], fallible: true },
  checkOrder: ['algorithm', 'plaintext'],
  examples: [
    {
      title: 'Encrypt',
      source:
        'encode_base64(encrypt!("data", "AES-256-CFB", key: "01234567890123456789012345678912", iv: "0123456789012345"))',
      result: 'c/dIOA==',
    },
    {
      title: 'Key of the wrong size',
      source: 'encrypt!("data", "AES-128-OFB", key: "short", iv: "0123456789012345")',
      error: 'function call error for "encrypt" at (0:69): Invalid key size. Expected 16 bytes. Found 5 bytes',
    },
  ],
  prepare(call) {
    checkAlgorithm(call);
    return (plaintext: Text, algorithm: Text, key: Value, iv: Value) => {
      const keyed = keyedCipher(algorithm, key, iv);
      if (keyed instanceof Failure) return keyed;
      return bytesValue(keyed.cipher.encrypt(bytesOf(plaintext), keyed.key, keyed.iv));
    };
  },
});
