// Asks for strings.

import type { Value } from '../../event/value.ts';
import { defineFunction, required } from '../function.ts';

export const isString = defineFunction({
  name: 'is_string',
  category: 'Type',
  doc: 'Tells whether `value` is a string.',
  parameters: [required('value', 'any', 'The value to look at.')],
  returns: { kinds: ['boolean'], fallible: false },
  examples: [
    { title: 'It is', source: 'is_string("a")', result: true },
    { title: 'It is not', source: 'is_string(1)', result: false },
  ],
  run(value: Value) {
    return typeof value === 'string' || value instanceof Uint8Array;
  },
});
