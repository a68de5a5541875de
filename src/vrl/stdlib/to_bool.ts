// Coerces to a boolean.

import { Float, type Value } from '../../event/value.ts';
import { Kind } from '../2_check/kind.ts';
import { typeDef } from '../2_check/type_def.ts';
import { parseBoolean } from '../4_run/convert.ts';
import { fail } from '../4_run/failure.ts';
import { displayKind } from '../4_run/kind_text.ts';
import { defineFunction, required } from '../function.ts';

const MAY_FAIL = ['bytes', 'timestamp', 'array', 'object', 'regex'] as const;

export const toBool = defineFunction({
  name: 'to_bool',
  category: 'Coerce',
  doc:
    'Makes a boolean of `value`. Zero, `null` and the strings `false`, `f`, `no`, `n` and `0` are false; other numbers ' +
    'and `true`, `t`, `yes` and `y` are true. Strings may be in any case, and may be other integers.',
  parameters: [required('value', 'any', 'The value to make a boolean of.')],
  failures: ['`value` does not stand for a boolean.'],
  returns: { kinds: ['boolean'], fallible: true },
  type(call) {
    const { kind } = call.argument('value')!.type;
    return typeDef(
      Kind.of('boolean'),
      MAY_FAIL.some((name) => kind.contains(name)),
    );
  },
  examples: [
    { title: 'A word', source: 'to_bool!("Yes")', result: true },
    { title: 'A number', source: 'to_bool(0.0)', result: false },
    {
      title: 'No boolean',
      source: 'to_bool!("maybe")',
      error: 'function call error for "to_bool" at (0:17): Invalid boolean value "maybe"',
    },
  ],
  run(value: Value) {
    switch (typeof value) {
      case 'boolean':
        return value;
      case 'number':
        return value !== 0;
      case 'bigint':
        return true;
      case 'string':
        return parseBoolean(value);
    }
    if (value === null) return false;
    if (value instanceof Float) return value.value !== 0;
    if (value instanceof Uint8Array) return parseBoolean(value);
    return fail(`unable to coerce ${displayKind(value)} into boolean`);
  },
});
