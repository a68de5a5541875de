import { fail } from '../4_run/failure.ts';
import { bytesOf } from '../formats/bytes.ts';
import { decodeMarkedCharset, encodingOf } from '../formats/charset.ts';
import { defineFunction, required } from '../function.ts';

export const decodeCharset = defineFunction({
  name: 'decode_charset',
  category: 'Codec',
  doc: 'Decodes `value` from another character set to UTF-8. A byte order mark in `value` goes before `from_charset`.',
  parameters: [
    required('value', 'bytes', 'The string in the other character set.'),
    required(
      'from_charset',
      'bytes',
      'The [name of the set](https://encoding.spec.whatwg.org/#names-and-labels) that the string is in.',
    ),
  ],
  failures: ['`from_charset` is not the name of a character set.'],
  returns: { kinds: ['bytes'], fallible: true },
  examples: [
    { title: 'Latin text', source: 'decode_charset!(decode_base64!("Y2Fm6Q"), "iso-8859-1")', result: 'café' },
    { title: 'Japanese text', source: 'decode_charset!(decode_base64!("k/qWew=="), "shift_jis")', result: '日本' },
  ],
  run(value: string | Uint8Array, from: string | Uint8Array) {
    const encoding = typeof from === 'string' ? encodingOf(from) : undefined;
    if (encoding === undefined) return fail(`Unknown charset: ${typeof from === 'string' ? from : 'unknown'}`);
    return decodeMarkedCharset(bytesOf(value), encoding);
  },
});
