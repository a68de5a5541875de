import { bytesValue } from '../../event/value.ts';
import { snappyCompress } from '../../std/snappy.ts';
import { bytesOf } from '../formats/bytes.ts';
import { defineFunction, required } from '../function.ts';

export const encodeSnappy = defineFunction({
  name: 'encode_snappy',
  category: 'Codec',
  doc: 'Compresses `value` into a block of [Snappy](https://github.com/google/snappy) data without framing.',
  parameters: [required('value', 'bytes', 'The string to compress.')],
  failures: ['`value` cannot be compressed.'],
  returns: { kinds: ['bytes'], fallible: true },
  examples: [
    {
      title: 'Compress',
      source: 'encode_base64(encode_snappy!("hello, hello, hello"))',
      result: 'E0hoZWxsbywgaGVsbG8sIGhlbGxv',
    },
  ],
  run: (value: string | Uint8Array) => bytesValue(snappyCompress(bytesOf(value))),
});
