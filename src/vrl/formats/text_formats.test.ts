import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstCsvRecord } from './csv_record.ts';
import { readFloat, readInteger } from './number_text.ts';
import { parseQueryString } from './query_string.ts';
import { tokenize } from './tokens.ts';
import { urlProblem } from './url_problem.ts';

test('CSV: quotes count at the start of a field only', () => {
  assert.deepEqual(firstCsvRecord('\r\na,"b ""c""",d"e"\nf', ','), ['a', 'b "c"', 'd"e"']);
  assert.deepEqual(firstCsvRecord('"a"b,', ','), ['ab', '']);
  assert.deepEqual(firstCsvRecord('\n', ','), []);
});

test('tokens: what does not close takes the rest', () => {
  assert.deepEqual(tokenize('a "b \\" c" [d] e'), ['a', 'b \\" c', 'd', 'e']);
  assert.deepEqual(tokenize('a [b c'), ['a', '[b c']);
  assert.deepEqual(tokenize(' a b'), [' a b']);
});

test('query strings: escapes, repeated and empty keys', () => {
  assert.deepEqual(parseQueryString('?a=1+2&a=%C3%A9&=x&b&%ff=%zz', true), {
    a: ['1 2', 'é'],
    '': 'x',
    b: '',
    '\ufffd': '%zz',
  });
  assert.deepEqual(parseQueryString(Uint8Array.of(0x61, 0x3d, 0xff), true), { a: '\ufffd' });
});

test('numbers as Rust reads them', () => {
  assert.deepEqual(['+5', '-0', '9223372036854775807', '9223372036854775808', '1.0', ''].map(readInteger), [
    5,
    0,
    9223372036854775807n,
    undefined,
    undefined,
    undefined,
  ]);
  assert.deepEqual(['1.', '.5', 'inf', '-Infinity', 'nan', '1e', 'x'].map(readFloat), [
    1,
    0.5,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    Number.NaN,
    undefined,
    undefined,
  ]);
});

for (const [text, problem] of [
  ['a', 'relative URL without a base'],
  ['http://', 'empty host'],
  ['http://a:b', 'invalid port number'],
  ['http://1.2.3.256', 'invalid IPv4 address'],
  ['http://[::g]', 'invalid IPv6 address'],
  ['http://a b', 'invalid international domain name'],
  ['x://a b', 'invalid domain character'],
] as const) {
  test(`${text} is no URL: ${problem}`, () => {
    assert.equal(URL.canParse(text), false);
    assert.equal(urlProblem(text), problem);
  });
}
