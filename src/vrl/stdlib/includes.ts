import type { Value } from '../../event/value.ts';
import { equalsExact } from '../4_run/compare.ts';
import { defineFunction, required } from '../function.ts';

export const includes = defineFunction({
  name: 'includes',
  category: 'Enumerate',
  doc: 'Tells whether an array holds an item. The kinds must be the same: `1` is not `1.0`.',
  parameters: [required('value', 'array', 'The array to search.'), required('item', 'any', 'The item to search for.')],
  returns: { kinds: ['boolean'], fallible: false },
  examples: [
    { title: 'It does', source: 'includes(["info", "warn"], "warn")', result: true },
    { title: 'It does not', source: 'includes([1, 2], 2.0)', result: false },
  ],
  run(value: readonly Value[], item: Value) {
    for (const one of value) if (equalsExact(one, item)) return true;
    return false;
  },
});
