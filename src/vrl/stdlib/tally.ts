import { getField, setField } from '../../event/object.ts';
import type { ObjectValue, Value } from '../../event/value.ts';
import { Kind } from '../2_check/kind.ts';
import { typeDef } from '../2_check/type_def.ts';
import { fail } from '../4_run/failure.ts';
import { utf8Text } from '../formats/utf8_text.ts';
import { debugValue } from '../formats/value_debug.ts';
import { defineFunction, required } from '../function.ts';

export const tally = defineFunction({
  name: 'tally',
  category: 'Enumerate',
  doc: 'Counts how often each string occurs in an array.',
  parameters: [required('value', 'array', 'The strings to count.')],
  failures: ['An item is not a string.'],
  returns: { kinds: ['object'], fallible: true },
  type: () => typeDef(Kind.objectOf({}, Kind.of('integer')), true),
  examples: [
    { title: 'Words', source: 'tally!(["a", "b", "a"])', result: { a: 2, b: 1 } },
    {
      title: 'Not only strings',
      source: 'tally!(["a", 1])',
      error: 'function call error for "tally" at (0:16): all values must be strings, found: Integer(1)',
    },
  ],
  run(value: readonly Value[]) {
    const counts: ObjectValue = {};
    for (const item of value) {
      if (typeof item !== 'string' && !(item instanceof Uint8Array))
        return fail(`all values must be strings, found: ${debugValue(item)}`);
      const key = utf8Text(item);
      setField(counts, key, ((getField(counts, key) ?? 0) as number) + 1);
    }
    return counts;
  },
});
