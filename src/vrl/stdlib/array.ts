// Makes sure of an array.

import type { Value } from '../../event/value.ts';
import { Kind } from '../2_check/kind.ts';
import { fallibleUnless, withKind } from '../2_check/type_def.ts';
import { fail } from '../4_run/failure.ts';
import { displayKind } from '../4_run/kind_text.ts';
import { defineFunction, required } from '../function.ts';

export const array = defineFunction({
  name: 'array',
  category: 'Type',
  doc: 'Gives `value` back when it is an array, and fails otherwise. From then on the compiler knows it as an array.',
  parameters: [required('value', 'any', 'The value that must be an array.')],
  failures: ['`value` is not an array.'],
  returns: { kinds: ['array'], fallible: true },
  type(call) {
    const value = call.argument('value')!.type;
    const known = value.kind.arrayItems;
    return withKind(fallibleUnless(value, Kind.of('array')), known ? Kind.array(known) : Kind.of('array'));
  },
  unchecked: true,
  examples: [
    { title: 'The right kind', source: 'array!(.value)', event: { value: [1, 2] }, result: [1, 2] },
    {
      title: 'Another kind',
      source: 'array!("a")',
      error: 'function call error for "array" at (0:11): expected array, got string',
    },
  ],
  run(value: Value) {
    return Array.isArray(value) ? value : fail(`expected array, got ${displayKind(value)}`);
  },
});
