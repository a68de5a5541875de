// Asks for objects.

import { isObject as isObjectValue, type Value } from '../../event/value.ts';
import { defineFunction, required } from '../function.ts';

export const isObject = defineFunction({
  name: 'is_object',
  category: 'Type',
  doc: 'Tells whether `value` is an object.',
  parameters: [required('value', 'any', 'The value to look at.')],
  returns: { kinds: ['boolean'], fallible: false },
  examples: [
    { title: 'It is', source: 'is_object({ "a": 1 })', result: true },
    { title: 'It is not', source: 'is_object([])', result: false },
  ],
  run(value: Value) {
    return isObjectValue(value);
  },
});
