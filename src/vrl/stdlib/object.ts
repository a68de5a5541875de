// Makes sure of an object.

import { isObject, type Value } from '../../event/value.ts';
import { Kind } from '../2_check/kind.ts';
import { fallibleUnless, withKind } from '../2_check/type_def.ts';
import { fail } from '../4_run/failure.ts';
import { displayKind } from '../4_run/kind_text.ts';
import { defineFunction, required } from '../function.ts';

export const object = defineFunction({
  name: 'object',
  category: 'Type',
  doc: 'Gives `value` back when it is an object, and fails otherwise. From then on the compiler knows it as an object.',
  parameters: [required('value', 'any', 'The value that must be an object.')],
  failures: ['`value` is not an object.'],
  returns: { kinds: ['object'], fallible: true },
  type(call) {
    const value = call.argument('value')!.type;
    const known = value.kind.objectMembers;
    return withKind(fallibleUnless(value, Kind.of('object')), known ? Kind.object(known) : Kind.of('object'));
  },
  unchecked: true,
  examples: [
    { title: 'The right kind', source: 'object!(.value)', event: { value: { a: 1 } }, result: { a: 1 } },
    {
      title: 'Another kind',
      source: 'object!([])',
      error: 'function call error for "object" at (0:11): expected object, got array',
    },
  ],
  run(value: Value) {
    return isObject(value) ? value : fail(`expected object, got ${displayKind(value)}`);
  },
});
