import { boundariesOf, CASE_DOCS, CASE_NAMES, type CaseName, convertCase } from '../formats/letter_case.ts';
import { utf8Text } from '../formats/utf8_text.ts';
import { defineFunction, optional, required } from '../function.ts';

export const pascalcase = defineFunction({
  name: 'pascalcase',
  category: 'String',
  doc: 'Writes a name of several words in the convention PascalCase.',
  parameters: [
    required('value', 'bytes', 'The name to convert.'),
    optional('original_case', 'bytes', 'The convention it is written in; found out by itself when not given.', {
      values: CASE_DOCS,
    }),
  ],
  returns: { kinds: ['bytes'], fallible: false },
  examples: [
    { title: 'Any convention', source: 'pascalcase("user_login-Count")', result: 'UserLoginCount' },
    { title: 'Letters that belong together', source: 'pascalcase("HTTPServer")', result: 'HttpServer' },
  ],
  prepare(call) {
    const boundaries = boundariesOf(call.oneOf('original_case', CASE_NAMES) as CaseName | undefined);
    return (value: string | Uint8Array) => convertCase(utf8Text(value), boundaries, 'PascalCase');
  },
});
