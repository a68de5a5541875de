import { isObject, type Value } from '../../event/value.ts';
import { Kind } from '../2_check/kind.ts';
import { typeDef } from '../2_check/type_def.ts';
import { wrongKind } from '../4_run/failure.ts';
import { fieldNames } from '../formats/field_names.ts';
import { keyValueText } from '../formats/key_value_text.ts';
import { defineFunction, optional, required } from '../function.ts';

export const encodeLogfmt = defineFunction({
  name: 'encode_logfmt',
  category: 'Codec',
  doc: 'Writes an object as [logfmt](https://brandur.org/logfmt). True is the key alone, and false is left out.',
  parameters: [
    required('value', 'object', 'The object to write.'),
    optional('fields_ordering', 'array', 'Keys to write first, in this order.', { default: [] }),
  ],
  failures: ['`fields_ordering` holds something else than strings.'],
  notices: ['A call with `fields_ordering` can fail, one without cannot.'],
  returns: { kinds: ['bytes'], fallible: false },
  checkOrder: ['fields_ordering'],
  examples: [
    {
      title: 'In order of the keys',
      source: 'encode_logfmt({ "lvl": "info", "msg": "it works", "ok": true })',
      result: 'lvl=info msg="it works" ok',
    },
    {
      title: 'In another order',
      source: 'encode_logfmt!({ "lvl": "info", "msg": "it works" }, fields_ordering: ["msg"])',
      result: 'msg="it works" lvl=info',
    },
  ],
  type: (call) => typeDef(Kind.of('bytes'), call.argument('fields_ordering') !== undefined),
  run(value: Value, ordering: Value[]) {
    const order = fieldNames(ordering);
    if (!Array.isArray(order)) return order;
    return isObject(value) ? keyValueText(value, order, LOGFMT) : wrongKind(value, 'object');
  },
});

const LOGFMT = { keyDelimiter: '=', pairDelimiter: ' ', flattensBooleans: true };
