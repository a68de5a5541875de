// Pairs, or keys and values, become an object.

import { setField } from '../../event/object.ts';
import type { ObjectValue, Value } from '../../event/value.ts';
import { lossy } from '../4_run/convert.ts';
import { type Failure, fail } from '../4_run/failure.ts';
import { displayKind } from '../4_run/kind_text.ts';
import { defineFunction, optional, required } from '../function.ts';

export const objectFromArray = defineFunction({
  name: 'object_from_array',
  category: 'Object',
  doc:
    'Makes an object of an array of pairs `[key, value]`, or of an array of values and one of keys. Pairs without a ' +
    'value get `null`; a key that is `null` leaves its value out.',
  parameters: [
    required('values', 'array', 'The values; without `keys`, the pairs.'),
    optional('keys', 'array', 'The keys of the values.'),
  ],
  failures: ['A key is neither a string nor `null`.', 'Without `keys`, an item of `values` is not an array, or empty.'],
  returns: { kinds: ['object'], fallible: false },
  examples: [
    { title: 'Pairs', source: 'object_from_array([["a", 1], [null, 2], ["b"]])', result: { a: 1, b: null } },
    { title: 'Values and keys', source: 'object_from_array([1, 2], keys: ["a", "b"])', result: { a: 1, b: 2 } },
  ],
  run(values: readonly Value[], keys: readonly Value[] | undefined) {
    return keys ? fromLists(keys, values) : fromPairs(values);
  },
});

function fromPairs(pairs: readonly Value[]): Value | Failure {
  const object: ObjectValue = {};
  for (const pair of pairs) {
    if (!Array.isArray(pair)) return fail(`expected array, got ${displayKind(pair)}`);
    if (pair.length === 0) return fail('array value too short');
    const failure = add(object, pair[0]!, pair[1] ?? null);
    if (failure) return failure;
  }
  return object;
}

function fromLists(keys: readonly Value[], values: readonly Value[]): Value | Failure {
  const object: ObjectValue = {};
  const length = Math.min(keys.length, values.length);
  for (let i = 0; i < length; i++) {
    const failure = add(object, keys[i]!, values[i]!);
    if (failure) return failure;
  }
  return object;
}

function add(object: ObjectValue, key: Value, value: Value): Failure | undefined {
  if (key === null) return undefined;
  if (typeof key !== 'string' && !(key instanceof Uint8Array)) return fail('object keys must be strings');
  setField(object, lossy(key), value);
  return undefined;
}
