// Reads at a path that is made at run time.

import { getPath } from '../../event/path.ts';
import type { Value } from '../../event/value.ts';
import { Failure } from '../4_run/failure.ts';
import { pathOf } from '../formats/dynamic_path.ts';
import { defineFunction, required } from '../function.ts';

export const get = defineFunction({
  name: 'get',
  category: 'Path',
  doc: 'Gives what is at a path that is known only at run time; `null` when nothing is there.',
  parameters: [
    required('value', ['array', 'object'], 'The object or array to look into.'),
    required('path', 'array', 'The path: names, and indices that count from the end when negative.'),
  ],
  failures: ['A segment of `path` is neither a string nor an integer.'],
  returns: { kinds: ['any'], fallible: true },
  evaluationOrder: ['path', 'value'],
  unchecked: true,
  examples: [
    { title: 'A member', source: 'get!({ "a": { "b": 1 } }, ["a", "b"])', result: 1 },
    { title: 'The last item', source: 'get!(value: ["a", "b"], path: [-1])', result: 'b' },
    { title: 'Nothing there', source: 'get!({}, ["a"])', result: null },
    {
      title: 'A segment of the wrong kind',
      source: 'get!({}, [true])',
      error: 'function call error for "get" at (0:16): path segment must be either string or integer, not boolean',
    },
  ],
  run(value: Value, path: Value) {
    const segments = pathOf(path);
    return segments instanceof Failure ? segments : (getPath(value, segments) ?? null);
  },
});
