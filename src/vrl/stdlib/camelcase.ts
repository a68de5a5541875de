import { boundariesOf, CASE_DOCS, CASE_NAMES, type CaseName, convertCase } from '../formats/letter_case.ts';
import { utf8Text } from '../formats/utf8_text.ts';
import { defineFunction, optional, required } from '../function.ts';

export const camelcase = defineFunction({
  name: 'camelcase',
  category: 'String',
  doc: 'Writes a name of several words in the convention camelCase.',
  parameters: [
    required('value', 'bytes', 'The name to convert.'),
    optional('original_case', 'bytes', 'The convention it is written in; found out by itself when not given.', {
      values: CASE_DOCS,
    }),
  ],
  returns: { kinds: ['bytes'], fallible: false },
  examples: [
    { title: 'Any convention', source: 'camelcase("user_login-Count")', result: 'userLoginCount' },
    { title: 'Letters that belong together', source: 'camelcase("HTTPServer")', result: 'httpServer' },
  ],
  prepare(call) {
    const boundaries = boundariesOf(call.oneOf('original_case', CASE_NAMES) as CaseName | undefined);
    return (value: string | Uint8Array) => convertCase(utf8Text(value), boundaries, 'camelCase');
  },
});
