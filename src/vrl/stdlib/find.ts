import { Regex, type Value } from '../../event/value.ts';
import { bytesOf } from '../formats/bytes.ts';
import { regexOf } from '../formats/regex.ts';
import { indexOfByte, utf8Length } from '../formats/utf8_length.ts';
import { utf8Text } from '../formats/utf8_text.ts';
import { defineFunction, optional, required } from '../function.ts';

export const find = defineFunction({
  name: 'find',
  category: 'String',
  doc: 'Returns where a pattern is first found in a text, counted in bytes, or `null` where it is not found.',
  parameters: [
    required('value', 'bytes', 'The text to search.'),
    required('pattern', ['bytes', 'regex'], 'The text or regular expression to search for.'),
    optional('from', 'integer', 'The byte to start at.', { default: 0 }),
  ],
  returns: { kinds: ['null', 'integer'], fallible: false },
  checkOrder: ['from', 'pattern', 'value'],
  examples: [
    { title: 'A text', source: 'find("key=value", "=")', result: 3 },
    { title: 'A regular expression', source: 'find("job 42 done", r\'[0-9]+\')', result: 4 },
    { title: 'From a place on', source: 'find("a.b.c", ".", 2)', result: 3 },
    { title: 'Nothing', source: 'find("key=value", ":")', result: null },
  ],
  run(value: string | Uint8Array, pattern: string | Uint8Array | Regex, from: number | bigint): Value {
    // Offsets are unsigned: a negative one is beyond all texts.
    if (from < 0) return null;
    const start = Number(from);
    if (pattern instanceof Regex) return findRegex(utf8Text(value), pattern, start);
    if (typeof value === 'string' && typeof pattern === 'string') return findText(value, pattern, start);
    return findBytes(bytesOf(value), bytesOf(pattern), start);
  },
});

function findRegex(text: string, pattern: Regex, from: number): number | null {
  const start = from === 0 ? 0 : indexOfByte(text, from);
  if (start === undefined) return null;
  const match = regexOf(pattern).exec(text, start);
  return match ? utf8Length(text, 0, match.index) : null;
}

function findText(text: string, pattern: string, from: number): number | null {
  if (pattern === '') return from <= utf8Length(text) ? from : null;
  const start = from === 0 ? 0 : indexOfByte(text, from);
  const index = start === undefined ? -1 : text.indexOf(pattern, start);
  return index === -1 ? null : utf8Length(text, 0, index);
}

function findBytes(bytes: Uint8Array, pattern: Uint8Array, from: number): number | null {
  const last = bytes.length - pattern.length;
  if (pattern.length === 0) return from <= last ? from : null;
  for (let at = bytes.indexOf(pattern[0]!, from); at !== -1 && at <= last; at = bytes.indexOf(pattern[0]!, at + 1)) {
    let i = 1;
    while (i < pattern.length && bytes[at + i] === pattern[i]) i += 1;
    if (i === pattern.length) return at;
  }
  return null;
}
