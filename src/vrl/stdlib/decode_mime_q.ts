import { fail } from '../4_run/failure.ts';
import { textOf } from '../formats/bytes.ts';
import { decodeEncodedWords } from '../formats/encoded_words.ts';
import { defineFunction, required } from '../function.ts';

export const decodeMimeQ = defineFunction({
  name: 'decode_mime_q',
  category: 'Codec',
  doc:
    'Replaces the [encoded words](https://datatracker.ietf.org/doc/html/rfc2047#section-2) in `value` by their text. ' +
    'A `value` without any may be the inside of one, as in `utf-8?q?caf=C3=A9`.',
  parameters: [required('value', 'bytes', 'The text with encoded words.')],
  failures: ['A word is of an unknown encoding or character set, or is not what its encoding allows.'],
  returns: { kinds: ['bytes'], fallible: true },
  examples: [
    {
      title: 'A word in a text',
      source: 'decode_mime_q!("Re: =?utf-8?q?caf=C3=A9?= today")',
      result: 'Re: café today',
    },
    { title: 'The inside of a word', source: 'decode_mime_q!("iso-8859-1?Q?caf=E9")', result: 'café' },
    { title: 'Base64', source: 'decode_mime_q!("=?utf-8?b?Y2Fmw6k=?=")', result: 'café' },
  ],
  run(value: string | Uint8Array) {
    const decoded = decodeEncodedWords(textOf(value));
    return typeof decoded === 'string' ? decoded : fail(decoded.message);
  },
});
