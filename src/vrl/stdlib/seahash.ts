import { passingBytesOf } from '../formats/bytes.ts';
import { seahash as hash } from '../formats/seahash.ts';
import { defineFunction, required } from '../function.ts';

export const seahash = defineFunction({
  name: 'seahash',
  category: 'Cryptography',
  doc: 'Computes a [SeaHash](https://docs.rs/seahash/latest/seahash/) of `value`.',
  parameters: [required('value', 'bytes', 'The string to hash.')],
  notices: ['The hash has 64 bits without a sign, and integers have one: half of the hashes are negative.'],
  returns: { kinds: ['integer'], fallible: false },
  examples: [
    { title: 'A hash', source: 'seahash("hello")', result: 153251464476911497n },
    { title: 'A negative one', source: 'seahash("bar")', result: -2796170501982571315n },
  ],
  run: (value: string | Uint8Array) => hash(passingBytesOf(value)).toInteger(),
});
