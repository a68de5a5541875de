// Asks for floats.

import { kindOf, type Value } from '../../event/value.ts';
import { defineFunction, required } from '../function.ts';

export const isFloat = defineFunction({
  name: 'is_float',
  category: 'Type',
  doc: 'Tells whether `value` is a float.',
  parameters: [required('value', 'any', 'The value to look at.')],
  returns: { kinds: ['boolean'], fallible: false },
  examples: [
    { title: 'It is', source: 'is_float(0.5)', result: true },
    { title: 'It is not', source: 'is_float(5)', result: false },
  ],
  run(value: Value) {
    return kindOf(value) === 'float';
  },
});
