// Writes at a path that is made at run time.

import type { Value } from '../../event/value.ts';
import { Failure, fail } from '../4_run/failure.ts';
import { displayKind } from '../4_run/kind_text.ts';
import { collectionType, pathOf, withValueAt } from '../formats/dynamic_path.ts';
import { defineFunction, required } from '../function.ts';

export const set = defineFunction({
  name: 'set',
  category: 'Path',
  doc:
    'Puts `data` at a path that is known only at run time, and gives the whole back. Objects and arrays on the way are ' +
    'created; gaps in arrays are filled with `null`.',
  parameters: [
    required('value', ['array', 'object'], 'The object or array to put it in.'),
    required('path', 'array', 'The path: names, and indices that count from the end when negative.'),
    required('data', 'any', 'What to put there.'),
  ],
  failures: ['A segment of `path` is neither a string nor an integer.'],
  returns: { kinds: ['array', 'object'], fallible: true },
  hasLooseType: true,
  evaluationOrder: ['path', 'value', 'data'],
  type: (call) => collectionType(call.argument('value')!.type.kind),
  unchecked: true,
  examples: [
    { title: 'A new member', source: 'set!({ "a": 1 }, ["b", "c"], 2)', result: { a: 1, b: { c: 2 } } },
    { title: 'An item', source: 'set!(["a", "b"], path: [-2], data: 1)', result: [1, 'b'] },
    {
      title: 'A segment of the wrong kind',
      source: 'set!({}, [null], 1)',
      error: 'function call error for "set" at (0:19): path segment must be either string or integer, not null',
    },
  ],
  run(value: Value, path: Value, data: Value) {
    if (!Array.isArray(path)) return fail(`expected string or array, got ${displayKind(path)}`);
    const segments = pathOf(path);
    return segments instanceof Failure ? segments : withValueAt(value, segments, data);
  },
});
