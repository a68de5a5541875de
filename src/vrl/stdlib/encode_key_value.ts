import { isObject, type Value } from '../../event/value.ts';
import { Kind } from '../2_check/kind.ts';
import { typeDef } from '../2_check/type_def.ts';
import { wrongKind } from '../4_run/failure.ts';
import { isText } from '../formats/argument_kinds.ts';
import { textOf } from '../formats/bytes.ts';
import { fieldNames } from '../formats/field_names.ts';
import { keyValueText } from '../formats/key_value_text.ts';
import { defineFunction, optional, required } from '../function.ts';

export const encodeKeyValue = defineFunction({
  name: 'encode_key_value',
  category: 'Codec',
  doc: 'Writes an object as `key=value` pairs; what is nested gets joined keys. The defaults are [logfmt](https://brandur.org/logfmt).',
  parameters: [
    required('value', 'object', 'The object to write.'),
    optional('fields_ordering', 'array', 'Keys to write first, in this order.', { default: [] }),
    optional('key_value_delimiter', 'bytes', 'What stands between a key and its value.', { default: '=' }),
    optional('field_delimiter', 'bytes', 'What stands between two pairs.', { default: ' ' }),
    optional('flatten_boolean', 'boolean', 'Whether true is the key alone, and false left out.', { default: false }),
  ],
  failures: ['`fields_ordering` holds something else than strings.'],
  notices: ['A call with `fields_ordering` can fail, one without cannot.'],
  returns: { kinds: ['bytes'], fallible: false },
  checkOrder: ['fields_ordering'],
  examples: [
    {
      title: 'With the defaults',
      source: 'encode_key_value({ "lvl": "info", "msg": "it works", "at": { "line": 7 } })',
      result: 'at.line=7 lvl=info msg="it works"',
    },
    {
      title: 'In another order and style',
      source: `encode_key_value!(
  { "a": 1, "b": true, "c": false },
  fields_ordering: ["b"],
  key_value_delimiter: ":",
  field_delimiter: ", ",
  flatten_boolean: true
)`,
      result: 'b, a:1',
    },
  ],
  type: (call) => typeDef(Kind.of('bytes'), call.argument('fields_ordering') !== undefined),
  run(value: Value, ordering: Value[], keyDelimiter: Value, pairDelimiter: Value, flattensBooleans: Value) {
    const order = fieldNames(ordering);
    if (!Array.isArray(order)) return order;
    if (!isObject(value)) return wrongKind(value, 'object');
    if (!isText(keyDelimiter)) return wrongKind(keyDelimiter, 'bytes');
    if (!isText(pairDelimiter)) return wrongKind(pairDelimiter, 'bytes');
    if (typeof flattensBooleans !== 'boolean') return wrongKind(flattensBooleans, 'boolean');
    return keyValueText(value, order, {
      keyDelimiter: textOf(keyDelimiter),
      pairDelimiter: textOf(pairDelimiter),
      flattensBooleans,
    });
  },
});
