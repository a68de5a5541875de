import { sortedKeys } from '../../event/object.ts';
import type { ObjectValue } from '../../event/value.ts';
import { Kind } from '../2_check/kind.ts';
import { typeDef } from '../2_check/type_def.ts';
import { defineFunction, required } from '../function.ts';

export const values = defineFunction({
  name: 'values',
  category: 'Enumerate',
  doc: 'Returns the values of the members of an object, in the order of their keys.',
  parameters: [required('value', 'object', 'The object.')],
  returns: { kinds: ['array'], fallible: false },
  type(call) {
    const members = call.argument('value')!.type.kind.objectMembers;
    return typeDef(Kind.arrayOf([], members ? members.reducedKind() : Kind.any()));
  },
  examples: [
    { title: 'Two members', source: 'values({ "b": 1, "a": "x" })', result: ['x', 1] },
    { title: 'None', source: 'values({})', result: [] },
  ],
  run: (value: ObjectValue) => sortedKeys(value).map((key) => value[key]!),
});
