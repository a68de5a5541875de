import { bytesValue } from '../../event/value.ts';
import { fail } from '../4_run/failure.ts';
import { textOf } from '../formats/bytes.ts';
import { encodingOf } from '../formats/charset.ts';
import { encodeCharset as encode } from '../formats/charset_encode.ts';
import { defineFunction, required } from '../function.ts';

export const encodeCharset = defineFunction({
  name: 'encode_charset',
  category: 'Codec',
  doc: 'Encodes `value` from UTF-8 in another character set. What the set does not have is written as `&#8364;`.',
  parameters: [
    required('value', 'bytes', 'The string in UTF-8.'),
    required(
      'to_charset',
      'bytes',
      'The [name of the set](https://encoding.spec.whatwg.org/#names-and-labels) to write in.',
    ),
  ],
  failures: ['`to_charset` is not the name of a character set.'],
  returns: { kinds: ['bytes'], fallible: true },
  examples: [
    { title: 'Latin text', source: 'encode_base64(encode_charset!("café", "iso-8859-1"))', result: 'Y2Fm6Q==' },
    { title: 'Japanese text', source: 'encode_base64(encode_charset!("日本", "shift_jis"))', result: 'k/qWew==' },
  ],
  run(value: string | Uint8Array, to: string | Uint8Array) {
    const encoding = typeof to === 'string' ? encodingOf(to) : undefined;
    if (encoding === undefined) return fail(`Unknown charset: ${typeof to === 'string' ? to : 'unknown'}`);
    return bytesValue(encode(textOf(value), encoding));
  },
});
