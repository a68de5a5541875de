import { bytesValue } from '../../event/value.ts';
import { bytesOf } from '../formats/bytes.ts';
import { lz4Compress } from '../formats/lz4.ts';
import { defineFunction, optional, required } from '../function.ts';

export const encodeLz4 = defineFunction({
  name: 'encode_lz4',
  category: 'Codec',
  doc: 'Compresses `value` into a single [LZ4](https://lz4.github.io/lz4/) block.',
  parameters: [
    required('value', 'bytes', 'The string to compress.'),
    optional('prepend_size', 'boolean', 'Whether the size of the string is put in front, in four bytes.', {
      default: true,
    }),
  ],
  returns: { kinds: ['bytes'], fallible: true },
  checkOrder: ['prepend_size', 'value'],
  examples: [
    {
      title: 'Compress',
      source: 'encode_base64(encode_lz4!("hello, hello, hello"))',
      result: 'EwAAAHJoZWxsbywgBwBgIGhlbGxv',
    },
    {
      title: 'Without the size',
      source: 'encode_base64(encode_lz4!("hello, hello, hello", prepend_size: false))',
      result: 'cmhlbGxvLCAHAGAgaGVsbG8=',
    },
  ],
  run(value: string | Uint8Array, prependsSize: boolean) {
    const bytes = bytesOf(value);
    const block = lz4Compress(bytes);
    if (!prependsSize) return bytesValue(block);
    const out = new Uint8Array(block.length + 4);
    new DataView(out.buffer).setUint32(0, bytes.length, true);
    out.set(block, 4);
    return bytesValue(out);
  },
});
