import { characterCount } from '../formats/utf8_length.ts';
import { utf8Text } from '../formats/utf8_text.ts';
import { defineFunction, required } from '../function.ts';

export const strlen = defineFunction({
  name: 'strlen',
  category: 'Enumerate',
  doc: 'Returns how many characters (Unicode scalar values) a text has. `length` counts its bytes.',
  parameters: [required('value', 'bytes', 'The text to measure.')],
  returns: { kinds: ['integer'], fallible: false },
  examples: [
    { title: 'ASCII', source: 'strlen("hello")', result: 5 },
    { title: 'Beyond ASCII', source: 'strlen("größe 😀")', result: 7 },
  ],
  run: (value: string | Uint8Array) => characterCount(utf8Text(value)),
});
