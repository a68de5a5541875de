import { sha2Variants } from '../formats/hashes.ts';
import { defineFunction, optional, required } from '../function.ts';

const DEFAULT_VARIANT = 'SHA-512/256';

export const sha2 = defineFunction({
  name: 'sha2',
  category: 'Cryptography',
  doc: 'Computes a hash of the [SHA-2](https://en.wikipedia.org/wiki/SHA-2) family of `value`, in hexadecimal digits.',
  parameters: [
    required('value', 'bytes', 'The string to hash.'),
    optional('variant', 'bytes', 'The hash to use.', {
      default: DEFAULT_VARIANT,
      values: Object.fromEntries(Object.keys(sha2Variants).map((name) => [name, `The hash ${name}`])),
      compileTime: true,
    }),
  ],
  returns: { kinds: ['bytes'], fallible: false },
  examples: [
    {
      title: 'The default',
      source: 'sha2("hello")',
      result: 'e30d87cfa2a75db545eac4d61baf970366a8357c7f72fa95b52d0accb698f13a',
    },
    {
      title: 'Another variant',
      source: 'sha2("hello", variant: "SHA-224")',
      result: 'ea09ae9cc6768c50fcee903ed054556e5bfc8347907f12598aa24193',
    },
  ],
  prepare(call) {
    return sha2Variants[call.oneOf('variant', Object.keys(sha2Variants)) ?? DEFAULT_VARIANT]!;
  },
});
