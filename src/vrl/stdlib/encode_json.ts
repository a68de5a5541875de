import { stringifyJson } from '../../event/json.ts';
import type { Value } from '../../event/value.ts';
import { defineFunction, optional, required } from '../function.ts';

export const encodeJson = defineFunction({
  name: 'encode_json',
  category: 'Codec',
  doc: 'Writes `value` as JSON, the members of objects in order.',
  parameters: [
    required('value', 'any', 'The value to write.'),
    optional('pretty', 'boolean', 'Whether to write a line for each item and member, indented.', { default: false }),
  ],
  returns: { kinds: ['bytes'], fallible: false },
  examples: [
    {
      title: 'On a line',
      source: 'encode_json({ "b": [1, 2.0, null], "a": "x" })',
      result: '{"a":"x","b":[1,2.0,null]}',
    },
    { title: 'Indented', source: 'encode_json({ "a": [1] }, pretty: true)', result: '{\n  "a": [\n    1\n  ]\n}' },
  ],
  run: (value: Value, pretty: boolean) => stringifyJson(value, pretty ? 2 : 0),
});
