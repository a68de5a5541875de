import { bytesValue, type Value } from '../../event/value.ts';
import { Kind } from '../2_check/kind.ts';
import { typeDef } from '../2_check/type_def.ts';
import { type Failure, fail } from '../4_run/failure.ts';
import { firstCsvRecord } from '../formats/csv_record.ts';
import { defineFunction, optional, required } from '../function.ts';

export const parseCsv = defineFunction({
  name: 'parse_csv',
  category: 'Parse',
  doc: 'Parses the first row of CSV text into an array of its fields. Further rows are ignored.',
  parameters: [
    required('value', 'bytes', 'The text to parse.'),
    optional('delimiter', 'bytes', 'What separates the fields: a single byte.', { default: ',' }),
  ],
  failures: ['`delimiter` is not a single byte.'],
  notices: ['All fields are strings; convert them where other types are needed.'],
  returns: { kinds: ['array'], fallible: true },
  type: () => typeDef(Kind.arrayOf([], Kind.of('bytes')), true),
  examples: [
    {
      title: 'Quoted fields',
      source: `parse_csv!(s'7,"a, ""b""",')`,
      result: ['7', 'a, "b"', ''],
    },
    { title: 'Another delimiter', source: 'parse_csv!("a;b", delimiter: ";")', result: ['a', 'b'] },
  ],
  run(value: string | Uint8Array, delimiter: string | Uint8Array): Value | Failure {
    const unit = singleByte(delimiter);
    if (unit === undefined) return fail('delimiter must be a single character');
    if (typeof value === 'string' && unit < 0x80)
      return firstCsvRecord(value.startsWith('\ufeff') ? value.slice(1) : value, String.fromCharCode(unit));
    const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : value;
    const marked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
    const units = unitsOf(marked ? bytes.subarray(3) : bytes);
    return firstCsvRecord(units, String.fromCharCode(unit)).map((field) => bytesValue(bytesOf(field)));
  },
});

function singleByte(delimiter: string | Uint8Array): number | undefined {
  if (delimiter.length !== 1) return undefined;
  if (typeof delimiter !== 'string') return delimiter[0];
  const code = delimiter.charCodeAt(0);
  return code < 0x80 ? code : undefined;
}

/** One character per byte. */
function unitsOf(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 4096) text += String.fromCharCode(...bytes.subarray(i, i + 4096));
  return text;
}

function bytesOf(units: string): Uint8Array {
  return Uint8Array.from(units, (unit) => unit.charCodeAt(0));
}
