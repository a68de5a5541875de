import type { Value } from '../../event/value.ts';
import { Kind } from '../2_check/kind.ts';
import { fallible, withKind } from '../2_check/type_def.ts';
import { itemsOf } from '../formats/array_type.ts';
import { defineFunction, required } from '../function.ts';

export const append = defineFunction({
  name: 'append',
  category: 'Array',
  doc: 'Puts the items of an array behind those of another.',
  parameters: [required('value', 'array', 'The array to add to.'), required('items', 'array', 'The items to add.')],
  returns: { kinds: ['array'], fallible: false },
  type(call) {
    const { type } = call.argument('value')!;
    const items = itemsOf(call.argument('items')!.type);
    let array = itemsOf(type);
    const length = array.exactLength();
    if (length === undefined) array = array.withUnknown(array.unknownKind.union(items.reducedKind()));
    else {
      for (const [index, kind] of items.known) array = array.withKnown(index + length, kind);
      array = array.withUnknown(items.unknownKind);
    }
    return fallible(withKind(type, Kind.array(array)), false);
  },
  examples: [
    { title: 'Two arrays', source: 'append([1, 2], ["a"])', result: [1, 2, 'a'] },
    { title: 'Nothing', source: 'append([1], [])', result: [1] },
  ],
  run: (value: Value[], items: readonly Value[]) => value.concat(items),
});
