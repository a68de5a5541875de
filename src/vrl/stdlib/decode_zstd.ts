import { bytesValue } from '../../event/value.ts';
import { fail } from '../4_run/failure.ts';
import { bytesOf } from '../formats/bytes.ts';
import { zstdDecompress } from '../formats/zstd.ts';
import { defineFunction, required } from '../function.ts';

export const decodeZstd = defineFunction({
  name: 'decode_zstd',
  category: 'Codec',
  doc: 'Decompresses `value`, which is [Zstd](https://facebook.github.io/zstd) data.',
  parameters: [required('value', 'bytes', 'The Zstd data to decompress.')],
  failures: ['`value` is not Zstd data.', '`value` stands for more than 100 MiB.'],
  returns: { kinds: ['bytes'], fallible: true },
  examples: [
    {
      title: 'Decompress',
      source: 'decode_zstd!(decode_base64!("KLUv/SATbQAAOGhlbGxvLCABAOKKEQ=="))',
      result: 'hello, hello, hello',
    },
  ],
  run(value: string | Uint8Array) {
    const bytes = zstdDecompress(bytesOf(value));
    return bytes === undefined ? fail('unable to decode value with Zstd decoder') : bytesValue(bytes);
  },
});
