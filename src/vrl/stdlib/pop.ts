import type { Value } from '../../event/value.ts';
import { Kind } from '../2_check/kind.ts';
import { fallible, withKind } from '../2_check/type_def.ts';
import { itemsOf } from '../formats/array_type.ts';
import { defineFunction, required } from '../function.ts';

export const pop = defineFunction({
  name: 'pop',
  category: 'Array',
  doc: 'Returns an array without its last item. The array that is given stays as it is.',
  parameters: [required('value', 'array', 'The array to shorten.')],
  returns: { kinds: ['array'], fallible: false },
  hasLooseType: true,
  type(call) {
    const { type } = call.argument('value')!;
    const restricted = withKind(type, Kind.array(itemsOf(type)));
    return Kind.of('array').isSuperset(type.kind) ? restricted : fallible(restricted);
  },
  examples: [
    { title: 'Three items', source: 'pop([1, 2, 3])', result: [1, 2] },
    { title: 'None', source: 'pop([])', result: [] },
  ],
  run: (value: readonly Value[]) => value.slice(0, -1),
});
