import { sha3Variants } from '../formats/hashes.ts';
import { defineFunction, optional, required } from '../function.ts';

const DEFAULT_VARIANT = 'SHA3-512';

export const sha3 = defineFunction({
  name: 'sha3',
  category: 'Cryptography',
  doc: 'Computes a hash of the [SHA-3](https://en.wikipedia.org/wiki/SHA-3) family of `value`, in hexadecimal digits.',
  parameters: [
    required('value', 'bytes', 'The string to hash.'),
    optional('variant', 'bytes', 'The hash to use.', {
      default: DEFAULT_VARIANT,
      values: Object.fromEntries(Object.keys(sha3Variants).map((name) => [name, `The hash ${name}`])),
      compileTime: true,
    }),
  ],
  returns: { kinds: ['bytes'], fallible: false },
  examples: [
    {
      title: 'The default',
      source: 'sha3("hello")',
      result:
        '75d527c368f2efe848ecf6b073a36767800805e9eef2b1857d5f984f036eb6df891d75f72d9b154518c1cd58835286d1da9a38deba3de98b5a53e5ed78a84976',
    },
    {
      title: 'Another variant',
      source: 'sha3("hello", variant: "SHA3-224")',
      result: 'b87f88c72702fff1748e58b87e9141a42c0dbedc29a78cb0d4a5cd81',
    },
  ],
  prepare(call) {
    return sha3Variants[call.oneOf('variant', Object.keys(sha3Variants)) ?? DEFAULT_VARIANT]!;
  },
});
