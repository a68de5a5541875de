// Replaces values.

import type { Value } from '../../event/value.ts';
import { Kind } from '../2_check/kind.ts';
import { withKind } from '../2_check/type_def.ts';
import { withMappedValues } from '../formats/entries.ts';
import { type Closure, defineFunction, optional, required } from '../function.ts';

export const mapValues = defineFunction({
  name: 'map_values',
  category: 'Enumerate',
  doc:
    'Replaces the values in an object or array by what the closure makes of them. With `recursive`, the closure gets ' +
    'an object or array inside before what is in that.',
  parameters: [
    required('value', ['array', 'object'], 'The object or array whose values are replaced.'),
    optional('recursive', 'boolean', 'Whether objects and arrays inside of it are gone into.', { default: false }),
  ],
  closure: {
    inputs: [
      {
        parameter: 'value',
        kinds: ['object', 'array'],
        variables: ['inner_value'],
        output: ['any'],
        example: 'map_values({ "one": "one", "two": "two" }) -> |value| { upcase(value) }',
      },
    ],
    isIterator: true,
  },
  returns: { kinds: ['array', 'object'], fallible: false },
  hasLooseType: true,
  checkOrder: ['recursive', 'value'],
  evaluationOrder: ['recursive', 'value'],
  type(call) {
    const { type } = call.argument('value')!;
    const to = call.closureType?.kind ?? Kind.any();
    let { kind } = type;
    const { objectMembers: members, arrayItems: items } = kind;
    // Only what is known by its key is known to be replaced.
    if (members) {
      const known = new Map([...members.known.keys()].map((key) => [key, to]));
      kind = kind.without('object').union(Kind.object(members.withEntries(known)));
    }
    if (items) {
      const known = new Map([...items.known.keys()].map((index) => [index, to]));
      kind = kind.without('array').union(Kind.array(items.withEntries(known)));
    }
    return withKind(type, kind);
  },
  examples: [
    { title: 'Items', source: 'map_values([1, 2]) -> |value| { value * 2 }', result: [2, 4] },
    {
      title: 'All the way down',
      source:
        'map_values({ "a": [1], "b": 2 }, recursive: true) -> |value| { if is_array(value) { value } else { 0 } }',
      result: { a: [0], b: 0 },
    },
  ],
  run(value: Value, recursive: boolean, closure: Closure) {
    return withMappedValues(value, closure, recursive);
  },
});
