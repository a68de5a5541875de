import { bytesValue } from '../../event/value.ts';
import { fail } from '../4_run/failure.ts';
import { bytesOf } from '../formats/bytes.ts';
import { zlibDecompress } from '../formats/deflate.ts';
import { defineFunction, required } from '../function.ts';

export const decodeZlib = defineFunction({
  name: 'decode_zlib',
  category: 'Codec',
  doc: 'Decompresses `value`, which is [Zlib](https://www.zlib.net) data.',
  parameters: [required('value', 'bytes', 'The Zlib data to decompress.')],
  failures: ['`value` is not Zlib data.', '`value` stands for more than 100 MiB.'],
  returns: { kinds: ['bytes'], fallible: true },
  examples: [
    {
      title: 'Decompress',
      source: 'decode_zlib!(decode_base64!("eJzLSM3JyddRQKYARCgG1Q=="))',
      result: 'hello, hello, hello',
    },
  ],
  run(value: string | Uint8Array) {
    const bytes = zlibDecompress(bytesOf(value));
    return bytes === undefined ? fail('unable to decode value with Zlib decoder') : bytesValue(bytes);
  },
});
