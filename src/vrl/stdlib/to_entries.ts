// An object or array becomes entries.

import { sortedKeys } from '../../event/object.ts';
import { isObject, type Value } from '../../event/value.ts';
import { fail } from '../4_run/failure.ts';
import { displayKind } from '../4_run/kind_text.ts';
import { defineFunction, required } from '../function.ts';

export const toEntries = defineFunction({
  name: 'to_entries',
  category: 'Object',
  doc: 'Makes an array of entries `{ "key": …, "value": … }` of an object or array; the keys of an array are its indices.',
  parameters: [required('value', ['array', 'object'], 'The object or array to take apart.')],
  returns: { kinds: ['array'], fallible: false },
  unchecked: true,
  examples: [
    { title: 'An object', source: 'to_entries({ "a": 1 })', result: [{ key: 'a', value: 1 }] },
    { title: 'An array', source: 'to_entries([true])', result: [{ key: 0, value: true }] },
  ],
  run(value: Value) {
    if (Array.isArray(value)) return value.map((item, index) => ({ key: index, value: item }));
    if (!isObject(value)) return fail(`expected array or object, got ${displayKind(value)}`);
    return sortedKeys(value).map((key) => ({ key, value: value[key]! }));
  },
});
