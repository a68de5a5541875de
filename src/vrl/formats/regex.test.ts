import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CompiledRegex, compileRegex, regexProblemLine } from './regex.ts';

function compiled(source: string): CompiledRegex {
  const regex = compileRegex(source);
  if (typeof regex === 'string') throw new Error(regex);
  return regex;
}

const MATCHES: readonly (readonly [string, string, readonly (string | undefined)[] | undefined])[] = [
  ['\\d+', 'a ٣ b', ['٣']],
  ['\\w+', '-größe-', ['größe']],
  ['(?-u:\\w+)', '-größe-', ['gr']],
  ['\\bé\\b', 'xé é', ['é']],
  ['.{2}', '😀😁x', ['😀😁']],
  ['[^a]$', 'a😀', ['😀']],
  ['[😀-😂]+', 'x😁😂', ['😁😂']],
  ['(?i)straSSe|k', 'STRASſE', ['STRASſE']],
  ['(?i)k', '\u212a', ['\u212a']],
  ['(?i)[^k]', '\u212akK', undefined],
  ['(?m)^b$', 'a\r\nb\nc', ['b']],
  ['(?m)a$', 'a\r\n', undefined],
  ['(?mR)a$', 'a\r\n', ['a']],
  ['a$', 'a\n', undefined],
  ['(?s)a.b', 'a\nb', ['a\nb']],
  ['(?U)a+', 'aa', ['a']],
  ['(?x) a  b # c\n c', 'abc', ['abc']],
  ['[a-z&&[^aeiou]]+', 'aebcd', ['bcd']],
  ['[a-d--b]+', 'bcd', ['cd']],
  ['[a-c~~b-d]+', 'bcda', ['da']],
  ['[[:^alpha:]]+', 'ab12', ['12']],
  ['\\p{Greek}+\\P{gc=Lu}', 'xλόγοςy', ['λόγοςy']],
  ['\\b{start}b', 'ab b', ['b']],
  ['(?P<a>x)(?<b.c>y)?', 'xz', ['x', 'x', undefined]],
  // JavaScript would forget what an earlier turn has captured, and drop a turn that takes nothing.
  ['(?:(a)|b)*', 'ab', ['ab', 'a']],
  ['(a*)*', 'b', ['', '']],
  ['(a*)?', 'b', ['', '']],
  ['(|a)+', 'aa', ['', '']],
  ['a**', 'aab', ['aa']],
  ['[0-9a-f]{32}', 'd41d8cd98f00b204e9800998ecf8427e', ['d41d8cd98f00b204e9800998ecf8427e']],
  ['^.{0,40}?b', 'aab', ['aab']],
];

for (const [source, text, expected] of MATCHES) {
  test(`\`${source}\` finds ${JSON.stringify(expected)} in ${JSON.stringify(text)}`, () => {
    const match = compiled(source).exec(text);
    assert.deepEqual(match ? [...match] : undefined, expected);
    assert.equal(compiled(source).test(text), expected !== undefined);
  });
}

test('names captures by number', () => {
  assert.deepEqual(compiled('(?P<a>x)(y)(?<b>z)').names, [undefined, 'a', undefined, 'b']);
});

test('goes on after an empty match, and takes none right behind another', () => {
  assert.deepEqual(compiled('b*').split('abc😀d'), ['', 'a', 'c', '😀', 'd', '']);
  assert.equal(compiled('b*').replace('abc😀', '-'), '-a-c-😀-');
});

test('replaces with captures', () => {
  const regex = compiled('(?P<user>\\w+)@(\\w+)');
  assert.equal(regex.replace('a@b c@d', '$2 ${user}x $$1 $nope $userx $', 1), 'b ax $1   $ c@d');
});

test('splits at most into as many pieces as wanted', () => {
  assert.deepEqual(compiled('\\s+').split('a b  c d', 3), ['a', 'b', 'c d']);
  assert.deepEqual(compiled('\\s+').split('a b', 0), []);
});

const REFUSED: readonly (readonly [string, string])[] = [
  ['[', 'regex parse error:\n    [\n    ^\nerror: unclosed character class'],
  [
    'a(?=b)',
    'regex parse error:\n    a(?=b)\n     ^^^\nerror: look-around, including look-ahead and look-behind, is not supported',
  ],
  ['(a)\\1', 'regex parse error:\n    (a)\\1\n       ^^\nerror: backreferences are not supported'],
  ['\\p{Nope}', 'regex parse error:\n    \\p{Nope}\n    ^^^^^^^^\nerror: Unicode property not found'],
  ['(?-u:.)', 'regex parse error:\n    (?-u:.)\n         ^\nerror: pattern can match invalid UTF-8'],
  [
    '(?P<a>x)(?P<a>y)',
    'regex parse error:\n    (?P<a>x)(?P<a>y)\n        ^       ^\nerror: duplicate capture group name',
  ],
  ['a\n(b', `regex parse error:\n${'~'.repeat(79)}\n1: a\n2: (b\n   ^\n${'~'.repeat(79)}\nerror: unclosed group`],
];

for (const [source, report] of REFUSED) {
  test(`reports what is wrong with \`${source}\``, () => assert.equal(compileRegex(source), report));
}

test('refuses what is nested too deep, and does not fall over it', () => {
  assert.match(String(compileRegex('('.repeat(60_000) + ')'.repeat(60_000))), /nested parentheses/);
  assert.match(String(compileRegex('(?:(?:a{1000}){1000}){1000}')), /exceeds size limit/);
});

test('shows a report in one line', () => {
  assert.equal(regexProblemLine(compileRegex('[') as string), 'regex parse error: unclosed character class: [');
});

test('no pattern stalls', { timeout: 20_000 }, () => {
  const text = `${'a'.repeat(2000)}!`;
  for (const source of [
    '^(a+)+$',
    '(?i)^(a+)+$',
    '^(a|a)*$',
    '^(.*a){12}$',
    '(?m)^(a+)+$',
    '^(?:a?){40}a{40}$',
    '(\\w+\\s?)+$',
    '(x+x+)+y|(?:(a)|b)*c',
    '(a{0,50}){0,50}b',
  ]) {
    for (const suffix of ['', 'é', '中', '😀']) compiled(source).test(text + suffix);
  }
});
