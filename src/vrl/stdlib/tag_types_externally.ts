// Shows the types of scalars in the value itself.

import { setField, sortedKeys } from '../../event/object.ts';
import { isObject, type ObjectValue, type Value } from '../../event/value.ts';
import { Kind } from '../2_check/kind.ts';
import { typeDef } from '../2_check/type_def.ts';
import { kindWord } from '../4_run/kind_text.ts';
import { defineFunction, required } from '../function.ts';

export const tagTypesExternally = defineFunction({
  name: 'tag_types_externally',
  category: 'Type',
  doc: 'Wraps every scalar inside `value` in an object whose only key is the name of its type. `null` stays as it is.',
  parameters: [required('value', 'any', 'The value whose scalars are wrapped.')],
  returns: { kinds: ['object', 'array', 'null'], fallible: false },
  hasLooseType: true,
  type(call) {
    const { kind } = call.argument('value')!.type;
    return typeDef(Kind.of(kind.is('array') ? 'array' : kind.is('null') ? 'null' : 'object'));
  },
  examples: [
    { title: 'A scalar', source: 'tag_types_externally(7)', result: { integer: 7 } },
    {
      title: 'An object',
      source: 'tag_types_externally({ "name": "a", "load": { "cpu": 0.5, "gpu": null } })',
      result: { name: { string: 'a' }, load: { cpu: { float: 0.5 }, gpu: null } },
    },
    { title: 'An array', source: 'tag_types_externally([true])', result: [{ boolean: true }] },
  ],
  run: tagged,
});

function tagged(value: Value): Value {
  if (value === null) return null;
  if (Array.isArray(value)) return value.map(tagged);
  if (!isObject(value)) return { [kindWord(value)]: value };
  const result: ObjectValue = {};
  for (const key of sortedKeys(value)) setField(result, key, tagged(value[key]!));
  return result;
}
