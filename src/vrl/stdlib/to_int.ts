// Coerces to an integer.

import { Timestamp } from '../../event/timestamp.ts';
import { Float, INTEGER_MAX, INTEGER_MIN, integer, type Value } from '../../event/value.ts';
import { Kind } from '../2_check/kind.ts';
import { typeDef } from '../2_check/type_def.ts';
import { convertInteger } from '../4_run/convert.ts';
import { fail } from '../4_run/failure.ts';
import { displayKind } from '../4_run/kind_text.ts';
import { defineFunction, required } from '../function.ts';

const MAY_FAIL = ['bytes', 'array', 'object', 'regex'] as const;

export const toInt = defineFunction({
  name: 'to_int',
  category: 'Coerce',
  doc:
    'Makes an integer of `value`. Floats lose their fraction; a string must be an integer; `true` is `1`, `false` and ' +
    '`null` are `0`; a timestamp becomes its whole seconds since the Unix epoch.',
  parameters: [required('value', 'any', 'The value to make an integer of.')],
  failures: ['`value` is a string that is no integer, or of a kind that cannot be one.'],
  returns: { kinds: ['integer'], fallible: true },
  type(call) {
    const { kind } = call.argument('value')!.type;
    return typeDef(
      Kind.of('integer'),
      MAY_FAIL.some((name) => kind.contains(name)),
    );
  },
  examples: [
    { title: 'A string', source: 'to_int!("-12")', result: -12 },
    { title: 'A float', source: 'to_int(2.9)', result: 2 },
    { title: 'A timestamp', source: "to_int(t'2021-01-01T00:00:00.9Z')", result: 1_609_459_200 },
    {
      title: 'No integer',
      source: 'to_int!("2.9")',
      error: 'function call error for "to_int" at (0:14): Invalid integer "2.9": invalid digit found in string',
    },
  ],
  run(value: Value) {
    switch (typeof value) {
      case 'number':
        return Math.trunc(value) + 0;
      case 'bigint':
        return value;
      case 'boolean':
        return value ? 1 : 0;
      case 'string':
        return convertInteger(value);
    }
    if (value === null) return 0;
    if (value instanceof Float) return wholeOf(value.value);
    if (value instanceof Uint8Array) return convertInteger(value);
    if (value instanceof Timestamp) return value.seconds;
    return fail(`unable to coerce ${displayKind(value)} into integer`);
  },
});

/** What is beyond the range of integers becomes the nearest end of it. */
function wholeOf(value: number): number | bigint {
  if (Number.isSafeInteger(value)) return value + 0;
  if (value >= Number(INTEGER_MAX)) return INTEGER_MAX;
  return value <= Number(INTEGER_MIN) ? INTEGER_MIN : integer(BigInt(value));
}
