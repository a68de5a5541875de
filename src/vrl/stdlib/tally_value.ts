import type { Value } from '../../event/value.ts';
import { equalsExact } from '../4_run/compare.ts';
import { defineFunction, required } from '../function.ts';

export const tallyValue = defineFunction({
  name: 'tally_value',
  category: 'Enumerate',
  doc: 'Counts how often a value occurs in an array. The kinds must be the same: `1` is not `1.0`.',
  parameters: [required('array', 'array', 'The array to go over.'), required('value', 'any', 'The value to count.')],
  returns: { kinds: ['integer'], fallible: false },
  examples: [
    { title: 'A string', source: 'tally_value(["a", "b", "a"], "a")', result: 2 },
    { title: 'Another kind', source: 'tally_value([1, 2], 1.0)', result: 0 },
  ],
  run(array: readonly Value[], value: Value) {
    let count = 0;
    for (const item of array) if (equalsExact(item, value)) count += 1;
    return count;
  },
});
