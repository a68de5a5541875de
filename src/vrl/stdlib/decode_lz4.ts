import { bytesValue } from '../../event/value.ts';
import { fail } from '../4_run/failure.ts';
import { bytesOf, DECOMPRESSED_BYTES_MAX, GrowingBytes } from '../formats/bytes.ts';
import { lz4Decompress } from '../formats/lz4.ts';
import { isLz4Frame, lz4DecompressFrame } from '../formats/lz4_frame.ts';
import { defineFunction, optional, required } from '../function.ts';

export const decodeLz4 = defineFunction({
  name: 'decode_lz4',
  category: 'Codec',
  doc:
    'Decompresses `value`, which is an [LZ4](https://lz4.github.io/lz4/) block or frame. ' +
    'A frame says how large its text is allowed to be. A block does not: `buf_size` must be large enough for it, ' +
    'unless `prepended_size` says that its size stands in front of it.',
  parameters: [
    required('value', 'bytes', 'The LZ4 data to decompress.'),
    optional('buf_size', 'integer', 'How many bytes the text of a block may have.', { default: 1_000_000 }),
    optional('prepended_size', 'boolean', 'Whether a block has the size of its text in front of it, in four bytes.', {
      default: false,
    }),
  ],
  failures: ['`value` is not LZ4 data.', '`value` stands for more than `buf_size` or 100 MiB.'],
  returns: { kinds: ['bytes'], fallible: true },
  checkOrder: ['buf_size', 'prepended_size', 'value'],
  examples: [
    {
      title: 'A block with its size',
      source: 'decode_lz4!(decode_base64!("EwAAAHJoZWxsbywgBwBgIGhlbGxv"), prepended_size: true)',
      result: 'hello, hello, hello',
    },
    {
      title: 'A block without',
      source: 'decode_lz4!(decode_base64!("cmhlbGxvLCAHAGAgaGVsbG8="), buf_size: 100)',
      result: 'hello, hello, hello',
    },
    {
      title: 'A frame',
      source: 'decode_lz4!(decode_base64!("BCJNGGBAgg0AAIBoZWxsbywgd29ybGQhAAAAAA=="))',
      result: 'hello, world!',
    },
  ],
  run(value: string | Uint8Array, bufferSize: number | bigint, isPrepended: boolean) {
    const bytes = bytesOf(value);
    if (!isLz4Frame(bytes)) return decodeBlock(bytes, capacityOf(bufferSize), isPrepended);
    const text = lz4DecompressFrame(bytes);
    if (typeof text !== 'string') return bytesValue(text);
    return fail(`unable to decode value with lz4 frame decoder: ${text}`);
  },
});

/** Sizes that have no sense are as good as none. */
function capacityOf(size: number | bigint): number {
  return size >= 0 && size <= 0xffff_ffff ? Number(size) : DECOMPRESSED_BYTES_MAX;
}

function decodeBlock(bytes: Uint8Array, capacity: number, isPrepended: boolean) {
  if (isPrepended && bytes.length < 4) return blockFailure('expected another byte, found none');
  const size = isPrepended ? new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true) : capacity;
  const block = isPrepended ? bytes.subarray(4) : bytes;
  const out = new GrowingBytes(Math.min(size, block.length * 4), DECOMPRESSED_BYTES_MAX);
  const problem = lz4Decompress(block, out, size);
  return problem === undefined ? bytesValue(out.view()) : blockFailure(problem.text);
}

function blockFailure(problem: string) {
  return fail(`unable to decode value with lz4 block decoder: ${problem}`);
}
