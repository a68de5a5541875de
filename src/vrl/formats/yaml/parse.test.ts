// YAML documents give the values, or the problems, that they give in the original.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Float, type Value } from '../../../event/value.ts';
import { parseYamlText } from './parse.ts';
import { YamlProblem } from './text.ts';

const values: readonly [text: string, value: Value][] = [
  ['', null],
  ['a: 1\nb:\n  - x\n  - y: 2\n', { a: 1, b: ['x', { y: 2 }] }],
  ['a:\n- 1\n- 2\nb: 3', { a: [1, 2], b: 3 }],
  ['{a: b, c, d: , "e":f}', { a: 'b', c: null, d: null, e: 'f' }],
  ['[a: b, {c: d}]', [{ a: 'b' }, { c: 'd' }]],
  ['k: |\n  one\n   two\n\n  three\n', { k: 'one\n two\n\nthree\n' }],
  ['k: >-\n  one\n  two\n\n  three\n', { k: 'one two\nthree' }],
  ['"a\\n\\x41\\u00e9 \\\n  b"', 'a\nAé b'],
  ["'it''s'", "it's"],
  ['&x a: &y [1]\nb: *y\n*x : c', { a: 'c', b: [1] }],
  ['? k\n: v', { k: 'v' }],
  ['1: a\ntrue: b', { 1: 'a', true: 'b' }],
  ['0x1F', 31],
  ['0123', '0123'],
  ['1e3', new Float(1000)],
  ['.inf', new Float(Number.POSITIVE_INFINITY)],
  ['yes', 'yes'],
  ['!!int "5"', 5],
  ['!!str 5', '5'],
  ['%YAML 1.2\n---\na: b # c\n...\n', { a: 'b' }],
  ['<<: {a: 1}', { '<<': { a: 1 } }],
  ['__proto__: 1', JSON.parse('{"__proto__": 1}')],
];

for (const [text, value] of values) {
  test(`${JSON.stringify(text)} is read`, () => assert.deepEqual(parseYamlText(text), value));
}

const problems: readonly [text: string, problem: string][] = [
  ['a: b: c', 'mapping values are not allowed in this context at line 1 column 5'],
  ['a: [1', "did not find expected ',' or ']' at line 2 column 1, while parsing a flow sequence at line 1 column 4"],
  ['a: 1\n b: 2', 'mapping values are not allowed in this context at line 2 column 3'],
  ['- a\nb', "could not find expected ':' at line 3 column 1, while scanning a simple key at line 2 column 1"],
  ['@x', 'found character that cannot start any token, while scanning for the next token'],
  ['a: *b', 'unknown anchor at line 1 column 4'],
  ['a\n---\nb', 'deserializing from YAML containing more than one document is not supported'],
  ['a: !own b', 'a: invalid type: enum, expected any valid JSON value at line 1 column 4'],
  [
    'a: {b: [1, .nan]}',
    'a.b[1]: invalid value: floating point `NaN`, expected any valid JSON value at line 1 column 12',
  ],
  ['x: \u0001', 'control characters are not allowed at position 3'],
];

function problemOf(text: string): string {
  try {
    return JSON.stringify(parseYamlText(text));
  } catch (error) {
    if (error instanceof YamlProblem) return error.message;
    throw error;
  }
}

for (const [text, problem] of problems) {
  test(`${JSON.stringify(text)} is refused`, () => assert.equal(problemOf(text), problem));
}

test('depth and repetition are limited', () => {
  assert.match(problemOf('['.repeat(100_000)), /^recursion limit exceeded/);
  assert.match(problemOf('- '.repeat(100_000)), /^recursion limit exceeded/);
  assert.match(problemOf('&a [*a]'), /^recursion limit exceeded/);
  let bomb = 'a0: &a0 [x]\n';
  for (let i = 1; i < 30; i++) bomb += `a${i}: &a${i} [${`*a${i - 1},`.repeat(9)}]\n`;
  assert.equal(problemOf(bomb), 'repetition limit exceeded');
});
