// Asks for what holds nothing.

import { isObject, type Value } from '../../event/value.ts';
import { fail } from '../4_run/failure.ts';
import { displayKind } from '../4_run/kind_text.ts';
import { defineFunction, required } from '../function.ts';

export const isEmpty = defineFunction({
  name: 'is_empty',
  category: 'Type',
  doc: 'Tells whether a string, array or object holds nothing.',
  parameters: [required('value', ['bytes', 'array', 'object'], 'The string, array or object to look at.')],
  returns: { kinds: ['boolean'], fallible: false },
  unchecked: true,
  examples: [
    { title: 'An empty array', source: 'is_empty([])', result: true },
    { title: 'A string with text', source: 'is_empty(" ")', result: false },
    { title: 'An object with a member', source: 'is_empty({ "a": null })', result: false },
  ],
  run(value: Value) {
    if (typeof value === 'string' || value instanceof Uint8Array || Array.isArray(value)) return value.length === 0;
    if (!isObject(value)) return fail(`expected string, array or object, got ${displayKind(value)}`);
    for (const key in value) if (Object.hasOwn(value, key)) return false;
    return true;
  },
});
