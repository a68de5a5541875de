import { bytesOf } from '../formats/bytes.ts';
import { utf8Length } from '../formats/utf8_length.ts';
import { utf8Text } from '../formats/utf8_text.ts';
import { defineFunction, optional, required } from '../function.ts';

export const startsWith = defineFunction({
  name: 'starts_with',
  category: 'String',
  doc: 'Tells whether a text starts with another.',
  parameters: [
    required('value', 'bytes', 'The text to look at.'),
    required('substring', 'bytes', 'The start that it may have.'),
    optional('case_sensitive', 'boolean', 'Whether upper and lower case differ.', { default: true }),
  ],
  returns: { kinds: ['boolean'], fallible: false },
  checkOrder: ['case_sensitive', 'substring', 'value'],
  evaluationOrder: ['case_sensitive', 'substring', 'value'],
  examples: [
    { title: 'It does', source: 'starts_with("/api/v2/users", "/api/")', result: true },
    { title: 'Another case', source: 'starts_with("Error: disk full", "error")', result: false },
    {
      title: 'Whatever the case',
      source: 'starts_with("Error: disk full", "error", case_sensitive: false)',
      result: true,
    },
  ],
  run(value: string | Uint8Array, substring: string | Uint8Array, caseSensitive: boolean) {
    if (!caseSensitive) return startsFolded(value, substring);
    if (typeof value === 'string' && typeof substring === 'string') return value.startsWith(substring);
    const bytes = bytesOf(value);
    const start = bytesOf(substring);
    return start.length <= bytes.length && start.every((byte, i) => bytes[i] === byte);
  },
});

/** Character by character, as far as both go; bytes that are not UTF-8 equal nothing. */
function startsFolded(value: string | Uint8Array, substring: string | Uint8Array): boolean {
  if (lengthOf(value) < lengthOf(substring)) return false;
  const text = utf8Text(value);
  const start = utf8Text(substring);
  const hasBytes = typeof value !== 'string' || typeof substring !== 'string';
  for (let i = 0, j = 0; i < text.length && j < start.length; ) {
    const a = String.fromCodePoint(text.codePointAt(i)!);
    const b = String.fromCodePoint(start.codePointAt(j)!);
    if (hasBytes && (a === '\ufffd' || b === '\ufffd')) return false;
    if (a !== b && !sameFolded(a.toLowerCase(), b.toLowerCase())) return false;
    i += a.length;
    j += b.length;
  }
  return true;
}

/** Some small letters are several characters: those that both have must be the same. */
function sameFolded(a: string, b: string): boolean {
  return a.length < b.length ? b.startsWith(a) : a.startsWith(b);
}

function lengthOf(value: string | Uint8Array): number {
  return typeof value === 'string' ? utf8Length(value) : value.length;
}
