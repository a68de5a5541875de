import { encodeBase16 as encode } from '../formats/base16.ts';
import { bytesOf } from '../formats/bytes.ts';
import { defineFunction, required } from '../function.ts';

export const encodeBase16 = defineFunction({
  name: 'encode_base16',
  category: 'Codec',
  doc: 'Encodes `value` in [Base16](https://en.wikipedia.org/wiki/Hexadecimal), with digits in lower case.',
  parameters: [required('value', 'bytes', 'The string to encode.')],
  returns: { kinds: ['bytes'], fallible: false },
  examples: [{ title: 'Encode', source: 'encode_base16("hello")', result: '68656c6c6f' }],
  run: (value: string | Uint8Array) => encode(bytesOf(value)),
});
