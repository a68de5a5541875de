// Removes at a path that is made at run time.

import type { Value } from '../../event/value.ts';
import { Failure, fail } from '../4_run/failure.ts';
import { displayKind } from '../4_run/kind_text.ts';
import { collectionType, pathOf, withoutValueAt } from '../formats/dynamic_path.ts';
import { defineFunction, optional, required } from '../function.ts';

export const remove = defineFunction({
  name: 'remove',
  category: 'Path',
  doc: 'Removes what is at a path that is known only at run time, and gives the rest back.',
  parameters: [
    required('value', ['array', 'object'], 'The object or array to remove it from.'),
    required('path', 'array', 'The path: names, and indices that count from the end when negative.'),
    optional('compact', 'boolean', 'Whether objects and arrays that become empty are removed too.', { default: false }),
  ],
  failures: ['A segment of `path` is neither a string nor an integer.'],
  returns: { kinds: ['array', 'object'], fallible: true },
  hasLooseType: true,
  evaluationOrder: ['path', 'compact', 'value'],
  type: (call) => collectionType(call.argument('value')!.type.kind),
  unchecked: true,
  examples: [
    { title: 'A member', source: 'remove!({ "a": { "b": 1 }, "c": 2 }, ["a", "b"])', result: { a: {}, c: 2 } },
    {
      title: 'And what becomes empty',
      source: 'remove!({ "a": { "b": 1 }, "c": 2 }, ["a", "b"], compact: true)',
      result: { c: 2 },
    },
    { title: 'The last item', source: 'remove!([1, 2, 3], path: [-1])', result: [1, 2] },
  ],
  run(value: Value, path: Value, compact: Value) {
    const segments = pathOf(path);
    if (segments instanceof Failure) return segments;
    if (typeof compact !== 'boolean') return fail(`expected boolean, got ${displayKind(compact)}`);
    return withoutValueAt(value, segments, compact);
  },
});
