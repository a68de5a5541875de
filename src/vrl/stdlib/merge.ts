// Merges objects.

import { getField, setField } from '../../event/object.ts';
import { isObject, type ObjectValue } from '../../event/value.ts';
import { Kind } from '../2_check/kind.ts';
import { mergeOf, type TypeDef, withKind } from '../2_check/type_def.ts';
import { defineFunction, optional, required } from '../function.ts';

export const merge = defineFunction({
  name: 'merge',
  category: 'Object',
  doc: 'Merges the members of `from` into `to`. Where both have a member, that of `from` is taken.',
  parameters: [
    required('to', 'object', 'The object to merge into.'),
    required('from', 'object', 'The object whose members are added.'),
    optional('deep', 'boolean', 'Whether members that are objects in both are merged in turn.', { default: false }),
  ],
  returns: { kinds: ['object'], fallible: false },
  hasLooseType: true,
  type: (call) => mergeOf(restricted(call.argument('to')!.type), restricted(call.argument('from')!.type)),
  examples: [
    {
      title: 'Only the top',
      source: 'merge({ "a": { "x": 1 }, "b": 2 }, { "a": { "y": 3 } })',
      result: { a: { y: 3 }, b: 2 },
    },
    {
      title: 'All the way down',
      source: 'merge({ "a": { "x": 1 }, "b": 2 }, { "a": { "y": 3 } }, deep: true)',
      result: { a: { x: 1, y: 3 }, b: 2 },
    },
  ],
  run: merged,
});

function restricted(type: TypeDef): TypeDef {
  const members = type.kind.objectMembers;
  return withKind(type, members ? Kind.object(members) : Kind.of('object'));
}

function merged(to: ObjectValue, from: ObjectValue, deep: boolean): ObjectValue {
  const result = { ...to };
  for (const key of Object.keys(from)) {
    const added = from[key]!;
    const present = deep && isObject(added) ? getField(to, key) : undefined;
    setField(result, key, isObject(present) ? merged(present, added as ObjectValue, true) : added);
  }
  return result;
}
