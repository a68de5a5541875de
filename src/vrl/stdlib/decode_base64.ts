import { bytesValue } from '../../event/value.ts';
import { fail } from '../4_run/failure.ts';
import { base64Alphabet, decodeBase64 as decode } from '../formats/base64.ts';
import { bytesOf, textOf } from '../formats/bytes.ts';
import { defineFunction, optional, required } from '../function.ts';

export const decodeBase64 = defineFunction({
  name: 'decode_base64',
  category: 'Codec',
  doc: 'Decodes `value` from [Base64](https://en.wikipedia.org/wiki/Base64). Padding is not needed.',
  parameters: [
    required('value', 'bytes', 'The Base64 text to decode.'),
    optional('charset', 'bytes', 'The alphabet that the text is written in.', {
      default: 'standard',
      values: {
        standard: 'The [standard](https://tools.ietf.org/html/rfc4648#section-4) alphabet.',
        url_safe: 'The alphabet for [URLs](https://en.wikipedia.org/wiki/Base64#URL_applications).',
      },
    }),
  ],
  failures: ['`value` is not Base64 of that alphabet.'],
  returns: { kinds: ['bytes'], fallible: true },
  examples: [
    { title: 'Standard alphabet', source: 'decode_base64!("aGVsbG8/Pz8=")', result: 'hello???' },
    { title: 'For URLs', source: 'decode_base64!("aGVsbG8_Pz8", charset: "url_safe")', result: 'hello???' },
  ],
  run(value: string | Uint8Array, charset: string | Uint8Array) {
    const alphabet = base64Alphabet(textOf(charset));
    if (alphabet === undefined) return fail('unknown charset');
    const text = bytesOf(value);
    let end = text.length;
    while (end > 0 && text[end - 1] === PADDING) end -= 1;
    // Padding of nothing is no Base64.
    const bytes = end === 0 && text.length > 0 ? undefined : decode(text.subarray(0, end), alphabet);
    return bytes === undefined ? fail('unable to decode value from base64') : bytesValue(bytes);
  },
});

/** `=` */
const PADDING = 61;
