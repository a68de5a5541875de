// Makes sure of a string.

import type { Value } from '../../event/value.ts';
import { Kind } from '../2_check/kind.ts';
import { typeDef } from '../2_check/type_def.ts';
import { fail } from '../4_run/failure.ts';
import { displayKind } from '../4_run/kind_text.ts';
import { defineFunction, required } from '../function.ts';

export const string = defineFunction({
  name: 'string',
  category: 'Type',
  doc: 'Gives `value` back when it is a string, and fails otherwise. From then on the compiler knows it as a string.',
  parameters: [required('value', 'any', 'The value that must be a string.')],
  failures: ['`value` is not a string.'],
  returns: { kinds: ['bytes'], fallible: true },
  type: (call) => typeDef(Kind.of('bytes'), !call.argument('value')!.type.kind.is('bytes')),
  unchecked: true,
  examples: [
    { title: 'The right kind', source: 'string!(.value)', event: { value: 'text' }, result: 'text' },
    {
      title: 'Another kind',
      source: 'string!(true)',
      error: 'function call error for "string" at (0:13): expected string, got boolean',
    },
  ],
  run(value: Value) {
    return typeof value === 'string' || value instanceof Uint8Array
      ? value
      : fail(`expected string, got ${displayKind(value)}`);
  },
});
