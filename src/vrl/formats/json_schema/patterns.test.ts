// Patterns of schemas mean what they mean in JavaScript, whichever engine runs them, and none stalls.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { patternTest } from './patterns.ts';

for (const pattern of [
  '^\\d+$',
  '^(?!admin)\\w+$',
  '(?<=\\$)\\d',
  '^(.)x\\1$',
  '^(?=.*[A-Z])(?=.*\\d)[\\w\\s.-]{3,}$',
  '(?!a).b\\b',
  '^[^\\s\\]]\\u{e9}(?!\\u0041)$',
  '(?:a|b)(?=\\/)',
]) {
  test(`${pattern} matches what it does in JavaScript`, () => {
    const native = new RegExp(pattern, 'u');
    const bounded = patternTest(pattern)!;
    for (const text of [
      '',
      '12',
      '१',
      'user_1',
      'admin',
      '$5',
      '€5',
      'axa',
      'axb',
      'Ab 1',
      'Ab\u20281',
      'xb\n',
      '\nb',
      'zé',
      'zéA',
      'a/',
      'c/',
    ])
      assert.equal(bounded(text), native.test(text), JSON.stringify(text));
  });
}

test('a search that would take for ever finds nothing', () => {
  const start = performance.now();
  assert.equal(patternTest('^(?=(a+)+$)')!(`${'a'.repeat(60)}!`), false);
  assert.ok(performance.now() - start < 5_000);
});

test('what is no pattern is refused', () => {
  for (const pattern of ['(', '[b-a]', '\\k<n>', 'a{2,1}']) assert.equal(patternTest(pattern), undefined);
});
