import { bytesValue, type Value } from '../../event/value.ts';
import { Failure, fail } from '../4_run/failure.ts';
import { bytesOf } from '../formats/bytes.ts';
import { CIPHER_NOTES, checkAlgorithm, keyedCipher } from '../formats/cipher_arguments.ts';
import { defineFunction, required } from '../function.ts';

type Text = string | Uint8Array;

export const decrypt = defineFunction({
  name: 'decrypt',
  category: 'Cryptography',
  doc: 'Decrypts what `encrypt` made with the same algorithm, key and vector.',
  parameters: [
    required('ciphertext', 'bytes', 'The bytes to decrypt: text that stands for them must be decoded before.'),
    required('algorithm', 'bytes', 'The cipher to use, in upper or lower case.', { values: CIPHER_NOTES }),
    required('key', 'bytes', 'The key as bytes, of the size that the algorithm wants.'),
    required('iv', 'bytes', 'The initialization vector as bytes, the one that was used for encrypting.'),
  ],
  failures: [
    'There is no such algorithm.',
    '`key` or `iv` is of another size than the algorithm wants.',
    '`ciphertext` was not made with that algorithm, key and vector, as far as the algorithm can tell.',
  ],
  returns: { kinds: ['bytes'], fallible: true },
  checkOrder: ['algorithm', 'ciphertext'],
  examples: [
    {
      title: 'Decrypt',
      source:
        'decrypt!(decode_base64!("c/dIOA=="), "AES-256-CFB", key: "01234567890123456789012345678912", iv: "0123456789012345")',
      result: 'data',
    },
  ],
  prepare(call) {
    checkAlgorithm(call);
    return (ciphertext: Text, algorithm: Text, key: Value, iv: Value) => {
      const keyed = keyedCipher(algorithm, key, iv);
      if (keyed instanceof Failure) return keyed;
      const plaintext = keyed.cipher.decrypt(bytesOf(ciphertext), keyed.key, keyed.iv);
      return plaintext === undefined ? fail('Invalid input') : bytesValue(plaintext);
    };
  },
});
