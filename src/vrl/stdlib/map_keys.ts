// Replaces keys.

import type { Value } from '../../event/value.ts';
import { withMappedKeys } from '../formats/entries.ts';
import { type Closure, defineFunction, optional, required } from '../function.ts';

export const mapKeys = defineFunction({
  name: 'map_keys',
  category: 'Enumerate',
  doc: 'Replaces the keys of an object by what the closure makes of them.',
  parameters: [
    required('value', 'object', 'The object whose keys are replaced.'),
    optional('recursive', 'boolean', 'Whether objects inside of it are gone into, also those in arrays.', {
      default: false,
    }),
  ],
  closure: {
    inputs: [
      {
        parameter: 'value',
        kinds: ['object'],
        variables: ['bytes'],
        output: ['bytes'],
        example: 'map_keys({ "one": 1, "two": 2 }) -> |key| { upcase(key) }',
      },
    ],
    isIterator: true,
  },
  returns: { kinds: ['object'], fallible: false },
  hasLooseType: true,
  checkOrder: ['recursive', 'value'],
  evaluationOrder: ['recursive', 'value'],
  type: (call) => call.argument('value')!.type,
  examples: [
    {
      title: 'A prefix',
      source: 'map_keys({ "a": 1, "b": 2 }) -> |key| { "x." + key }',
      result: { 'x.a': 1, 'x.b': 2 },
    },
    {
      title: 'All the way down',
      source: 'map_keys({ "a": [{ "b": 1 }] }, recursive: true) -> |key| { upcase(key) }',
      result: { A: [{ B: 1 }] },
    },
  ],
  run(value: Value, recursive: boolean, closure: Closure) {
    return withMappedKeys(value, closure, recursive);
  },
});
