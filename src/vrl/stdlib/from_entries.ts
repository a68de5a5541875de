// Entries become an object.

import { getField, setField } from '../../event/object.ts';
import { isObject, type ObjectValue, type Value } from '../../event/value.ts';
import { lossy } from '../4_run/convert.ts';
import { fail } from '../4_run/failure.ts';
import { displayKind } from '../4_run/kind_text.ts';
import { defineFunction, required } from '../function.ts';

export const fromEntries = defineFunction({
  name: 'from_entries',
  category: 'Object',
  doc:
    'Makes an object of an array of entries, which are objects with a key and a value. The key is the first of `key`, ' +
    '`Key`, `name` and `Name` that is neither `null` nor `false`; the value is `value` or `Value`, else `null`.',
  parameters: [required('value', 'array', 'The entries.')],
  returns: { kinds: ['object'], fallible: false },
  examples: [
    { title: 'No entries', source: 'from_entries([])', result: {} },
    {
      title: 'Two entries',
      source: 'from_entries([{ "key": "a", "value": 1 }, { "name": "b" }])',
      result: { a: 1, b: null },
    },
  ],
  run(value: readonly Value[]) {
    const object: ObjectValue = {};
    for (const entry of value) {
      if (!isObject(entry)) return fail(`expected object, got ${displayKind(entry)}`);
      const key = keyOf(entry);
      if (typeof key !== 'string' && !(key instanceof Uint8Array)) return fail('object keys must be strings');
      setField(object, lossy(key), getField(entry, 'value') ?? getField(entry, 'Value') ?? null);
    }
    return object;
  },
});

const KEY_NAMES = ['key', 'Key', 'name', 'Name'] as const;

function keyOf(entry: ObjectValue): Value {
  for (const name of KEY_NAMES) {
    const key = getField(entry, name);
    if (key !== undefined && key !== null && key !== false) return key;
  }
  return null;
}
