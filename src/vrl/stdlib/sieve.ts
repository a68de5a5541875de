import type { Regex } from '../../event/value.ts';
import { regexOf } from '../formats/regex.ts';
import { utf8Length } from '../formats/utf8_length.ts';
import { utf8Text } from '../formats/utf8_text.ts';
import { defineFunction, optional, required } from '../function.ts';

export const sieve = defineFunction({
  name: 'sieve',
  category: 'String',
  doc: 'Keeps what a regular expression matches in a text and takes the rest out.',
  notices: ['What is behind the last match is dropped without a replacement.'],
  parameters: [
    required('value', 'bytes', 'The text to change.'),
    required('permitted_characters', 'regex', 'The regular expression of what to keep.'),
    optional('replace_single', 'bytes', 'What to put in place of a single byte that is taken out.', { default: '' }),
    optional('replace_repeated', 'bytes', 'What to put in place of several bytes that are taken out.', { default: '' }),
  ],
  returns: { kinds: ['bytes'], fallible: false },
  checkOrder: ['value', 'replace_single', 'replace_repeated', 'permitted_characters'],
  examples: [
    { title: 'Digits only', source: 'sieve("+49 (0) 30-12", r\'[0-9]\')', result: '4903012' },
    {
      title: 'With replacements',
      source: 'sieve("a#b###c", r\'[a-z]\', replace_single: "-", replace_repeated: "…")',
      result: 'a-b…c',
    },
  ],
  prepare(call) {
    const constant = call.regex('permitted_characters');
    const known = constant && regexOf(constant);
    return (
      value: string | Uint8Array,
      permitted: Regex,
      replaceSingle: string | Uint8Array,
      replaceRepeated: string | Uint8Array,
    ) => {
      const text = utf8Text(value);
      const single = utf8Text(replaceSingle);
      const repeated = utf8Text(replaceRepeated);
      let kept = '';
      let end = 0;
      (known ?? regexOf(permitted)).forEach(text, (match) => {
        if (match.index > end) kept += utf8Length(text, end, match.index) > 1 ? repeated : single;
        kept += match[0];
        end = match.index + match[0].length;
        return true;
      });
      return kept;
    };
  },
});
