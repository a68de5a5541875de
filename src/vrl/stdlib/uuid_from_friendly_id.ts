import { Failure, fail } from '../4_run/failure.ts';
import { decodeBase62 } from '../formats/base62.ts';
import { bytesOf } from '../formats/bytes.ts';
import { utf8Text } from '../formats/utf8_text.ts';
import { hyphenated } from '../formats/uuid.ts';
import { defineFunction, required } from '../function.ts';

export const uuidFromFriendlyId = defineFunction({
  name: 'uuid_from_friendly_id',
  category: 'Random',
  doc: 'Converts a Friendly ID, a 128-bit number in base 62, to a UUID.',
  parameters: [required('value', 'bytes', 'The Friendly ID.')],
  failures: ['`value` holds a character other than `0-9`, `A-Z` and `a-z`.', 'The number has more than 128 bits.'],
  returns: { kinds: ['bytes'], fallible: true },
  examples: [
    {
      title: 'An ID',
      source: 'uuid_from_friendly_id!("3s87yEvnmkiPBMHsj8bwwc")',
      result: '7f41deed-d5e2-8b5e-7a13-ab4ff93cfad2',
    },
    {
      title: 'A character that cannot be',
      source: 'uuid_from_friendly_id!("a-b")',
      error:
        'function call error for "uuid_from_friendly_id" at (0:29): failed to decode friendly id: ' +
        "Encoded input contains the invalid byte b'-' at index 1",
    },
  ],
  run(value: string | Uint8Array) {
    const number = decodeBase62(bytesOf(utf8Text(value)));
    return number instanceof Failure
      ? fail(`failed to decode friendly id: ${number.message}`)
      : hyphenated(number.toString(16).padStart(32, '0'));
  },
});
