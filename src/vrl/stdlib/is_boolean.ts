// Asks for booleans.

import type { Value } from '../../event/value.ts';
import { defineFunction, required } from '../function.ts';

export const isBoolean = defineFunction({
  name: 'is_boolean',
  category: 'Type',
  doc: 'Tells whether `value` is a boolean.',
  parameters: [required('value', 'any', 'The value to look at.')],
  returns: { kinds: ['boolean'], fallible: false },
  examples: [
    { title: 'It is', source: 'is_boolean(true)', result: true },
    { title: 'It is not', source: 'is_boolean("true")', result: false },
  ],
  run(value: Value) {
    return typeof value === 'boolean';
  },
});
