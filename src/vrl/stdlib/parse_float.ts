import { convertFloat } from '../4_run/convert.ts';
import { defineFunction, required } from '../function.ts';

// biome-ignore lint/suspicious/noShadowRestrictedNames: functions bear the names that programs call them by.
export const parseFloat = defineFunction({
  name: 'parse_float',
  category: 'String',
  doc: 'Reads a text as a decimal number and returns the float.',
  parameters: [required('value', 'bytes', 'The text to read.')],
  failures: ['`value` is not a number.'],
  returns: { kinds: ['float'], fallible: true },
  examples: [
    { title: 'A fraction', source: 'parse_float!("-0.25")', result: -0.25 },
    { title: 'An exponent', source: 'parse_float!("25e-1")', result: 2.5 },
    {
      title: 'No number',
      source: 'parse_float!("two")',
      error:
        'function call error for "parse_float" at (0:19): Invalid floating point number "two": invalid float literal',
    },
  ],
  run: (value: string | Uint8Array) => convertFloat(value),
});
