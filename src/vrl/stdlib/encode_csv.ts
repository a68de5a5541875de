import { bytesValue, type Value } from '../../event/value.ts';
import { fail, wrongKind } from '../4_run/failure.ts';
import { isText } from '../formats/argument_kinds.ts';
import { bytesOf, joined } from '../formats/bytes.ts';
import { defineFunction, optional, required } from '../function.ts';

export const encodeCsv = defineFunction({
  name: 'encode_csv',
  category: 'Codec',
  doc: 'Writes the strings of an array as a single row of CSV.',
  parameters: [
    required('value', 'any', 'The array of strings.'),
    optional('delimiter', 'bytes', 'The byte between two fields.', { default: ',' }),
  ],
  failures: ['`value` is not an array of strings.', '`delimiter` is not a single byte.'],
  returns: { kinds: ['bytes'], fallible: true },
  checkOrder: [],
  examples: [
    { title: 'A row', source: 'encode_csv!(["a", "b, c", "say \\"d\\""])', result: 'a,"b, c","say ""d"""' },
    { title: 'Another delimiter', source: 'encode_csv!(["a", "b"], delimiter: ";")', result: 'a;b' },
  ],
  run(value: Value, delimiter: Value) {
    if (!Array.isArray(value)) return wrongKind(value, 'array');
    for (const item of value) if (!isText(item)) return wrongKind(item, 'bytes');
    if (value.length === 0) return '';
    if (!isText(delimiter)) return wrongKind(delimiter, 'bytes');
    const separator = bytesOf(delimiter);
    if (separator.length !== 1) return fail('delimiter must be a single character');
    const fields = value as (string | Uint8Array)[];
    if (typeof delimiter === 'string' && fields.every((field) => typeof field === 'string'))
      return textRow(fields as string[], delimiter);
    return bytesRow(fields, separator);
  },
});

const SPECIAL = /["\r\n]/;

function textRow(fields: readonly string[], delimiter: string): string {
  // A row that would be an empty line is told apart from none.
  if (fields.length === 1 && fields[0] === '') return '""';
  let row = '';
  for (let i = 0; i < fields.length; i++) {
    const field = fields[i]!;
    if (i > 0) row += delimiter;
    row += SPECIAL.test(field) || field.includes(delimiter) ? `"${field.replaceAll('"', '""')}"` : field;
  }
  return row;
}

/** The same where there are bytes that are not UTF-8. */
function bytesRow(fields: readonly (string | Uint8Array)[], separator: Uint8Array): string | Uint8Array {
  const pieces: Uint8Array[] = [];
  const special = new Set([34, 13, 10, separator[0]!]);
  for (const field of fields) {
    const bytes = bytesOf(field);
    if (pieces.length > 0) pieces.push(separator);
    pieces.push(bytes.some((byte) => special.has(byte)) ? quoted(bytes) : bytes);
  }
  return bytesValue(
    joined(
      pieces,
      pieces.reduce((sum, piece) => sum + piece.length, 0),
    ),
  );
}

function quoted(bytes: Uint8Array): Uint8Array {
  const out: number[] = [34];
  for (const byte of bytes) out.push(...(byte === 34 ? [34, 34] : [byte]));
  out.push(34);
  return Uint8Array.from(out);
}
