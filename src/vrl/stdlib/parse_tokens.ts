import { Kind } from '../2_check/kind.ts';
import { typeDef } from '../2_check/type_def.ts';
import { tokenize } from '../formats/tokens.ts';
import { utf8Text } from '../formats/utf8_text.ts';
import { defineFunction, required } from '../function.ts';

export const parseTokens = defineFunction({
  name: 'parse_tokens',
  category: 'Parse',
  doc: [
    'Splits a line into tokens. A token is a word between blanks, a text in double quotes, or a text in square',
    'brackets; the closing quote or bracket can be escaped with a backslash. Empty tokens and `-` become null.',
  ].join('\n'),
  parameters: [required('value', 'bytes', 'The text to split.')],
  notices: ['All tokens are strings; convert them where other types are needed.'],
  returns: { kinds: ['array'], fallible: false },
  hasLooseType: true,
  type: () => typeDef(Kind.arrayOf([], Kind.of('bytes'))),
  examples: [
    {
      title: 'Words, quotes and brackets',
      source: String.raw`parse_tokens(s'GET - "/a \"b\"" [10 ms]')`,
      result: ['GET', null, String.raw`/a \"b\"`, '10 ms'],
    },
  ],
  run(value: string | Uint8Array) {
    return tokenize(utf8Text(value)).map((token) => (token === '' || token === '-' ? null : token));
  },
});
