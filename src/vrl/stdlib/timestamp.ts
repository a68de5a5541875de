// Makes sure of a timestamp.

import { Timestamp } from '../../event/timestamp.ts';
import type { Value } from '../../event/value.ts';
import { Kind } from '../2_check/kind.ts';
import { typeDef } from '../2_check/type_def.ts';
import { fail } from '../4_run/failure.ts';
import { displayKind } from '../4_run/kind_text.ts';
import { defineFunction, required } from '../function.ts';

export const timestamp = defineFunction({
  name: 'timestamp',
  category: 'Type',
  doc: 'Gives `value` back when it is a timestamp, and fails otherwise. From then on the compiler knows it as a timestamp.',
  parameters: [required('value', 'any', 'The value that must be a timestamp.')],
  failures: ['`value` is not a timestamp.'],
  returns: { kinds: ['timestamp'], fallible: true },
  type: (call) => typeDef(Kind.of('timestamp'), !call.argument('value')!.type.kind.is('timestamp')),
  unchecked: true,
  examples: [
    { title: 'The right kind', source: "timestamp(t'2021-01-01T00:00:00Z')", result: new Timestamp(1_609_459_200, 0) },
    {
      title: 'Another kind',
      source: 'timestamp!("2021-01-01")',
      error: 'function call error for "timestamp" at (0:24): expected timestamp, got string',
    },
  ],
  run(value: Value) {
    return value instanceof Timestamp ? value : fail(`expected timestamp, got ${displayKind(value)}`);
  },
});
