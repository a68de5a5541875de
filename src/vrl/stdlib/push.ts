import type { Value } from '../../event/value.ts';
import { Kind } from '../2_check/kind.ts';
import { fallible, withKind } from '../2_check/type_def.ts';
import { itemsOf } from '../formats/array_type.ts';
import { defineFunction, required } from '../function.ts';

export const push = defineFunction({
  name: 'push',
  category: 'Array',
  doc: 'Puts an item at the end of an array. The array that is given stays as it is.',
  parameters: [required('value', 'array', 'The array to add to.'), required('item', 'any', 'The item to add.')],
  returns: { kinds: ['array'], fallible: false },
  type(call) {
    const { type } = call.argument('value')!;
    const kind = call.argument('item')!.type.kind.upgradeUndefined();
    const array = itemsOf(type);
    const length = array.exactLength();
    const longer =
      length === undefined ? array.withUnknown(array.unknownKind.union(kind)) : array.withKnown(length, kind);
    return fallible(withKind(type, Kind.array(longer)), false);
  },
  examples: [
    { title: 'An item', source: 'push([1, 2], 3)', result: [1, 2, 3] },
    { title: 'An array as an item', source: 'push([1], [2])', result: [1, [2]] },
  ],
  run: (value: readonly Value[], item: Value) => [...value, item],
});
