import type { Value } from '../../event/value.ts';
import { utf8Length } from '../formats/utf8_length.ts';
import { defineFunction, required } from '../function.ts';

export const length = defineFunction({
  name: 'length',
  category: 'Enumerate',
  doc: 'Returns how many items an array has, how many members an object, or how many bytes a string.',
  notices: ['`strlen` counts the characters of a string.'],
  parameters: [required('value', ['array', 'object', 'bytes'], 'The value to measure.')],
  returns: { kinds: ['integer'], fallible: false },
  examples: [
    { title: 'An array', source: 'length(["a", "b"])', result: 2 },
    { title: 'An object', source: 'length({ "a": { "b": 1 } })', result: 1 },
    { title: 'A string', source: 'length("größe")', result: 7 },
  ],
  run(value: Value) {
    if (typeof value === 'string') return utf8Length(value);
    if (Array.isArray(value) || value instanceof Uint8Array) return value.length;
    return Object.keys(value as object).length;
  },
});
