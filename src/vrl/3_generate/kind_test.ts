// Tests of kinds in generated code.

import type { KindName } from '../function.ts';

const TESTS: Readonly<Record<KindName, (code: string) => string>> = {
  bytes: (code) => `typeof ${code} === 'string' || ${code} instanceof Uint8Array`,
  integer: (code) => `R.isInteger(${code})`,
  float: (code) => `R.isFloat(${code})`,
  boolean: (code) => `typeof ${code} === 'boolean'`,
  timestamp: (code) => `${code} instanceof Timestamp`,
  regex: (code) => `${code} instanceof Regex`,
  null: (code) => `${code} === null`,
  array: (code) => `Array.isArray(${code})`,
  object: (code) => `R.isObject(${code})`,
  any: () => 'true',
};

/** JavaScript that is true when the value is of one of the kinds. */
export function kindTest(code: string, kinds: readonly KindName[]): string {
  return kinds.map((kind) => TESTS[kind](code)).join(' || ');
}

/** Kinds in the order and words of messages. */
const WORDS: readonly (readonly [KindName, string])[] = [
  ['bytes', 'string'],
  ['integer', 'integer'],
  ['float', 'float'],
  ['boolean', 'boolean'],
  ['timestamp', 'timestamp'],
  ['regex', 'regex'],
  ['null', 'null'],
  ['array', 'array'],
  ['object', 'object'],
];

/** `string, array or object` */
export function messageOf(kinds: readonly KindName[]): string {
  const words = WORDS.filter(([kind]) => kinds.includes(kind)).map(([, word]) => word);
  const last = words.pop() ?? 'any';
  return words.length > 0 ? `${words.join(', ')} or ${last}` : last;
}
