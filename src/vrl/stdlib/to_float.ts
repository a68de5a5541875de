// Coerces to a float.

import { Timestamp } from '../../event/timestamp.ts';
import { Float, float, INTEGER_MAX, INTEGER_MIN, type Value } from '../../event/value.ts';
import { Kind } from '../2_check/kind.ts';
import { typeDef } from '../2_check/type_def.ts';
import { convertFloat } from '../4_run/convert.ts';
import { type Failure, fail } from '../4_run/failure.ts';
import { displayKind } from '../4_run/kind_text.ts';
import { defineFunction, required } from '../function.ts';

const MAY_FAIL = ['bytes', 'array', 'object', 'regex'] as const;

export const toFloat = defineFunction({
  name: 'to_float',
  category: 'Coerce',
  doc:
    'Makes a float of `value`. A string must be a number; `true` is `1.0`, `false` and `null` are `0.0`; a timestamp ' +
    'becomes its seconds since the Unix epoch.',
  parameters: [required('value', 'any', 'The value to make a float of.')],
  failures: ['`value` does not stand for a number.'],
  returns: { kinds: ['float'], fallible: true },
  type(call) {
    const { kind } = call.argument('value')!.type;
    return typeDef(
      Kind.of('float'),
      MAY_FAIL.some((name) => kind.contains(name)),
    );
  },
  examples: [
    { title: 'A string', source: 'to_float!("2.75")', result: 2.75 },
    { title: 'A timestamp', source: "to_float(t'2021-01-01T00:00:00.5Z')", result: 1_609_459_200.5 },
    { title: 'An integer', source: 'to_float(3)', result: new Float(3) },
    {
      title: 'No number',
      source: 'to_float!("three")',
      error:
        'function call error for "to_float" at (0:18): Invalid floating point number "three": invalid float literal',
    },
  ],
  run(value: Value) {
    switch (typeof value) {
      case 'number':
        return Number.isInteger(value) ? new Float(value) : value;
      case 'bigint':
        return new Float(Number(value));
      case 'boolean':
        return new Float(value ? 1 : 0);
      case 'string':
        return convertFloat(value);
    }
    if (value === null) return new Float(0);
    if (value instanceof Float) return value;
    if (value instanceof Uint8Array) return convertFloat(value);
    if (value instanceof Timestamp) return secondsOf(value);
    return fail(`unable to coerce ${displayKind(value)} into float`);
  },
});

/** By way of nanoseconds as a float, whose rounding the result shows. */
function secondsOf(timestamp: Timestamp): Value | Failure {
  const nanos = timestamp.toNanos();
  if (nanos > INTEGER_MAX || nanos < INTEGER_MIN) return fail("can't convert out of range timestamp");
  return float(Number(nanos) / 1e9);
}
