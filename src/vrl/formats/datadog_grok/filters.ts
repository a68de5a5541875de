// Filters: what becomes of the text that a matcher has found.

import { parseJson } from '../../../event/json.ts';
import { float, INTEGER_MAX, INTEGER_MIN, integer, toNumber, type Value } from '../../../event/value.ts';
import { Failure } from '../../4_run/failure.ts';
import { readFloat, readInteger } from '../number_text.ts';
import { parseQueryString, percentDecode } from '../query_string.ts';
import { parseRubyHash } from '../ruby_hash.ts';
import { parseXml, type XmlOptions } from '../xml/xml.ts';
import { arrayFilter } from './array.ts';
import { keyValueFilter } from './key_value.ts';
import type { GrokFunction } from './placeholder.ts';
import { invalidArguments, RuleProblem } from './problem.ts';

/** Gives the new value, or undefined when the filter cannot be applied: the field is left out then. */
export type Filter = (value: Value) => Value | undefined;

/** The filter that a rule names. Throws `RuleProblem`. */
export function filterOf(call: GrokFunction): Filter {
  const plain = Object.hasOwn(PLAIN, call.name) ? PLAIN[call.name] : undefined;
  if (plain) return plain;
  const first = call.args?.[0];
  const argument = first?.kind === 'value' ? first.value : undefined;
  switch (call.name) {
    case 'scale': {
      const factor = typeof argument === 'bigint' ? Number(argument) : toNumber(argument);
      if (factor === undefined) throw invalidArguments(call.name);
      return (value) => scaled(value, factor);
    }
    case 'nullIf':
      if (typeof argument !== 'string') throw invalidArguments(call.name);
      return ofText((text) => (text === argument ? null : text));
    case 'array':
      return arrayFilter(call, filterOf);
    case 'keyvalue':
      return keyValueFilter(call);
    default:
      throw new RuleProblem(`unknown filter '${call.name}'`);
  }
}

function ofText(filter: (text: string) => Value | undefined): Filter {
  return (value) => (typeof value === 'string' ? filter(value) : undefined);
}

export const integerFilter = ofText(readInteger);

/** Integers that may be written with an exponent. */
export const wideIntegerFilter = ofText((text) => {
  const number = readFloat(text);
  return number === undefined ? undefined : integer(saturated(number));
});

export const numberFilter = ofText((text) => {
  const number = readFloat(text);
  return number === undefined ? undefined : integerIfWhole(Number.isNaN(number) ? 0 : number);
});

function scaled(value: Value, factor: number): Value | undefined {
  const number = typeof value === 'string' ? readFloat(value) : toNumber(value);
  return number === undefined ? undefined : integerIfWhole(number * ((factor * 1000) / 1000));
}

function integerIfWhole(number: number): Value {
  const whole = saturated(number);
  return Number(whole) === number ? integer(whole) : float(number);
}

function saturated(number: number): bigint {
  if (Number.isNaN(number)) return 0n;
  if (number >= 2 ** 63) return INTEGER_MAX;
  return number <= -(2 ** 63) ? INTEGER_MIN : BigInt(Math.trunc(number));
}

function json(text: string): Value | undefined {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

const XML: XmlOptions = {
  trim: true,
  includeAttr: true,
  attrPrefix: '',
  textKey: 'value',
  alwaysUseTextKey: false,
  parseBool: false,
  parseNull: false,
  parseNumber: false,
};

function unlessFailed(value: Value | Failure): Value | undefined {
  return value instanceof Failure ? undefined : value;
}

/** Filters without arguments. */
const PLAIN: Readonly<Record<string, Filter>> = {
  integer: integerFilter,
  integerExt: wideIntegerFilter,
  number: numberFilter,
  numberExt: numberFilter,
  lowercase: ofText((text) => text.toLowerCase()),
  uppercase: ofText((text) => text.toUpperCase()),
  boolean: ofText((text) => /^true$/i.test(text) && text.length === 4),
  json: ofText(json),
  rubyhash: ofText((text) => unlessFailed(parseRubyHash(text))),
  querystring: ofText((text) => parseQueryString(text, false)),
  decodeuricomponent: ofText(percentDecode),
  xml: ofText((text) => unlessFailed(parseXml(text, XML))),
};
