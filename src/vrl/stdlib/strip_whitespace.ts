import { trimText, utf8Text } from '../formats/utf8_text.ts';
import { defineFunction, required } from '../function.ts';

export const stripWhitespace = defineFunction({
  name: 'strip_whitespace',
  category: 'String',
  doc: 'Takes white space, as Unicode defines it, away from both ends of a text.',
  parameters: [required('value', 'bytes', 'The text to trim.')],
  returns: { kinds: ['bytes'], fallible: false },
  examples: [
    { title: 'Both ends', source: 'strip_whitespace("  a b\\t\\n")', result: 'a b' },
    { title: 'Other scripts', source: String.raw`strip_whitespace("\u{3000}a\u{2003}")`, result: 'a' },
  ],
  run: (value: string | Uint8Array) => trimText(utf8Text(value)),
});
