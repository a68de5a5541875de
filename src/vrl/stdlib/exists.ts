// Whether something is at a path. The generator writes the test itself, as it knows where the place is.

import { defineFunction, required } from '../function.ts';

export const exists = defineFunction({
  name: 'exists',
  category: 'Path',
  doc: 'Tells whether something is at the path `field`, be it `null`. Reading the path gives `null` in both cases.',
  parameters: [required('field', 'any', 'The path to look at.', { compileTime: true })],
  returns: { kinds: ['boolean'], fallible: false },
  examples: [
    { title: 'A field that is null', source: 'exists(.a)', event: { a: null }, result: true },
    { title: 'No such field', source: 'exists(.a.b)', event: { a: 1 }, result: false },
    { title: 'An item of an array', source: 'exists(.list[1])', event: { list: [1, 2] }, result: true },
  ],
  prepare(call) {
    call.query('field');
    return () => null;
  },
});
