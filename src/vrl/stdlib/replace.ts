import { Regex } from '../../event/value.ts';
import { regexOf } from '../formats/regex.ts';
import { utf8Text } from '../formats/utf8_text.ts';
import { defineFunction, optional, required } from '../function.ts';

export const replace = defineFunction({
  name: 'replace',
  category: 'String',
  doc:
    'Replaces what a pattern matches in a text. Where the pattern is a regular expression, `$1`, `$name` and `${name}` ' +
    'in the replacement stand for what its groups captured, and `$$` for a dollar sign.',
  notices: [
    'In a configuration file, write `$$` for each `$`, as a single one begins the name of an environment variable.',
  ],
  parameters: [
    required('value', 'bytes', 'The text to change.'),
    required('pattern', ['bytes', 'regex'], 'The text or regular expression to replace.'),
    required('with', 'bytes', 'The replacement.'),
    optional('count', 'integer', 'How often to replace at most; a negative number is without limit.', { default: -1 }),
  ],
  returns: { kinds: ['bytes'], fallible: false },
  checkOrder: ['value', 'with', 'count', 'pattern'],
  evaluationOrder: ['value', 'with', 'count', 'pattern'],
  examples: [
    { title: 'A text', source: 'replace("a-b-c", "-", "/")', result: 'a/b/c' },
    { title: 'Only the first', source: 'replace("a-b-c", "-", "/", count: 1)', result: 'a/b-c' },
    {
      title: 'A regular expression',
      source: 'replace("user=ann id=7", r\'(?P<key>\\w+)=\', "$key: ")',
      result: 'user: ann id: 7',
    },
  ],
  prepare(call) {
    const constant = call.regex('pattern');
    const known = constant && regexOf(constant);
    return (
      value: string | Uint8Array,
      pattern: string | Uint8Array | Regex,
      replacement: string | Uint8Array,
      count: number | bigint,
    ) => {
      const text = utf8Text(value);
      if (count === 0) return text;
      const limit = count < 0 ? Infinity : Number(count);
      const by = utf8Text(replacement);
      if (known) return known.replace(text, by, limit);
      if (pattern instanceof Regex) return regexOf(pattern).replace(text, by, limit);
      return replaceText(text, utf8Text(pattern), by, limit);
    };
  },
});

function replaceText(text: string, pattern: string, by: string, limit: number): string {
  if (pattern === '') return interspersed(text, by, limit);
  if (limit === Infinity) return by.includes('$') ? text.split(pattern).join(by) : text.replaceAll(pattern, by);
  let result = '';
  let end = 0;
  for (let count = 0; count < limit; count++) {
    const index = text.indexOf(pattern, end);
    if (index === -1) break;
    result += text.slice(end, index) + by;
    end = index + pattern.length;
  }
  return result + text.slice(end);
}

/** Nothing is found before each character and at the end. */
function interspersed(text: string, by: string, limit: number): string {
  let result = '';
  let count = 0;
  for (const char of text) {
    if (count < limit) result += by;
    count += 1;
    result += char;
  }
  return count < limit ? result + by : result;
}
