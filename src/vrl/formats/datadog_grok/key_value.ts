// The filter `keyvalue`: pairs such as `a=1, b="x y"` anywhere in the text, as an object.

import { getField, setField } from '../../../event/object.ts';
import { float, integer, type ObjectValue, type Value } from '../../../event/value.ts';
import { readFloat } from '../number_text.ts';
import { LimitReached, type OnigRegex } from '../onig/onig.ts';
import { trimText } from '../utf8_text.ts';
import type { Filter } from './filters.ts';
import type { GrokFunction } from './placeholder.ts';
import { invalidArguments } from './problem.ts';
import { rustRegex } from './rust_regex.ts';

type Quotes = readonly (readonly [open: string, close: string])[];

const DEFAULT_QUOTES: Quotes = [
  ['"', '"'],
  ["'", "'"],
  ['<', '>'],
];

/** Characters that values may have without quotes. */
const DEFAULT_VALUE = '\\w.\\-_@';
const DEFAULT_DELIMITERS = ['\\s,;(\\[{', '\\s,;)\\]}'] as const;

/** `keyvalue("delimiter", "more characters of values", "quotes", "field delimiters")`, all optional. */
export function keyValueFilter(call: GrokFunction): Filter {
  const texts = (call.args ?? []).slice(0, 4).map((arg) => {
    if (arg.kind !== 'value' || typeof arg.value !== 'string') throw invalidArguments(call.name);
    return arg.value;
  });
  const [delimiter = '=', characters = '', quotesText, fieldsText] = texts;
  const quotes = quotesOf(quotesText);
  const fields = fieldDelimiters(fieldsText);
  const regex = quotes && fields && pairRegex(delimiter, DEFAULT_VALUE + characters, quotes, fields);
  if (!regex || !quotes) throw invalidArguments(call.name);
  return (value) => (typeof value === 'string' ? pairsOf(value, regex, quotes) : undefined);
}

function quotesOf(text: string | undefined): Quotes | undefined {
  if (text === undefined || text === '') return DEFAULT_QUOTES;
  return /^[\0-\x7f]{2}$/.test(text) ? [[text[0]!, text[1]!]] : undefined;
}

function fieldDelimiters(text: string | undefined): readonly [string, string] | undefined {
  if (text === undefined) return DEFAULT_DELIMITERS;
  const chars = [...text];
  if (chars.length === 1) return [chars[0]!, chars[0]!];
  return chars.length === 2 ? [chars[0]!, chars[1]!] : undefined;
}

/** What the arguments hold goes into the expression as it is. */
function pairRegex(
  delimiter: string,
  characters: string,
  quotes: Quotes,
  [before, after]: readonly [string, string],
): OnigRegex | undefined {
  const quoted = quotes.map(([open, close]) => `${open}[^${open}]+${close}|`).join('');
  const word = `(${quoted}[${characters}]+)`;
  return rustRegex(`(?:[${before}]|^)`, `${word}${delimiter}${word}(?:[${after}]|$)`);
}

function pairsOf(text: string, regex: OnigRegex, quotes: Quotes): ObjectValue {
  const result: ObjectValue = {};
  try {
    for (let found = regex.search(text, 0); found; ) {
      const end = found[1]!;
      addPair(result, captured(text, found, 1), captured(text, found, 2), quotes);
      found = regex.search(text, end);
    }
  } catch (error) {
    if (!(error instanceof LimitReached)) throw error;
  }
  return result;
}

function captured(text: string, found: Int32Array, capture: number): string {
  const start = found[capture * 2]!;
  return start === -1 ? '' : trimText(text.slice(start, found[capture * 2 + 1]));
}

function addPair(result: ObjectValue, keyText: string, valueText: string, quotes: Quotes): void {
  const key = unquoted(keyText, quotes) ?? keyText;
  if (key === '' || key.includes(' ')) return;
  const value = typedValue(valueText.replace(/,+$/, ''), quotes);
  if (value === null || value === '') return;
  const existing = getField(result, key);
  if (existing === undefined) setField(result, key, value);
  else if (Array.isArray(existing)) existing.push(value);
  else setField(result, key, [existing, value]);
}

/** What stands in the quotes that the text begins with. */
function unquoted(text: string, quotes: Quotes): string | undefined {
  for (const [open, close] of quotes) {
    const end = text.startsWith(open) ? text.indexOf(close, open.length) : -1;
    if (end !== -1) return text.slice(open.length, end);
  }
  return undefined;
}

/** Words are told by how they begin: `nullable` is null, too. */
function typedValue(text: string, quotes: Quotes): Value {
  if (text.startsWith('null')) return null;
  if (text.startsWith('true')) return true;
  if (text.startsWith('false')) return false;
  return numberOf(text) ?? trimText(unquoted(text, quotes) ?? text);
}

function numberOf(text: string): Value | undefined {
  const number = readFloat(text);
  if (number === undefined || Number.isNaN(number)) return undefined;
  if (!Number.isInteger(number) || Math.abs(number) > 2 ** 63) return float(number);
  // Neither decimal nor octal.
  if (text.startsWith('0') && /[89]/.test(text)) return undefined;
  const whole = BigInt(number);
  return integer(whole === 1n << 63n ? whole - 1n : whole);
}
