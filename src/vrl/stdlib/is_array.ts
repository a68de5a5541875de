// Asks for arrays.

import type { Value } from '../../event/value.ts';
import { defineFunction, required } from '../function.ts';

export const isArray = defineFunction({
  name: 'is_array',
  category: 'Type',
  doc: 'Tells whether `value` is an array.',
  parameters: [required('value', 'any', 'The value to look at.')],
  returns: { kinds: ['boolean'], fallible: false },
  examples: [
    { title: 'It is', source: 'is_array([1, 2])', result: true },
    { title: 'It is not', source: 'is_array("[1, 2]")', result: false },
  ],
  run(value: Value) {
    return Array.isArray(value);
  },
});
