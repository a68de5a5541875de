// Makes sure of a float.

import { kindOf, type Value } from '../../event/value.ts';
import { Kind } from '../2_check/kind.ts';
import { typeDef } from '../2_check/type_def.ts';
import { fail } from '../4_run/failure.ts';
import { displayKind } from '../4_run/kind_text.ts';
import { defineFunction, required } from '../function.ts';

export const float = defineFunction({
  name: 'float',
  category: 'Type',
  doc: 'Gives `value` back when it is a float, and fails otherwise. From then on the compiler knows it as a float.',
  parameters: [required('value', 'any', 'The value that must be a float.')],
  failures: ['`value` is not a float.'],
  returns: { kinds: ['float'], fallible: true },
  type: (call) => typeDef(Kind.of('float'), !call.argument('value')!.type.kind.is('float')),
  unchecked: true,
  examples: [
    { title: 'The right kind', source: 'float!(.value)', event: { value: 2.5 }, result: 2.5 },
    {
      title: 'Another kind',
      source: 'float!(1)',
      error: 'function call error for "float" at (0:9): expected float, got integer',
    },
  ],
  run(value: Value) {
    return kindOf(value) === 'float' ? value : fail(`expected float, got ${displayKind(value)}`);
  },
});
