import { md5 as hash } from '../formats/hashes.ts';
import { defineFunction, required } from '../function.ts';

export const md5 = defineFunction({
  name: 'md5',
  category: 'Cryptography',
  doc: 'Computes the [MD5](https://en.wikipedia.org/wiki/MD5) hash of `value`, in hexadecimal digits.',
  parameters: [required('value', 'bytes', 'The string to hash.')],
  returns: { kinds: ['bytes'], fallible: false },
  examples: [{ title: 'A hash', source: 'md5("hello")', result: '5d41402abc4b2a76b9719d911017c592' }],
  run: (value: string | Uint8Array) => hash(value),
});
