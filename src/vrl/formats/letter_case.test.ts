import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BoundaryName, boundariesOf, type CaseName, convertCase } from './letter_case.ts';

const CASES: readonly (readonly [string, CaseName, CaseName | undefined, string])[] = [
  ['foo_bar-baz QuxHTTPServer2x', 'camelCase', undefined, 'fooBarBazQuxHttpServer2X'],
  ['foo_bar-baz QuxHTTPServer2x', 'snake_case', undefined, 'foo_bar_baz_qux_http_server_2_x'],
  ['__a--b__', 'snake_case', undefined, 'a_b'],
  ['ÀÉcole2École', 'snake_case', undefined, 'à_école_2_école'],
  ['éa ßa ﬁa', 'PascalCase', undefined, 'ÉaSSaFIa'],
  ['foo_barBaz', 'snake_case', 'camelCase', 'foo_bar_baz'],
  ['foo_barBaz', 'snake_case', 'snake_case', 'foo_barbaz'],
  ['FooBAR-baz', 'SCREAMING_SNAKE', 'kebab-case', 'FOOBAR_BAZ'],
  ['', 'kebab-case', undefined, ''],
];

for (const [text, to, from, expected] of CASES) {
  test(`writes ${JSON.stringify(text)} (${from ?? 'any case'}) as ${to}`, () => {
    assert.equal(convertCase(text, boundariesOf(from), to), expected);
  });
}

const EXCLUDED: readonly (readonly [string, readonly BoundaryName[], string])[] = [
  ['fooBar2x', ['lower_digit', 'digit_lower'], 'foo_bar2x'],
  ['XMLHttpRequestV2x', ['acronym', 'upper_digit'], 'xmlhttp_request_v2_x'],
];

for (const [text, excluded, expected] of EXCLUDED) {
  test(`begins no word of ${text} at ${excluded.join(', ')}`, () => {
    assert.equal(convertCase(text, boundariesOf(undefined, excluded), 'snake_case'), expected);
  });
}
