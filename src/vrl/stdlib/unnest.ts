// An object with a list becomes a list of objects.

import { getPath, type Segment } from '../../event/path.ts';
import type { Value } from '../../event/value.ts';
import { Kind } from '../2_check/kind.ts';
import { type TypeDef, typeDef } from '../2_check/type_def.ts';
import { Failure, fail } from '../4_run/failure.ts';
import { displayKind } from '../4_run/kind_text.ts';
import { withoutValueAt, withValueAt } from '../formats/dynamic_path.ts';
import { type Call, defineFunction, type RunContext, required } from '../function.ts';

export const unnest = defineFunction({
  name: 'unnest',
  category: 'Object',
  doc:
    'Makes one object for every item of an array inside an object: a copy of the whole with the item in place of the ' +
    'array. Assigned to `.`, a transform emits each of them as an event.',
  parameters: [required('path', 'array', 'The path of the array.', { compileTime: true })],
  failures: ['There is no array at `path`.'],
  returns: { kinds: ['array'], fallible: false },
  hasLooseType: true,
  type: typeOf,
  context: true,
  examples: [
    {
      title: 'An event with a list',
      source: '. = unnest!(.items)',
      event: { host: 'a', items: [1, 2] },
      result: [
        { host: 'a', items: 1 },
        { host: 'a', items: 2 },
      ],
    },
    {
      title: 'No array',
      source: 'unnest!(.host)',
      event: { host: 'a' },
      error: 'function call error for "unnest" at (0:14): expected array, got string',
    },
  ],
  prepare(call) {
    const { target, segments } = call.query('path')!;
    if (target === 'event') return ({ event }: RunContext) => unnested(event, segments);
    if (target === 'metadata') return ({ metadata }: RunContext) => unnested(metadata, segments);
    // The root of the query: the whole variable, or the whole result of the call.
    return (_: RunContext, root: Value | undefined) => unnested(root ?? null, segments);
  },
});

function unnested(root: Value, segments: readonly Segment[]): Value | Failure {
  const items = getPath(root, segments) ?? null;
  if (!Array.isArray(items)) return fail(`expected array, got ${displayKind(items)}`);
  const rest = withoutValueAt(root, segments, true);
  const objects: Value[] = [];
  for (const item of items) {
    const object = withValueAt(rest, segments, item);
    if (object instanceof Failure) return object;
    objects.push(object);
  }
  return objects;
}

function typeOf(call: Call): TypeDef {
  const { segments, rootKind: root } = call.query('path')!;
  const items = root.atPath(segments).arrayItems;
  // Certain to fail, and yet not fallible: the call needs no `!` where nothing is known of the event.
  if (!items) return typeDef(Kind.never());
  const known = new Map([...items.known].map(([index, kind]) => [index, root.insert(segments, kind)]));
  const unknown = items.unknownKind;
  const result = items.withEntries(known);
  if (unknown.is('undefined')) return typeDef(Kind.array(result));
  return typeDef(Kind.array(result.withUnknown(root.insert(segments, unknown.without('undefined')))));
}
