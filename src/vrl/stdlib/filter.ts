// Keeps some entries.

import { setField } from '../../event/object.ts';
import type { ObjectValue, Value } from '../../event/value.ts';
import { withKind } from '../2_check/type_def.ts';
import { runOverEntries } from '../formats/entries.ts';
import { type Closure, defineFunction, required } from '../function.ts';

export const filter = defineFunction({
  name: 'filter',
  category: 'Enumerate',
  doc: 'Keeps the entries of an object or array for which the closure gives `true`.',
  parameters: [required('value', ['array', 'object'], 'The object or array to take entries from.')],
  closure: {
    inputs: [
      {
        parameter: 'value',
        kinds: ['object', 'array'],
        variables: ['inner_key', 'inner_value'],
        output: ['boolean'],
        example: 'filter([1, 2]) -> |index, _value| { index == 0 }',
      },
    ],
    isIterator: true,
  },
  returns: { kinds: ['array', 'object'], fallible: false },
  type(call) {
    const { type } = call.argument('value')!;
    let { kind } = type;
    if (kind.contains('array')) kind = kind.without('array').with('array');
    if (kind.contains('object')) kind = kind.without('object').with('object');
    return withKind(type, kind);
  },
  examples: [
    { title: 'Items', source: 'filter([1, 5, 2]) -> |_, value| { value < 3 }', result: [1, 2] },
    { title: 'Members', source: 'filter({ "a": 1, "b": 2 }) -> |key, _| { key != "a" }', result: { b: 2 } },
  ],
  run(value: Value, closure: Closure) {
    if (Array.isArray(value)) {
      const kept: Value[] = [];
      return runOverEntries(value, closure, (keep, _, item) => keep === true && kept.push(item)) ?? kept;
    }
    const kept: ObjectValue = {};
    return (
      runOverEntries(value, closure, (keep, key, member) => keep === true && setField(kept, key as string, member)) ??
      kept
    );
  },
});
