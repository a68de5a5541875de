import { utf8Text } from '../formats/utf8_text.ts';
import { defineFunction, required } from '../function.ts';

export const upcase = defineFunction({
  name: 'upcase',
  category: 'String',
  doc: 'Makes all letters capitals, in all scripts that have the difference.',
  parameters: [required('value', 'bytes', 'The text to convert.')],
  returns: { kinds: ['bytes'], fallible: false },
  examples: [
    { title: 'A word', source: 'upcase("warning")', result: 'WARNING' },
    { title: 'One that becomes longer', source: 'upcase("straße")', result: 'STRASSE' },
  ],
  run: (value: string | Uint8Array) => utf8Text(value).toUpperCase(),
});
