import { shownText, terminalText } from '../formats/terminal_text.ts';
import { defineFunction, required } from '../function.ts';

export const stripAnsiEscapeCodes = defineFunction({
  name: 'strip_ansi_escape_codes',
  category: 'String',
  doc: 'Takes ANSI escape codes, such as those for colors, out of a text.',
  notices: ['All other control characters but line feeds go too.'],
  parameters: [required('value', 'bytes', 'The text to clean.')],
  returns: { kinds: ['bytes'], fallible: false },
  examples: [
    {
      title: 'A color',
      source: String.raw`strip_ansi_escape_codes("\u{1b}[31merror\u{1b}[0m: no")`,
      result: 'error: no',
    },
    { title: 'A title', source: String.raw`strip_ansi_escape_codes("\u{1b}]0;shell\u{7}$ ls")`, result: '$ ls' },
  ],
  run: (value: string | Uint8Array) => shownText(typeof value === 'string' ? value : terminalText(value)),
});
