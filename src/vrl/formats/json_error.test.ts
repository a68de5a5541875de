// What is wrong with JSON, and where, is said as the original says it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jsonError, rawJsonError } from './json_error.ts';

const cases: readonly [text: string, error: string | undefined, raw?: string][] = [
  ['{"a":[1,2.5e3,true,null,"x\\u00e9"]}', undefined],
  ['', 'EOF while parsing a value at line 1 column 0'],
  ['{ INVALID }', 'key must be a string at line 1 column 3'],
  ['{"a":1', 'EOF while parsing an object at line 1 column 6'],
  ['{"a":1,}', 'trailing comma at line 1 column 8', 'key must be a string at line 1 column 8'],
  ['[1,]', 'trailing comma at line 1 column 4', 'expected value at line 1 column 4'],
  ['[1 2]', 'expected `,` or `]` at line 1 column 4'],
  ['{"a" 1}', 'expected `:` at line 1 column 6'],
  ['[\n1,\n x]', 'expected value at line 3 column 2'],
  ['tru', 'EOF while parsing a value at line 1 column 3'],
  ['trux', 'expected ident at line 1 column 4'],
  ['1 2', 'trailing characters at line 1 column 3'],
  ['01', 'invalid number at line 1 column 2'],
  ['1.', 'EOF while parsing a value at line 1 column 2', 'invalid number at line 1 column 2'],
  ['"a', 'EOF while parsing a string at line 1 column 2'],
  ['"\\x"', 'invalid escape at line 1 column 3'],
  ['é', 'expected value at line 1 column 1'],
];

for (const [text, error, raw] of cases) {
  test(`${JSON.stringify(text)}: ${error ?? 'nothing'}`, () => {
    const bytes = new TextEncoder().encode(text);
    assert.equal(jsonError(bytes), error);
    assert.equal(rawJsonError(bytes), raw ?? error);
  });
}

test('depth is limited where values are made, and never overflows the stack', () => {
  const nested = (depth: number) => new TextEncoder().encode('['.repeat(depth) + ']'.repeat(depth));
  assert.equal(jsonError(nested(127)), undefined);
  assert.equal(jsonError(nested(128)), 'recursion limit exceeded at line 1 column 128');
  assert.equal(rawJsonError(nested(1_000_000)), undefined);
});

test('surrogates must come in pairs, and numbers be finite, only where values are made', () => {
  for (const text of ['"\\ud800"', '"\\udc00"', '"\\ud800\\u0041"', '1e999', '-1e99999999999']) {
    const bytes = new TextEncoder().encode(text);
    assert.notEqual(jsonError(bytes), undefined, text);
    assert.equal(rawJsonError(bytes), undefined, text);
  }
});
