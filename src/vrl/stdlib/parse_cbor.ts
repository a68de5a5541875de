import { fail } from '../4_run/failure.ts';
import { bytesOf } from '../formats/bytes.ts';
import { CborProblem, parseCbor as parse } from '../formats/cbor.ts';
import { jsonTypeDef } from '../formats/json_type.ts';
import { defineFunction, required } from '../function.ts';

export const parseCbor = defineFunction({
  name: 'parse_cbor',
  category: 'Parse',
  doc: 'Reads a [CBOR](https://cbor.io) item as a value.',
  parameters: [required('value', 'bytes', 'The bytes of the item.')],
  failures: [
    '`value` is not CBOR.',
    '`value` holds what values do not have: byte strings, tags, keys that are no text.',
  ],
  returns: { kinds: ['bytes', 'boolean', 'integer', 'float', 'null', 'array', 'object'], fallible: true },
  examples: [
    { title: 'A map', source: 'parse_cbor!(decode_base64!("oWVmaWVsZGV2YWx1ZQ=="))', result: { field: 'value' } },
    { title: 'An array', source: 'parse_cbor!(decode_base64!("gvUA"))', result: [true, 0] },
    {
      title: 'Too short',
      source: 'parse_cbor!(decode_base64!("gvU="))',
      error: 'function call error for "parse_cbor" at (0:35): unable to parse cbor: Io(EndOfFile(()))',
    },
  ],
  type: () => jsonTypeDef(),
  run(value: string | Uint8Array) {
    try {
      return parse(bytesOf(value));
    } catch (error) {
      if (error instanceof CborProblem) return fail(`unable to parse cbor: ${error.message}`);
      throw error;
    }
  },
});
