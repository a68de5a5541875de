import { bytesValue, type Value } from '../../event/value.ts';
import { fail, wrongKind } from '../4_run/failure.ts';
import { isText } from '../formats/argument_kinds.ts';
import { bytesOf } from '../formats/bytes.ts';
import { zlibCompress } from '../formats/deflate.ts';
import { compressedType, DEFLATE_LEVEL_MAX, levelOf } from '../formats/deflate_level.ts';
import { defineFunction, optional, required } from '../function.ts';

export const encodeZlib = defineFunction({
  name: 'encode_zlib',
  category: 'Codec',
  doc: 'Compresses `value` into [Zlib](https://www.zlib.net) data.',
  parameters: [
    required('value', 'bytes', 'The string to compress.'),
    optional('compression_level', 'integer', 'How hard to try: from 0, which is not at all, to 10.', { default: 6 }),
  ],
  failures: ['`compression_level` is not between 0 and 10.'],
  returns: { kinds: ['bytes'], fallible: false },
  checkOrder: ['compression_level'],
  examples: [
    {
      title: 'Compress',
      source: 'decode_zlib!(encode_zlib("hello, hello, hello"))',
      result: 'hello, hello, hello',
    },
    {
      title: 'No such level',
      source: 'encode_zlib!("hello", compression_level: 11)',
      error: 'function call error for "encode_zlib" at (0:44): compression level must be <= 10',
    },
  ],
  type: compressedType,
  run(value: Value, compressionLevel: number | bigint) {
    const level = levelOf(compressionLevel);
    if (level > DEFLATE_LEVEL_MAX) return fail(`compression level must be <= ${DEFLATE_LEVEL_MAX}`);
    if (!isText(value)) return wrongKind(value, 'bytes');
    return bytesValue(zlibCompress(bytesOf(value), level));
  },
});
