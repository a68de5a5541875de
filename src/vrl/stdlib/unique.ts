import type { Value } from '../../event/value.ts';
import { valueKey } from '../formats/value_key.ts';
import { defineFunction, required } from '../function.ts';

export const unique = defineFunction({
  name: 'unique',
  category: 'Enumerate',
  doc: 'Returns an array without the items that are the same as an earlier one.',
  parameters: [required('value', 'array', 'The array to go over.')],
  returns: { kinds: ['array'], fallible: false },
  examples: [
    { title: 'Strings', source: 'unique(["b", "a", "b"])', result: ['b', 'a'] },
    { title: 'Arrays', source: 'unique([[1], [2], [1]])', result: [[1], [2]] },
  ],
  run(value: readonly Value[]) {
    const seen = new Set<string>();
    const kept: Value[] = [];
    for (const item of value) {
      const { size } = seen;
      if (seen.add(valueKey(item)).size > size) kept.push(item);
    }
    return kept;
  },
});
