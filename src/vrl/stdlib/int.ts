// Makes sure of an integer.

import { kindOf, type Value } from '../../event/value.ts';
import { Kind } from '../2_check/kind.ts';
import { typeDef } from '../2_check/type_def.ts';
import { fail } from '../4_run/failure.ts';
import { displayKind } from '../4_run/kind_text.ts';
import { defineFunction, required } from '../function.ts';

export const int = defineFunction({
  name: 'int',
  category: 'Type',
  doc: 'Gives `value` back when it is an integer, and fails otherwise. From then on the compiler knows it as an integer.',
  parameters: [required('value', 'any', 'The value that must be an integer.')],
  failures: ['`value` is not an integer.'],
  returns: { kinds: ['integer'], fallible: true },
  type: (call) => typeDef(Kind.of('integer'), !call.argument('value')!.type.kind.is('integer')),
  unchecked: true,
  examples: [
    { title: 'The right kind', source: 'int!(.value)', event: { value: 42 }, result: 42 },
    {
      title: 'Another kind',
      source: 'int!(1.5)',
      error: 'function call error for "int" at (0:9): expected integer, got float',
    },
  ],
  run(value: Value) {
    return kindOf(value) === 'integer' ? value : fail(`expected integer, got ${displayKind(value)}`);
  },
});
