// Makes sure of a boolean.

import type { Value } from '../../event/value.ts';
import { Kind } from '../2_check/kind.ts';
import { typeDef } from '../2_check/type_def.ts';
import { fail } from '../4_run/failure.ts';
import { displayKind } from '../4_run/kind_text.ts';
import { defineFunction, required } from '../function.ts';

export const bool = defineFunction({
  name: 'bool',
  category: 'Type',
  doc: 'Gives `value` back when it is a boolean, and fails otherwise. From then on the compiler knows it as a boolean.',
  parameters: [required('value', 'any', 'The value that must be a boolean.')],
  failures: ['`value` is not a boolean.'],
  returns: { kinds: ['boolean'], fallible: true },
  type: (call) => typeDef(Kind.of('boolean'), !call.argument('value')!.type.kind.is('boolean')),
  unchecked: true,
  examples: [
    { title: 'The right kind', source: 'bool!(.value)', event: { value: false }, result: false },
    {
      title: 'Another kind',
      source: 'bool!(1)',
      error: 'function call error for "bool" at (0:8): expected boolean, got integer',
    },
  ],
  run(value: Value) {
    return typeof value === 'boolean' ? value : fail(`expected boolean, got ${displayKind(value)}`);
  },
});
