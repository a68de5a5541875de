import { sha1 as hash } from '../formats/hashes.ts';
import { defineFunction, required } from '../function.ts';

export const sha1 = defineFunction({
  name: 'sha1',
  category: 'Cryptography',
  doc: 'Computes the [SHA-1](https://en.wikipedia.org/wiki/SHA-1) hash of `value`, in hexadecimal digits.',
  parameters: [required('value', 'bytes', 'The string to hash.')],
  returns: { kinds: ['bytes'], fallible: false },
  examples: [{ title: 'A hash', source: 'sha1("hello")', result: 'aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d' }],
  run: (value: string | Uint8Array) => hash(value),
});
