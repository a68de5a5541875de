import { fail } from '../4_run/failure.ts';
import { defineFunction, optional, required } from '../function.ts';

export const formatInt = defineFunction({
  name: 'format_int',
  category: 'Number',
  doc: 'Writes an integer in a base, with the digits 0 to 9 and a to z.',
  parameters: [
    required('value', 'integer', 'The integer to write.'),
    optional('base', 'integer', 'The base, from 2 to 36.', { default: 10 }),
  ],
  failures: ['`base` is not from 2 to 36.'],
  returns: { kinds: ['bytes'], fallible: true },
  examples: [
    { title: 'Hexadecimal', source: 'format_int!(255, 16)', result: 'ff' },
    { title: 'A negative number', source: 'format_int!(-10, 2)', result: '-1010' },
    {
      title: 'No such base',
      source: 'format_int!(7, 1)',
      error: 'function call error for "format_int" at (0:17): invalid base 1: must be be between 2 and 36 (inclusive)',
    },
  ],
  run(value: number | bigint, base: number | bigint) {
    if (base < 2 || base > 36) return fail(`invalid base ${base}: must be be between 2 and 36 (inclusive)`);
    return value.toString(Number(base));
  },
});
