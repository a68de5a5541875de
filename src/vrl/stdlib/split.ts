import { Regex } from '../../event/value.ts';
import { Kind } from '../2_check/kind.ts';
import { typeDef } from '../2_check/type_def.ts';
import { regexOf } from '../formats/regex.ts';
import { utf8Text } from '../formats/utf8_text.ts';
import { defineFunction, optional, required } from '../function.ts';

export const split = defineFunction({
  name: 'split',
  category: 'String',
  doc: 'Cuts a text into the pieces between the matches of a pattern.',
  notices: ['With a `limit`, the last piece is the rest of the text.'],
  parameters: [
    required('value', 'bytes', 'The text to cut.'),
    required('pattern', ['bytes', 'regex'], 'The text or regular expression to cut at.'),
    optional('limit', 'integer', 'How many pieces to return at most.', { default: 999_999_999 }),
  ],
  returns: { kinds: ['array'], fallible: false },
  checkOrder: ['value', 'limit', 'pattern'],
  evaluationOrder: ['value', 'limit', 'pattern'],
  type: () => typeDef(Kind.arrayOf([], Kind.of('bytes'))),
  examples: [
    { title: 'A text', source: 'split("a,b,,c", ",")', result: ['a', 'b', '', 'c'] },
    { title: 'A regular expression', source: 'split("a  b c", r\'\\s+\')', result: ['a', 'b', 'c'] },
    { title: 'At most two', source: 'split("a,b,c", ",", 2)', result: ['a', 'b,c'] },
  ],
  prepare(call) {
    const constant = call.regex('pattern');
    const known = constant && regexOf(constant);
    return (value: string | Uint8Array, pattern: string | Uint8Array | Regex, limit: number | bigint) => {
      const text = utf8Text(value);
      const most = limit > 0 ? Number(limit) : 0;
      if (known) return known.split(text, most);
      if (pattern instanceof Regex) return regexOf(pattern).split(text, most);
      return splitText(text, utf8Text(pattern), most);
    };
  },
});

/** The most that JavaScript counts. */
const PIECES_MAX = 0xffffffff;

function splitText(text: string, pattern: string, limit: number): string[] {
  if (limit === 0) return [];
  const pieces = pattern === '' ? ['', ...text, ''] : text.split(pattern, Math.min(limit + 1, PIECES_MAX));
  if (pieces.length <= limit) return pieces;
  // The last piece is all that remains.
  let start = 0;
  for (let i = 0; i < limit - 1; i++) start += pieces[i]!.length + pattern.length;
  return [...pieces.slice(0, limit - 1), text.slice(start)];
}
