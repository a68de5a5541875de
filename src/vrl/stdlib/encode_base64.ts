import { fail } from '../4_run/failure.ts';
import { base64Alphabet, encodeBase64 as encode } from '../formats/base64.ts';
import { bytesOf, textOf } from '../formats/bytes.ts';
import { defineFunction, optional, required } from '../function.ts';

export const encodeBase64 = defineFunction({
  name: 'encode_base64',
  category: 'Codec',
  doc: 'Encodes `value` in [Base64](https://en.wikipedia.org/wiki/Base64).',
  parameters: [
    required('value', 'bytes', 'The string to encode.'),
    optional('padding', 'boolean', 'Whether the text is filled up with `=` to a multiple of four characters.', {
      default: true,
    }),
    optional('charset', 'bytes', 'The alphabet to write in.', {
      default: 'standard',
      values: {
        standard: 'The [standard](https://tools.ietf.org/html/rfc4648#section-4) alphabet.',
        url_safe: 'The alphabet for [URLs](https://en.wikipedia.org/wiki/Base64#URL_applications).',
      },
    }),
  ],
  returns: { kinds: ['bytes'], fallible: false },
  examples: [
    { title: 'Standard alphabet', source: 'encode_base64("hello???")', result: 'aGVsbG8/Pz8=' },
    { title: 'Without padding', source: 'encode_base64("hello???", padding: false)', result: 'aGVsbG8/Pz8' },
    { title: 'For URLs', source: 'encode_base64("hello???", charset: "url_safe")', result: 'aGVsbG8_Pz8=' },
  ],
  run(value: string | Uint8Array, padding: boolean, charset: string | Uint8Array) {
    const alphabet = base64Alphabet(textOf(charset));
    return alphabet === undefined ? fail('unknown charset') : encode(bytesOf(value), alphabet, padding);
  },
});
