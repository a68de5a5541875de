import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compilePattern, PatternProblem } from './pattern.ts';

function compile(source: string): RegExp {
  const pattern = compilePattern(source);
  if (pattern instanceof PatternProblem) throw new Error(pattern.message);
  return pattern;
}

const CASES: readonly (readonly [string, string, boolean])[] = [
  ['^start', 'start one', true],
  ['^start', ' start', false],
  ['^\\s', '\tx', true],
  ['^\\[[0-9]{4}-[0-9]{2}\\]', '[2026-11]', true],
  ['a{2}', 'caab', true],
  ['a{', 'a{', true],
  ['{"level"', '{"level":1', true],
  ['a}', 'a}', true],
  ['x\\-y\\ z\\"\\#\\/', 'x-y z"#/', true],
  ['(?i)error', 'An ErRoR', true],
  ['(?i)[a-c]x', 'BX', true],
  ['(?i)[^a]', 'A', false],
  ['(?i)É', 'é', true],
  ['a(?i)b', 'aB', true],
  ['a(?i)b', 'AB', false],
  ['a(?i)b|c', 'C', true],
  ['(a(?i)b)c', 'aBC', false],
  ['(?i:a)b', 'Ab', true],
  ['(?i:a)b', 'AB', false],
  ['(?i)a(?-i)b', 'AB', false],
  ['a.b', 'a\nb', false],
  ['a.b', 'a\rb', true],
  ['(?s)a.b', 'a\nb', true],
  ['^b', 'a\nb', false],
  ['(?m)^b', 'a\nb', true],
  ['(?m)a$', 'a\nb', true],
  ['a$', 'a\nb', false],
  ['a$', 'a\n', false],
  ['\\Aa\\z', 'a', true],
  ['(?x) a  b # comment\n c', 'abc', true],
  ['(?x)a\\ b', 'a b', true],
  ['^[[:alpha:]_]+$', 'ab_c', true],
  ['^[[:space:]]', ' x', true],
  ['[]a]', ']', true],
  ['[^]a]', ']', false],
  ['[a\\-z]', 'b', false],
  ['[a-]', '-', true],
  ['[\\w.-]+@', 'a.b-c@', true],
  ['[(){}|/]', '|', true],
  ['\\p{Greek}', 'λ', true],
  ['\\pL', 'é', true],
  ['\\x41\\x{42}\\u{43}\\u0044', 'ABCD', true],
  ['\\x{1F600}', '😀', true],
];

for (const [pattern, text, expected] of CASES) {
  test(`\`${pattern}\` ${expected ? 'matches' : 'does not match'} ${JSON.stringify(text)}`, () => {
    assert.equal(compile(pattern).test(text), expected);
  });
}

test('keeps named groups', () => {
  assert.deepEqual({ ...compile('(?P<a>\\d+)-(?<b>x)').exec('12-x')!.groups }, { a: '12', b: 'x' });
});

const REFUSED: readonly (readonly [string, RegExp])[] = [
  ['(a', /not a regular expression: Unterminated group/],
  ['a)', /no `\(` before it/],
  ['[a', /no `\]` behind it/],
  ['a**', /Nothing to repeat/],
  ['(?=a)', /look-ahead/],
  ['(?<!a)', /look-behind/],
  ['(a)\\1', /references to groups/],
  ['(?U)a+', /flag `U`/],
  ['\\y', /not a known escape/],
  ['\\p{Nonsense}', /no class of characters/],
  ['[a-z&&[^b]]', /sets within sets/],
  ['\\', /ends in a single/],
  ['('.repeat(300), /nested deeper/],
];

for (const [pattern, message] of REFUSED) {
  test(`refuses \`${pattern.slice(0, 12)}\` and says why`, () => {
    const problem = compilePattern(pattern);
    assert.ok(problem instanceof PatternProblem);
    assert.match(problem.message, message);
  });
}

test('a pattern that backtracks without end does not stall', { timeout: 5000 }, () => {
  for (const source of ['^(a+)+$', '(?i)^(a+)+$', '(?s)^(a|a)*$', '^(.*a){12}$', '(?m)^(a+)+$']) {
    assert.equal(compile(source).test(`${'a'.repeat(40)}!`), false);
  }
});
