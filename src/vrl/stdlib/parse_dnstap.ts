// Reads a frame of dnstap.

import { Collection, Kind } from '../2_check/kind.ts';
import { typeDef } from '../2_check/type_def.ts';
import { fail } from '../4_run/failure.ts';
import { decodePaddedBase64 } from '../formats/base64.ts';
import { TruncatedData } from '../formats/dnstap/byte_reader.ts';
import { parseDnstap as parseFrame } from '../formats/dnstap/dnstap.ts';
import { utf8Text } from '../formats/utf8_text.ts';
import { defineFunction, optional, required } from '../function.ts';

export const parseDnstap = defineFunction({
  name: 'parse_dnstap',
  category: 'Parse',
  doc: 'Reads `value` as a frame of [dnstap](https://dnstap.info), encoded in base64.',
  parameters: [
    required('value', 'bytes', 'The frame, encoded in base64.'),
    optional('lowercase_hostnames', 'boolean', 'Whether names of hosts are written in lower case.', { default: false }),
  ],
  failures: ['`value` is not base64.', 'The frame is no message of dnstap.'],
  returns: { kinds: ['object'], fallible: true },
  type: () => typeDef(Kind.object(Collection.any()), 'maybe'),
  examples: [
    {
      title: 'The query of a client',
      source:
        'parse_dnstap!("CgNuczFyRwgFEAEYASIEfwAAASoEfwAAATDuogI4NUDGy/+BBk0ACsAOUiLB9QEgAAEAAAAAAAAEaG9zdAdleGFtcGxlA2NvbQAAAQABeAE=").messageType',
      result: 'ClientQuery',
    },
    {
      title: 'No base64',
      source: 'parse_dnstap!("§")',
      error: 'function call error for "parse_dnstap" at (0:19): § is not a valid base64 encoded string',
    },
  ],
  run(value: string | Uint8Array, lowercaseHostnames: boolean) {
    const text = utf8Text(value);
    const frame = decodePaddedBase64(new TextEncoder().encode(text), 'standard');
    if (!frame) return fail(`${text} is not a valid base64 encoded string`);
    try {
      return parseFrame(frame, { lowercaseHostnames });
    } catch (error) {
      if (error instanceof TruncatedData) return fail(`dnstap parsing failed for ${text}: ${error.message}`);
      throw error;
    }
  },
});
