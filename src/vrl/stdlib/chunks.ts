import { bytesValue } from '../../event/value.ts';
import { Kind } from '../2_check/kind.ts';
import { typeDef } from '../2_check/type_def.ts';
import { displayValue } from '../4_run/display.ts';
import { fail } from '../4_run/failure.ts';
import { bytesOf } from '../formats/bytes.ts';
import { utf8Length } from '../formats/utf8_length.ts';
import { defineFunction, invalidArgument, required } from '../function.ts';

const TOO_SMALL = '"chunk_size" must be at least 1 byte';

export const chunks = defineFunction({
  name: 'chunks',
  category: 'Array',
  doc: 'Cuts a text into pieces of a number of bytes; the last one may be shorter.',
  notices: ['A character of several bytes may be cut through.'],
  parameters: [
    required('value', 'bytes', 'The text to cut.'),
    required('chunk_size', 'integer', 'How many bytes each piece has.'),
  ],
  failures: ['`chunk_size` is less than 1.'],
  returns: { kinds: ['array'], fallible: true },
  type(call) {
    return typeDef(Kind.arrayOf([], Kind.of('bytes')), call.argument('chunk_size')!.constant === undefined);
  },
  examples: [
    { title: 'Pieces of three', source: 'chunks("abcdefgh", 3)', result: ['abc', 'def', 'gh'] },
    { title: 'One piece', source: 'chunks("ab", 3)', result: ['ab'] },
  ],
  prepare(call) {
    const constant = call.argument('chunk_size')?.constant;
    if ((typeof constant === 'number' || typeof constant === 'bigint') && constant < 1)
      throw invalidArgument('chunk_size', displayValue(constant), TOO_SMALL);
    return (value: string | Uint8Array, chunkSize: number | bigint) => {
      if (chunkSize < 1) return fail(TOO_SMALL);
      return cut(value, Number(chunkSize));
    };
  },
});

function cut(value: string | Uint8Array, size: number): (string | Uint8Array)[] {
  const pieces: (string | Uint8Array)[] = [];
  if (typeof value === 'string' && utf8Length(value) === value.length) {
    for (let at = 0; at < value.length; at += size) pieces.push(value.slice(at, at + size));
    return pieces;
  }
  const bytes = bytesOf(value);
  for (let at = 0; at < bytes.length; at += size) pieces.push(bytesValue(bytes.subarray(at, at + size)));
  return pieces;
}
