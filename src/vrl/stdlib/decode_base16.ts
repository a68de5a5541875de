import { bytesValue } from '../../event/value.ts';
import { fail } from '../4_run/failure.ts';
import { decodeBase16 as decode } from '../formats/base16.ts';
import { textOf } from '../formats/bytes.ts';
import { defineFunction, required } from '../function.ts';

export const decodeBase16 = defineFunction({
  name: 'decode_base16',
  category: 'Codec',
  doc: 'Decodes `value` from [Base16](https://en.wikipedia.org/wiki/Hexadecimal), with digits of either case.',
  parameters: [required('value', 'bytes', 'The Base16 text to decode.')],
  failures: ['`value` holds something else than pairs of hexadecimal digits.'],
  returns: { kinds: ['bytes'], fallible: true },
  examples: [
    { title: 'Decode', source: 'decode_base16!("68656c6C6F")', result: 'hello' },
    {
      title: 'A digit is missing',
      source: 'decode_base16!("686")',
      error: 'function call error for "decode_base16" at (0:21): unable to decode value to base16',
    },
  ],
  run(value: string | Uint8Array) {
    const bytes = decode(textOf(value));
    return bytes === undefined ? fail('unable to decode value to base16') : bytesValue(bytes);
  },
});
