// Goes over entries.

import type { Value } from '../../event/value.ts';
import { runOverEntries } from '../formats/entries.ts';
import { type Closure, defineFunction, required } from '../function.ts';

export const forEach = defineFunction({
  name: 'for_each',
  category: 'Enumerate',
  doc:
    'Runs the closure for each entry of an object or array, with its key or index and its value. Variables from ' +
    'outside of the closure can be changed in it; nested entries are not visited.',
  parameters: [required('value', ['array', 'object'], 'The object or array to go over.')],
  closure: {
    inputs: [
      {
        parameter: 'value',
        kinds: ['object', 'array'],
        variables: ['inner_key', 'inner_value'],
        output: ['any'],
        example: 'for_each([1, 2]) -> |index, value| { .sum = to_int!(.sum) + index + value }',
      },
    ],
    isIterator: true,
  },
  returns: { kinds: ['null'], fallible: false },
  examples: [
    {
      title: 'A count',
      source:
        'count = {}\nfor_each(["a", "b", "a"]) -> |_, word| {\n  seen = get!(count, [word])\n' +
        '  count = set!(count, [word], int(seen) ?? 0 + 1)\n}\ncount',
      result: { a: 1, b: 1 },
    },
    {
      title: 'Keys and values',
      source: 'text = ""\nfor_each({ "b": 2, "a": 1 }) -> |key, value| { text = text + key + to_string(value) }\ntext',
      result: 'a1b2',
    },
  ],
  run(value: Value, closure: Closure) {
    return runOverEntries(value, closure, () => {}) ?? null;
  },
});
