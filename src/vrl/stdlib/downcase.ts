import { utf8Text } from '../formats/utf8_text.ts';
import { defineFunction, required } from '../function.ts';

export const downcase = defineFunction({
  name: 'downcase',
  category: 'String',
  doc: 'Makes all letters small, in all scripts that have the difference.',
  parameters: [required('value', 'bytes', 'The text to convert.')],
  returns: { kinds: ['bytes'], fallible: false },
  examples: [
    { title: 'A word', source: 'downcase("WARNING")', result: 'warning' },
    { title: 'Greek', source: 'downcase("ΟΔΟΣ")', result: 'οδος' },
  ],
  run: (value: string | Uint8Array) => utf8Text(value).toLowerCase(),
});
