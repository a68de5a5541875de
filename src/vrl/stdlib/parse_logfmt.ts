import { Kind } from '../2_check/kind.ts';
import { typeDef } from '../2_check/type_def.ts';
import { type KeyValueOptions, parseKeyValue } from '../formats/key_value.ts';
import { utf8Text } from '../formats/utf8_text.ts';
import { defineFunction, required } from '../function.ts';

const LOGFMT: KeyValueOptions = {
  keyValueDelimiter: '=',
  fieldDelimiter: ' ',
  lenient: true,
  standaloneKey: true,
};

export const parseLogfmt = defineFunction({
  name: 'parse_logfmt',
  category: 'Parse',
  doc: [
    'Parses a line of logfmt. Keys and values may stand in double quotes, within which a backslash escapes; a key',
    'without value becomes `true`.',
  ].join('\n'),
  parameters: [required('value', 'bytes', 'The line to parse.')],
  failures: ['`value` is not a line of key-value pairs.'],
  returns: { kinds: ['object'], fallible: true },
  type: () => typeDef(Kind.objectOf({}, Kind.of('boolean', 'bytes').union(Kind.arrayOf([], Kind.of('bytes')))), true),
  examples: [
    {
      title: 'A line',
      source: 'parse_logfmt!("level=warn msg=\\"disk full\\" retry")',
      result: { level: 'warn', msg: 'disk full', retry: true },
    },
  ],
  run: (value: string | Uint8Array) => parseKeyValue(utf8Text(value), LOGFMT),
});
