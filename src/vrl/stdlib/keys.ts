import { sortedKeys } from '../../event/object.ts';
import type { ObjectValue } from '../../event/value.ts';
import { Kind } from '../2_check/kind.ts';
import { typeDef } from '../2_check/type_def.ts';
import { defineFunction, required } from '../function.ts';

export const keys = defineFunction({
  name: 'keys',
  category: 'Enumerate',
  doc: 'Returns the keys of an object in their order.',
  parameters: [required('value', 'object', 'The object.')],
  returns: { kinds: ['array'], fallible: false },
  type: () => typeDef(Kind.arrayOf([], Kind.of('bytes'))),
  examples: [
    { title: 'Two members', source: 'keys({ "b": 1, "a": "x" })', result: ['a', 'b'] },
    { title: 'None', source: 'keys({})', result: [] },
  ],
  run: (value: ObjectValue) => [...sortedKeys(value)],
});
