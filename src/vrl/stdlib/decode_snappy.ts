import { bytesValue } from '../../event/value.ts';
import { SnappyError, snappyDecompress } from '../../std/snappy.ts';
import { fail } from '../4_run/failure.ts';
import { bytesOf, DECOMPRESSED_BYTES_MAX } from '../formats/bytes.ts';
import { defineFunction, required } from '../function.ts';

export const decodeSnappy = defineFunction({
  name: 'decode_snappy',
  category: 'Codec',
  doc: 'Decompresses `value`, which is a block of [Snappy](https://github.com/google/snappy) data without framing.',
  parameters: [required('value', 'bytes', 'The Snappy data to decompress.')],
  failures: ['`value` is not Snappy data.', '`value` stands for more than 100 MiB.'],
  returns: { kinds: ['bytes'], fallible: true },
  examples: [
    {
      title: 'Decompress',
      source: 'decode_snappy!(decode_base64!("E0hoZWxsbywgaGVsbG8sIGhlbGxv"))',
      result: 'hello, hello, hello',
    },
  ],
  run(value: string | Uint8Array) {
    try {
      return bytesValue(snappyDecompress(bytesOf(value), DECOMPRESSED_BYTES_MAX));
    } catch (error) {
      if (error instanceof SnappyError) return fail('unable to decode value with Snappy decoder');
      throw error;
    }
  },
});
