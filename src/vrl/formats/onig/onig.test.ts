import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LimitReached, OnigProblem, OnigRegex } from './onig.ts';

/** The whole match and the named captures. */
function search(source: string, text: string): readonly (string | null)[] | undefined {
  const regex = new OnigRegex(source);
  const found = regex.search(text);
  if (!found) return undefined;
  const capture = (index: number) =>
    found[index * 2 + 1]! < 0 ? null : text.slice(found[index * 2], found[index * 2 + 1]);
  return [capture(0), ...[...regex.names.values()].map(([index]) => capture(index!))];
}

const MATCHES: readonly (readonly [source: string, text: string, expected: readonly (string | null)[] | undefined])[] =
  [
    ['(?<a>\\w+) (?<b>.*?)x', 'foo barxx', ['foo barx', 'foo', 'bar']],
    ['(?<x>a|ab)(?<y>c|bcd)(?<z>d*)', 'abcd', ['abcd', 'a', 'bcd', '']],
    ['(?:x|(?<n>a))*', 'aax', ['aax', 'a']],
    ['(?<n>a)?b', 'b', ['b', null]],
    // Oniguruma's own: lines, dots, digits of hexadecimal numbers, groups that do not capture beside named ones.
    ['^b$', 'a\nb\nc', ['b']],
    ['a.b', 'a\nb', undefined],
    ['(?m)a.b', 'a\nb', ['a\nb']],
    ['a(?i)B|c', 'aC', ['aC']],
    ['\\h{4}', 'zzbeef', ['beef']],
    ['(x)(?<n>y)', 'xy', ['xy', 'y']],
    ['a{,2}b', 'aaab', ['aab']],
    ['a{2}?b', 'b', ['b']],
    // What does not give back.
    ['(?>a+)ab', 'aaab', undefined],
    ['a++b', 'aab', ['aab']],
    ['(?>a|ab)c', 'abc', undefined],
    // Look-around and references.
    ['(?<![0-9.])[0-9]+(?!\\.)', '1.23 45', ['45']],
    ['(?<=ab|c)d', 'abd', ['d']],
    ['(?<!a*b)c', 'abcc', ['c']],
    ['(?=(?<n>a+))a', 'aa', ['a', 'aa']],
    ['(?<q>["\']).*?\\k<q>', 'x "a\'b" y', ['"a\'b"', '"']],
    // Brackets.
    ['[[:alpha:]_]+', '1é_2', ['é_']],
    ['[a-z&&[^aeiou]]+', 'aebcd', ['bcd']],
    ['[]a]+', 'b]a', [']a']],
    ['[+--]+', 'a,-', [',-']],
    // Characters beyond the basic plane are one.
    ['^(?<a>.)(?<b>.*?).$', '😀x😀', ['😀x😀', '😀', 'x']],
    ['[^a]+a', '😀😀a', ['😀😀a']],
    ['(?:.{2}){2}', '😀😁😂😃', ['😀😁😂😃']],
    // Loops whose turns may take nothing.
    ['(?<x>a*)*b', 'aab', ['aab', '']],
    ['(?:a|)+?b', 'aab', ['aab']],
    ['(?:a{2,3}b){2,10}c', 'aabaaabaabc', ['aabaaabaabc']],
  ];

for (const [source, text, expected] of MATCHES) {
  test(`${source} in ${JSON.stringify(text)} matches ${JSON.stringify(expected)}`, () => {
    assert.deepEqual(search(source, text), expected);
  });
}

for (const [source, code] of [
  ['(', -117],
  ['a)', -116],
  ['*a', -113],
  ['^*', -114],
  ['[a', -103],
  ['[]', -102],
  ['[b-a]', -203],
  ['(?P<a>b)', -119],
  ['(?<1a>b)', -215],
  ['\\k<none>', -217],
  ['\\', -104],
] as const) {
  test(`${source} is refused with ${code}`, () => {
    assert.throws(
      () => new OnigRegex(source),
      (error) => error instanceof OnigProblem && error.code === code,
    );
  });
}

test('a search that costs too much ends', () => {
  for (const source of ['^(a+)+$', '(a|aa)+$', '.*.*.*.*=x', '(?<!a*b)c{2}']) {
    const regex = new OnigRegex(source);
    assert.throws(() => regex.search(`${'a'.repeat(20_000)}c`.repeat(2)), LimitReached, source);
  }
});

test('patterns nested too deeply are refused', () => {
  assert.throws(() => new OnigRegex(`${'('.repeat(2000)}a${')'.repeat(2000)}`), OnigProblem);
  assert.throws(() => new OnigRegex(`${'['.repeat(2000)}a${']'.repeat(2000)}`), OnigProblem);
});
