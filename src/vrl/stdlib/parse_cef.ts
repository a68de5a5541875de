import { setField } from '../../event/object.ts';
import type { ObjectValue, Value } from '../../event/value.ts';
import { Kind } from '../2_check/kind.ts';
import { typeDef } from '../2_check/type_def.ts';
import { Failure, fail } from '../4_run/failure.ts';
import { CEF_HEADER, type CefField, parseCef as parse } from '../formats/cef.ts';
import { utf8Text } from '../formats/utf8_text.ts';
import { defineFunction, optional, required } from '../function.ts';

export const parseCef = defineFunction({
  name: 'parse_cef',
  category: 'Parse',
  doc: [
    'Parses a line in the Common Event Format. Text before `CEF:` is skipped, quotes around values are removed, and',
    'missing values are empty strings.',
  ].join('\n'),
  parameters: [
    required('value', 'bytes', 'The line to parse.'),
    optional(
      'translate_custom_fields',
      'boolean',
      'Whether pairs such as `cs1Label=x cs1=y` become one field, `x: y`.',
      { default: false },
    ),
    optional('strict', 'boolean', 'Whether a malformed line fails; otherwise as much as possible is parsed.', {
      default: true,
    }),
  ],
  failures: ['`value` is not in the Common Event Format.'],
  notices: ['All values are strings; convert them where other types are needed.'],
  returns: { kinds: ['object'], fallible: true },
  hasLooseType: true,
  type: () =>
    typeDef(
      Kind.objectOf(Object.fromEntries(CEF_HEADER.map((name) => [name, Kind.of('bytes')])), Kind.of('bytes')),
      true,
    ),
  examples: [
    {
      title: 'A line behind a syslog header',
      source: 'parse_cef!("Nov 3 host CEF:0|Acme|Wall|2|7|Denied|5|src=10.0.0.1 msg=not allowed")',
      result: {
        cefVersion: '0',
        deviceEventClassId: '7',
        deviceProduct: 'Wall',
        deviceVendor: 'Acme',
        deviceVersion: '2',
        msg: 'not allowed',
        name: 'Denied',
        severity: '5',
        src: '10.0.0.1',
      },
    },
    {
      title: 'Custom fields',
      source: 'parse_cef!("CEF:0|A|B|1|2|C|3|cs1=east cs1Label=zone", translate_custom_fields: true).zone',
      result: 'east',
    },
  ],
  run(value: string | Uint8Array, translateCustomFields: boolean, strict: boolean): Value | Failure {
    const fields = parse(utf8Text(value), strict);
    if (fields instanceof Failure) return fields;
    if (translateCustomFields) return translated(fields);
    const result: ObjectValue = {};
    for (const [key, text] of fields) setField(result, key, text);
    return result;
  },
});

/** `cs1` and `cs1Label`, and so on. */
const CUSTOM_FIELDS = new Set(
  Object.entries({ c6a: 4, cfp: 4, cn: 3, cs: 6, deviceCustomDate: 2, flexDate: 1, flexString: 2 }).flatMap(
    ([prefix, count]) => Array.from({ length: count }, (_, index) => `${prefix}${index + 1}`),
  ),
);

function translated(fields: readonly CefField[]): ObjectValue | Failure {
  const result: ObjectValue = {};
  const custom = new Map<string, { label?: string; value?: string }>();
  for (const [key, text] of fields) {
    const part = key.endsWith('Label') ? 'label' : 'value';
    const name = part === 'label' ? key.slice(0, -'Label'.length) : key;
    if (!CUSTOM_FIELDS.has(name)) {
      setField(result, key, text);
      continue;
    }
    const pair = custom.get(name) ?? {};
    if (pair[part] !== undefined) return fail(`Custom field with duplicate ${part}`);
    pair[part] = text;
    custom.set(name, pair);
  }
  for (const { label, value } of custom.values()) {
    if (label === undefined) return fail('Custom field with missing label or value');
    setField(result, label, value ?? null);
  }
  return result;
}
