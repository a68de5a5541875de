import { bytesValue } from '../../event/value.ts';
import { bytesOf } from '../formats/bytes.ts';
import { zstdCompress } from '../formats/zstd_compress.ts';
import { defineFunction, optional, required } from '../function.ts';

export const encodeZstd = defineFunction({
  name: 'encode_zstd',
  category: 'Codec',
  doc: 'Compresses `value` into a [Zstandard](https://facebook.github.io/zstd) frame.',
  parameters: [
    required('value', 'bytes', 'The string to compress.'),
    optional('compression_level', 'integer', 'How far to look for repetitions: from 1 to 22.', { default: 3 }),
  ],
  returns: { kinds: ['bytes'], fallible: false },
  checkOrder: ['compression_level', 'value'],
  examples: [
    {
      title: 'Compress',
      source: 'decode_zstd!(encode_zstd("hello, hello, hello"))',
      result: 'hello, hello, hello',
    },
  ],
  run(value: string | Uint8Array, level: number | bigint) {
    return bytesValue(zstdCompress(bytesOf(value), Number(BigInt.asIntN(32, BigInt(level)))));
  },
});
