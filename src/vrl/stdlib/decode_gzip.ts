import { bytesValue } from '../../event/value.ts';
import { fail } from '../4_run/failure.ts';
import { bytesOf } from '../formats/bytes.ts';
import { gzipDecompress } from '../formats/deflate.ts';
import { defineFunction, required } from '../function.ts';

export const decodeGzip = defineFunction({
  name: 'decode_gzip',
  category: 'Codec',
  doc: 'Decompresses `value`, which is [Gzip](https://www.gzip.org/) data.',
  parameters: [required('value', 'bytes', 'The Gzip data to decompress.')],
  failures: ['`value` is not Gzip data.', '`value` stands for more than 100 MiB.'],
  returns: { kinds: ['bytes'], fallible: true },
  examples: [
    {
      title: 'Decompress',
      source: 'decode_gzip!(decode_base64!("H4sIAAAAAAAA/8tIzcnJ11FApgCfocoJEwAAAA=="))',
      result: 'hello, hello, hello',
    },
  ],
  run(value: string | Uint8Array) {
    const bytes = gzipDecompress(bytesOf(value));
    return bytes === undefined ? fail('unable to decode value with Gzip decoder') : bytesValue(bytes);
  },
});
