import { Kind } from '../2_check/kind.ts';
import { typeDef } from '../2_check/type_def.ts';
import { parseKeyValue as parse } from '../formats/key_value.ts';
import { utf8Text } from '../formats/utf8_text.ts';
import { defineFunction, optional, required } from '../function.ts';

const WHITESPACE = {
  lenient: 'Blanks around the delimiter of key and value are skipped.',
  strict: 'Blanks are characters like any other.',
};

export const parseKeyValue = defineFunction({
  name: 'parse_key_value',
  category: 'Parse',
  doc: [
    'Parses a line of key-value pairs, such as logfmt. Keys and values may stand in quotes, within which a backslash',
    'escapes. Values of a repeated key become an array.',
  ].join('\n'),
  parameters: [
    required('value', 'bytes', 'The line to parse.'),
    optional('key_value_delimiter', 'bytes', 'What stands between key and value.', { default: '=' }),
    optional('field_delimiter', 'bytes', 'What stands between pairs.', { default: ' ' }),
    optional('whitespace', 'bytes', 'What blanks around `key_value_delimiter` mean.', {
      default: 'lenient',
      values: WHITESPACE,
      compileTime: true,
    }),
    optional('accept_standalone_key', 'boolean', 'Whether a key without value is taken, with the value `true`.', {
      default: true,
    }),
  ],
  failures: ['`value` is not a line of key-value pairs.'],
  notices: ['All values are strings (or arrays of strings); convert them where other types are needed.'],
  returns: { kinds: ['object'], fallible: true },
  type: () => typeDef(pairsKind(), true),
  examples: [
    {
      title: 'logfmt',
      source: 'parse_key_value!("level=info msg=\\"all well\\" cached")',
      result: { level: 'info', msg: 'all well', cached: true },
    },
    {
      title: 'Other delimiters',
      source: 'parse_key_value!("a:1, b: 2", key_value_delimiter: ":", field_delimiter: ",")',
      result: { a: '1', b: '2' },
    },
    {
      title: 'A repeated key',
      source: 'parse_key_value!("tag=x tag=y")',
      result: { tag: ['x', 'y'] },
    },
  ],
  prepare(call) {
    const lenient = (call.oneOf('whitespace', ['strict', 'lenient']) ?? 'lenient') === 'lenient';
    return (
      value: string | Uint8Array,
      keyValueDelimiter: string | Uint8Array,
      fieldDelimiter: string | Uint8Array,
      _whitespace: undefined,
      standaloneKey: boolean,
    ) =>
      parse(utf8Text(value), {
        keyValueDelimiter: utf8Text(keyValueDelimiter),
        fieldDelimiter: utf8Text(fieldDelimiter),
        lenient,
        standaloneKey,
      });
  },
});

function pairsKind(): Kind {
  return Kind.objectOf({}, Kind.of('boolean', 'bytes').union(Kind.arrayOf([], Kind.of('bytes'))));
}
