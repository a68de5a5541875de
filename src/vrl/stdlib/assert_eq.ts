// Fails when two values differ.

import type { Value } from '../../event/value.ts';
import { Kind } from '../2_check/kind.ts';
import { typeDef } from '../2_check/type_def.ts';
import { equalsExact } from '../4_run/compare.ts';
import { lossy } from '../4_run/convert.ts';
import { displayValue } from '../4_run/display.ts';
import { fail } from '../4_run/failure.ts';
import { displayKind } from '../4_run/kind_text.ts';
import { defineFunction, optional, required } from '../function.ts';

export const assertEq = defineFunction({
  name: 'assert_eq',
  category: 'Debug',
  doc: 'Fails unless `left` and `right` are the same. An integer and a float never are.',
  parameters: [
    required('left', 'any', 'One value.'),
    required('right', 'any', 'The other value.'),
    optional('message', 'bytes', 'The message to fail with.'),
  ],
  failures: ['The values differ.'],
  notices: ['Meant to stand alone, to end the program; not as a part of other expressions.'],
  pure: false,
  returns: { kinds: ['boolean'], fallible: true },
  type: () => typeDef(Kind.of('boolean'), true),
  unchecked: true,
  examples: [
    { title: 'The same', source: 'assert_eq!([1, "a"], [1, "a"])', result: true },
    {
      title: 'Not the same',
      source: 'assert_eq!({ "a": 1 }, [])',
      error: 'function call error for "assert_eq" at (0:26): assertion failed: { "a": 1 } == []',
    },
  ],
  run(left: Value, right: Value, message: Value | undefined) {
    if (equalsExact(left, right)) return true;
    if (message === undefined) return fail(`assertion failed: ${displayValue(left)} == ${displayValue(right)}`);
    if (typeof message === 'string' || message instanceof Uint8Array) return fail(lossy(message));
    return fail(`expected string, got ${displayKind(message)}`);
  },
});
