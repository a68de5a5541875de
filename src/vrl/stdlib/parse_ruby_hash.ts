import { Kind } from '../2_check/kind.ts';
import { typeDef } from '../2_check/type_def.ts';
import { parseRubyHash as parse } from '../formats/ruby_hash.ts';
import { utf8Text } from '../formats/utf8_text.ts';
import { defineFunction, required } from '../function.ts';

export const parseRubyHash = defineFunction({
  name: 'parse_ruby_hash',
  category: 'Parse',
  doc: 'Parses a hash as Ruby prints it.',
  parameters: [required('value', 'bytes', 'The printed hash.')],
  failures: ['`value` is not a printed hash.'],
  notices: ['Numbers become floats and symbols strings.'],
  returns: { kinds: ['object'], fallible: true },
  type: () => typeDef(Kind.objectOf({}, Kind.of('null', 'bytes', 'float', 'boolean', 'array', 'object')), true),
  examples: [
    {
      title: 'Keys of all sorts',
      source: `parse_ruby_hash!(s'{ "a" => 0.5, :b => [nil, true], c: :d }')`,
      result: { a: 0.5, b: [null, true], c: 'd' },
    },
  ],
  run: (value: string | Uint8Array) => parse(utf8Text(value)),
});
