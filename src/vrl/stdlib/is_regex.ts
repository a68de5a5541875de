// Asks for regular expressions.

import { Regex, type Value } from '../../event/value.ts';
import { defineFunction, required } from '../function.ts';

export const isRegex = defineFunction({
  name: 'is_regex',
  category: 'Type',
  doc: 'Tells whether `value` is a regular expression.',
  parameters: [required('value', 'any', 'The value to look at.')],
  returns: { kinds: ['boolean'], fallible: false },
  examples: [
    { title: 'It is', source: "is_regex(r'a+')", result: true },
    { title: 'It is not', source: 'is_regex("a+")', result: false },
  ],
  run(value: Value) {
    return value instanceof Regex;
  },
});
