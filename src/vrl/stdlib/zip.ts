import type { Value } from '../../event/value.ts';
import { fail } from '../4_run/failure.ts';
import { displayKind } from '../4_run/kind_text.ts';
import { defineFunction, optional, required } from '../function.ts';

export const zip = defineFunction({
  name: 'zip',
  category: 'Array',
  doc: 'Puts the first items of several arrays together to an array, then the second ones, and so on.',
  notices: ['The shortest array decides how many there are.'],
  parameters: [
    required('array_0', 'array', 'The first array; or an array of all arrays, when no other is given.'),
    optional('array_1', 'array', 'The second array.'),
  ],
  failures: ['`array_0` holds something other than arrays, and `array_1` is not given.'],
  returns: { kinds: ['array'], fallible: false },
  examples: [
    {
      title: 'Two arrays',
      source: 'zip(["a", "b"], [1, 2])',
      result: [
        ['a', 1],
        ['b', 2],
      ],
    },
    { title: 'An array of arrays', source: 'zip([[1, 2], [3, 4], [5]])', result: [[1, 3, 5]] },
  ],
  run(first: readonly Value[], second: readonly Value[] | undefined) {
    const arrays: readonly Value[][] | readonly Value[] = second ? [first as Value[], second as Value[]] : first;
    let length = arrays.length === 0 ? 0 : Infinity;
    for (const array of arrays) {
      if (!Array.isArray(array)) return fail(`expected array, got ${displayKind(array)}`);
      length = Math.min(length, array.length);
    }
    const rows: Value[] = [];
    for (let i = 0; i < length; i++) rows.push(arrays.map((array) => (array as Value[])[i]!));
    return rows;
  },
});
