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
