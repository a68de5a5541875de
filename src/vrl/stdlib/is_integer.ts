// Asks for integers.

import { kindOf, type Value } from '../../event/value.ts';
import { defineFunction, required } from '../function.ts';

export const isInteger = defineFunction({
  name: 'is_integer',
  category: 'Type',
  doc: 'Tells whether `value` is an integer.',
  parameters: [required('value', 'any', 'The value to look at.')],
  returns: { kinds: ['boolean'], fallible: false },
  examples: [
    { title: 'It is', source: 'is_integer(5)', result: true },
    { title: 'It is not', source: 'is_integer("5")', result: false },
  ],
  run(value: Value) {
    return kindOf(value) === 'integer';
  },
});
