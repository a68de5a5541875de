// Asks for texts that are JSON.

import { asBuffer, latin1Text } from '../../std/bytes.ts';
import { defineFunction, optional, required } from '../function.ts';

const VARIANTS = {
  object: 'An object, in braces.',
  array: 'An array, in brackets.',
  string: 'A string, in double quotes.',
  number: 'A number, with or without a fraction.',
  bool: '`true` or `false`.',
  null: 'Exactly `null`.',
} as const;

type Variant = keyof typeof VARIANTS;

export const isJson = defineFunction({
  name: 'is_json',
  category: 'Type',
  doc: 'Tells whether `value` is a valid JSON document.',
  parameters: [
    required('value', 'bytes', 'The text that may be JSON.'),
    optional('variant', 'bytes', 'The only sort of JSON value that counts.', { values: VARIANTS, compileTime: true }),
  ],
  returns: { kinds: ['boolean'], fallible: false },
  examples: [
    { title: 'An object', source: 'is_json("{\\"a\\": 1}")', result: true },
    { title: 'Plain text', source: 'is_json("no JSON")', result: false },
    {
      title: 'A string where an object is wanted',
      source: 's = "\\"text\\""\nis_json(s, variant: "object")',
      result: false,
    },
  ],
  prepare(call) {
    const wanted = call.oneOf('variant', Object.keys(VARIANTS));
    return (value: string | Uint8Array) => {
      // Bytes in strings need not be UTF-8 to count, so one character per byte tells as much.
      const text = typeof value === 'string' ? value : latin1Text(asBuffer(value), 0, value.length);
      const variant = variantOf(text);
      if (variant === undefined || (wanted !== undefined && wanted !== variant)) return false;
      try {
        JSON.parse(text);
        return true;
      } catch {
        return false;
      }
    };
  },
});

/** What the first character makes it, if it is JSON at all. */
function variantOf(text: string): Variant | undefined {
  let at = 0;
  while (isSpace(text.charCodeAt(at))) at++;
  const char = text[at];
  switch (char) {
    case '{':
      return 'object';
    case '[':
      return 'array';
    case '"':
      return 'string';
    case 't':
    case 'f':
      return 'bool';
    case 'n':
      return 'null';
    default:
      return char !== undefined && (char === '-' || (char >= '0' && char <= '9')) ? 'number' : undefined;
  }
}

function isSpace(code: number): boolean {
  return code === 32 || code === 10 || code === 13 || code === 9;
}
