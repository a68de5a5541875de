import type { Regex } from '../../event/value.ts';
import { regexOf } from '../formats/regex.ts';
import { utf8Text } from '../formats/utf8_text.ts';
import { defineFunction, required } from '../function.ts';

export const match = defineFunction({
  name: 'match',
  category: 'String',
  doc: 'Tells whether a regular expression matches anywhere in a text.',
  parameters: [
    required('value', 'bytes', 'The text to search.'),
    required('pattern', 'regex', 'The regular expression.'),
  ],
  returns: { kinds: ['boolean'], fallible: false },
  examples: [
    { title: 'It does', source: 'match("status 503", r\'\\b5\\d\\d\\b\')', result: true },
    { title: 'It does not', source: 'match("status 200", r\'\\b5\\d\\d\\b\')', result: false },
  ],
  prepare(call) {
    const constant = call.regex('pattern');
    if (!constant) return (value: string | Uint8Array, pattern: Regex) => regexOf(pattern).test(utf8Text(value));
    const regex = regexOf(constant);
    return (value: string | Uint8Array) => regex.test(utf8Text(value));
  },
});
