import { Kind } from '../2_check/kind.ts';
import { typeDef } from '../2_check/type_def.ts';
import { utf8Text } from '../formats/utf8_text.ts';
import { parseXml as parse } from '../formats/xml/xml.ts';
import { defineFunction, optional, required } from '../function.ts';

export const parseXml = defineFunction({
  name: 'parse_xml',
  category: 'Parse',
  doc: 'Parses an XML document. Elements become members of objects, repeated elements arrays.',
  parameters: [
    required('value', 'bytes', 'The document.'),
    optional('trim', 'boolean', 'Whether white space between tags is dropped.', { default: true }),
    optional('include_attr', 'boolean', 'Whether attributes become members.', { default: true }),
    optional('attr_prefix', 'bytes', 'What the names of attributes are prefixed with.', { default: '@' }),
    optional('text_key', 'bytes', 'The name of the text of an element that has other members.', { default: 'text' }),
    optional('always_use_text_key', 'boolean', 'Whether text always stands under `text_key`.', { default: false }),
    optional('parse_bool', 'boolean', 'Whether `true` and `false` become booleans.', { default: true }),
    optional('parse_null', 'boolean', 'Whether `null` and empty text become null.', { default: true }),
    optional('parse_number', 'boolean', 'Whether numbers become integers and floats.', { default: true }),
  ],
  failures: ['`value` is not an XML document.'],
  notices: ['A document has exactly one root element. The result is always an object.'],
  returns: { kinds: ['bytes', 'object'], fallible: true },
  hasLooseType: true,
  type: () => typeDef(Kind.of('bytes').union(Kind.objectOf({}, Kind.of('object'))), true),
  examples: [
    {
      title: 'Elements and attributes',
      source: `parse_xml!(s'<order id="7"><item>tea</item><item>salt</item><paid>true</paid></order>')`,
      result: { order: { '@id': '7', item: ['tea', 'salt'], paid: true } },
    },
    {
      title: 'Text beside attributes',
      source: `parse_xml!(s'<t unit="C">21.5</t>', text_key: "value", attr_prefix: "")`,
      result: { t: { unit: 'C', value: 21.5 } },
    },
  ],
  run: (
    value: string | Uint8Array,
    trim: boolean,
    includeAttr: boolean,
    attrPrefix: string | Uint8Array,
    textKey: string | Uint8Array,
    alwaysUseTextKey: boolean,
    parseBool: boolean,
    parseNull: boolean,
    parseNumber: boolean,
  ) =>
    parse(utf8Text(value), {
      trim,
      includeAttr,
      attrPrefix: utf8Text(attrPrefix),
      textKey: utf8Text(textKey),
      alwaysUseTextKey,
      parseBool,
      parseNull,
      parseNumber,
    }),
});
