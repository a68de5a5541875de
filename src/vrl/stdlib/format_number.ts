import { Float } from '../../event/value.ts';
import { floatDecimal } from '../formats/float_decimal.ts';
import { utf8Text } from '../formats/utf8_text.ts';
import { defineFunction, optional, required } from '../function.ts';

/** More decimal places are not written; no number has as many. */
const SCALE_MAX = 1_000_000;

type Text = string | Uint8Array;

export const formatNumber = defineFunction({
  name: 'format_number',
  category: 'Number',
  doc: 'Writes a number for people, with the separators and decimal places that are wanted.',
  notices: ['Decimal places that are too many are cut off, not rounded.'],
  parameters: [
    required('value', ['integer', 'float'], 'The number to write.'),
    optional('scale', 'integer', 'How many decimal places to write; as many as there are when not given.'),
    optional('decimal_separator', 'bytes', 'What to put before the decimal places.', { default: '.' }),
    optional('grouping_separator', 'bytes', 'What to put between groups of three digits; nothing when not given.'),
  ],
  returns: { kinds: ['bytes'], fallible: false },
  checkOrder: ['value', 'scale', 'grouping_separator', 'decimal_separator'],
  evaluationOrder: ['value', 'scale', 'grouping_separator', 'decimal_separator'],
  examples: [
    {
      title: 'An amount',
      source: 'format_number(1234567.891, 2, decimal_separator: ".", grouping_separator: ",")',
      result: '1,234,567.89',
    },
    { title: 'More places than it has', source: 'format_number(5, 2)', result: '5.00' },
    { title: 'As it is', source: 'format_number(0.1)', result: '0.1' },
  ],
  run(
    value: number | bigint | Float,
    scale: number | bigint | undefined,
    decimalSeparator: Text,
    groupingSeparator: Text | undefined,
  ) {
    const [whole, decimals] = plainDigits(value).split('.') as [string, string?];
    const grouped = groupingSeparator === undefined ? whole : group(whole, utf8Text(groupingSeparator));
    const places = scaled(decimals, scale === undefined ? undefined : Number(scale));
    return places === undefined ? grouped : grouped + utf8Text(decimalSeparator) + places;
  },
});

function plainDigits(value: number | bigint | Float): string {
  if (typeof value === 'bigint' || Number.isInteger(value)) return String(value);
  const number = value instanceof Float ? value.value : (value as number);
  return floatDecimal(number) ?? (Number.isFinite(number) ? String(BigInt(number)) : number > 0 ? 'inf' : '-inf');
}

function scaled(decimals: string | undefined, scale: number | undefined): string | undefined {
  if (scale === undefined) return decimals;
  const places = Math.min(Math.max(scale, 0), SCALE_MAX);
  return places === 0 ? undefined : (decimals ?? '').padEnd(places, '0').slice(0, places);
}

/** Groups of three from the end, the sign counted as a digit; a full first group has the separator before it. */
function group(whole: string, separator: string): string {
  const start = whole.length % 3;
  let text = whole.slice(0, start);
  for (let i = start; i < whole.length; i += 3) text += separator + whole.slice(i, i + 3);
  return text;
}
