import { utf8Text } from '../formats/utf8_text.ts';
import { defineFunction, optional, required } from '../function.ts';

export const endsWith = defineFunction({
  name: 'ends_with',
  category: 'String',
  doc: 'Tells whether a text ends with another.',
  parameters: [
    required('value', 'bytes', 'The text to look at.'),
    required('substring', 'bytes', 'The end that it may have.'),
    optional('case_sensitive', 'boolean', 'Whether upper and lower case differ.', { default: true }),
  ],
  returns: { kinds: ['boolean'], fallible: false },
  checkOrder: ['case_sensitive', 'value', 'substring'],
  evaluationOrder: ['case_sensitive', 'substring', 'value'],
  examples: [
    { title: 'It does', source: 'ends_with("access.log", ".log")', result: true },
    { title: 'Another case', source: 'ends_with("ACCESS.LOG", ".log")', result: false },
    { title: 'Whatever the case', source: 'ends_with("ACCESS.LOG", ".log", case_sensitive: false)', result: true },
  ],
  run(value: string | Uint8Array, substring: string | Uint8Array, caseSensitive: boolean) {
    const text = utf8Text(value);
    const end = utf8Text(substring);
    return caseSensitive ? text.endsWith(end) : text.toLowerCase().endsWith(end.toLowerCase());
  },
});
