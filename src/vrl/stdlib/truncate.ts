import { indexOfCharacter } from '../formats/utf8_length.ts';
import { utf8Text } from '../formats/utf8_text.ts';
import { defineFunction, optional, required } from '../function.ts';

export const truncate = defineFunction({
  name: 'truncate',
  category: 'String',
  doc: 'Cuts a text off after a number of characters.',
  parameters: [
    required('value', 'bytes', 'The text to cut.'),
    required('limit', 'integer', 'How many characters to keep.'),
    optional('suffix', 'bytes', 'What to put behind a text that was cut; it does not count.', { default: '' }),
  ],
  returns: { kinds: ['bytes'], fallible: false },
  examples: [
    { title: 'Too long', source: 'truncate("a long message", 6)', result: 'a long' },
    { title: 'With a suffix', source: 'truncate("a long message", 6, "...")', result: 'a long...' },
    { title: 'Short enough', source: 'truncate("short", 6, "...")', result: 'short' },
  ],
  run(value: string | Uint8Array, limit: number | bigint, suffix: string | Uint8Array) {
    const text = utf8Text(value);
    const end = indexOfCharacter(text, Math.max(Number(limit), 0));
    return end < text.length ? text.slice(0, end) + utf8Text(suffix) : text;
  },
});
