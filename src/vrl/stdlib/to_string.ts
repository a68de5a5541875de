// Coerces to a string.

import { displayFloat } from '../../event/text.ts';
import { Timestamp } from '../../event/timestamp.ts';
import { Float, type Value } from '../../event/value.ts';
import { Kind } from '../2_check/kind.ts';
import { typeDef } from '../2_check/type_def.ts';
import { timestampText } from '../4_run/display.ts';
import { fail } from '../4_run/failure.ts';
import { displayKind } from '../4_run/kind_text.ts';
import { defineFunction, required } from '../function.ts';

const MAY_FAIL = ['array', 'object', 'regex'] as const;

// biome-ignore lint/suspicious/noShadowRestrictedNames: exports are named after their functions.
export const toString = defineFunction({
  name: 'to_string',
  category: 'Coerce',
  doc: 'Makes a string of `value`. `null` becomes the empty string, a timestamp its RFC 3339 form in UTC.',
  parameters: [required('value', 'any', 'The value to make a string of.')],
  failures: ['`value` is an array, object or regular expression.'],
  returns: { kinds: ['bytes'], fallible: true },
  type(call) {
    const { kind } = call.argument('value')!.type;
    return typeDef(
      Kind.of('bytes'),
      MAY_FAIL.some((name) => kind.contains(name)),
    );
  },
  examples: [
    { title: 'A boolean', source: 'to_string(true)', result: 'true' },
    { title: 'A whole float', source: 'to_string(12.0)', result: '12' },
    { title: 'A timestamp', source: "to_string(t'2021-01-01T01:00:00+01:00')", result: '2021-01-01T00:00:00Z' },
    {
      title: 'An array',
      source: 'to_string!([])',
      error: 'function call error for "to_string" at (0:14): unable to coerce array into string',
    },
  ],
  run(value: Value) {
    switch (typeof value) {
      case 'string':
        return value;
      case 'number':
        return Number.isInteger(value) ? String(value) : displayFloat(value);
      case 'bigint':
      case 'boolean':
        return String(value);
    }
    if (value === null) return '';
    if (value instanceof Uint8Array) return value;
    if (value instanceof Float) return displayFloat(value.value);
    if (value instanceof Timestamp) return timestampText(value);
    return fail(`unable to coerce ${displayKind(value)} into string`);
  },
});
