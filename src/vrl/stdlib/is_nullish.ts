// Asks for what stands for nothing.

import type { Value } from '../../event/value.ts';
import { isWhitespace } from '../formats/utf8_text.ts';
import { defineFunction, required } from '../function.ts';

export const isNullish = defineFunction({
  name: 'is_nullish',
  category: 'Type',
  doc: 'Tells whether `value` stands for nothing: `null`, a string that is empty or all white space, or `"-"`.',
  notices: ['Empty arrays and objects are not nullish.'],
  parameters: [required('value', 'any', 'The value to look at.')],
  returns: { kinds: ['boolean'], fallible: false },
  examples: [
    { title: 'A dash', source: 'is_nullish("-")', result: true },
    { title: 'White space', source: 'is_nullish(" \\n ")', result: true },
    { title: 'An empty array', source: 'is_nullish([])', result: false },
  ],
  run(value: Value) {
    if (value === null || value === '-') return true;
    if (typeof value !== 'string') return false;
    for (let i = 0; i < value.length; i++) if (!isWhitespace(value.charCodeAt(i))) return false;
    return true;
  },
});
