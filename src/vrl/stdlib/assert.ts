// Fails when something does not hold.

import type { Value } from '../../event/value.ts';
import { Kind } from '../2_check/kind.ts';
import { typeDef } from '../2_check/type_def.ts';
import { lossy } from '../4_run/convert.ts';
import { fail } from '../4_run/failure.ts';
import { displayKind } from '../4_run/kind_text.ts';
import { defineFunction, optional, required } from '../function.ts';

export const assert = defineFunction({
  name: 'assert',
  category: 'Debug',
  doc: 'Fails unless `condition` is true.',
  parameters: [
    required('condition', 'boolean', 'What must hold.'),
    optional('message', 'bytes', 'The message to fail with.'),
  ],
  failures: ['`condition` is false.'],
  notices: ['Meant to stand alone, to end the program; not as a part of other expressions.'],
  pure: false,
  returns: { kinds: ['boolean'], fallible: true },
  type: () => typeDef(Kind.of('boolean'), true),
  unchecked: true,
  examples: [
    { title: 'It holds', source: 'assert!(1 < 2)', result: true },
    {
      title: 'It does not hold',
      source: 'assert!(1 > 2, message: "one is less than two")',
      error: 'function call error for "assert" at (0:47): one is less than two',
    },
  ],
  run(condition: Value, message: Value | undefined) {
    if (condition === true) return true;
    if (condition !== false) return fail(`expected boolean, got ${displayKind(condition)}`);
    if (message === undefined) return fail('assertion failed');
    if (typeof message === 'string' || message instanceof Uint8Array) return fail(lossy(message));
    return fail(`expected string, got ${displayKind(message)}`);
  },
});
