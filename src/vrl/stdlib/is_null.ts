// Asks for null.

import type { Value } from '../../event/value.ts';
import { defineFunction, required } from '../function.ts';

export const isNull = defineFunction({
  name: 'is_null',
  category: 'Type',
  doc: 'Tells whether `value` is null.',
  parameters: [required('value', 'any', 'The value to look at.')],
  returns: { kinds: ['boolean'], fallible: false },
  examples: [
    { title: 'It is', source: 'is_null(null)', result: true },
    { title: 'It is not', source: 'is_null("")', result: false },
  ],
  run(value: Value) {
    return value === null;
  },
});
