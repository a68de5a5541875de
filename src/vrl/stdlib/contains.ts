import { utf8Text } from '../formats/utf8_text.ts';
import { defineFunction, optional, required } from '../function.ts';

export const contains = defineFunction({
  name: 'contains',
  category: 'String',
  doc: 'Tells whether a text holds another.',
  parameters: [
    required('value', 'bytes', 'The text to search.'),
    required('substring', 'bytes', 'The text to search for.'),
    optional('case_sensitive', 'boolean', 'Whether upper and lower case differ.', { default: true }),
  ],
  returns: { kinds: ['boolean'], fallible: false },
  checkOrder: ['case_sensitive', 'value', 'substring'],
  examples: [
    { title: 'Found', source: 'contains("connection refused", "refused")', result: true },
    { title: 'Another case', source: 'contains("Connection Refused", "refused")', result: false },
    {
      title: 'Whatever the case',
      source: 'contains("Connection Refused", "refused", case_sensitive: false)',
      result: true,
    },
  ],
  run(value: string | Uint8Array, substring: string | Uint8Array, caseSensitive: boolean) {
    const text = utf8Text(value);
    const wanted = utf8Text(substring);
    return caseSensitive ? text.includes(wanted) : text.toLowerCase().includes(wanted.toLowerCase());
  },
});
