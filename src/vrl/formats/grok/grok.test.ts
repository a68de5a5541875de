import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileGrok, type GrokPattern } from './grok.ts';
import { COMMON_PATTERNS, LOGSTASH_PATTERNS } from './patterns.ts';

function compiled(pattern: string): GrokPattern {
  const grok = compileGrok(pattern);
  if (typeof grok === 'string') throw new Error(grok);
  return grok;
}

test('all patterns compile', () => {
  for (const name of Object.keys({ ...COMMON_PATTERNS, ...LOGSTASH_PATTERNS })) compiled(`%{${name}:field}`);
});

test('reads a line of a web server', () => {
  const line = '127.0.0.1 - ann [10/Oct/2000:13:55:36 -0700] "GET /a?b=c HTTP/1.1" 200 2326 "-" "curl/8"';
  assert.deepEqual(compiled('%{COMBINEDAPACHELOG}').match(line), {
    agent: '"curl/8"',
    auth: 'ann',
    bytes: '2326',
    clientip: '127.0.0.1',
    httpversion: '1.1',
    ident: '-',
    referrer: '"-"',
    request: '/a?b=c',
    response: '200',
    timestamp: '10/Oct/2000:13:55:36 -0700',
    verb: 'GET',
  });
});

test('a field that comes again gets a number', () => {
  assert.deepEqual(compiled('%{WORD:w} %{WORD:w}').match('a b'), { w: 'a', 'w[1]': 'b' });
});

test('a placeholder may bring its definition along', () => {
  assert.deepEqual(compiled('%{AB=[ab]+:x}'.replace(':x', '')).match('ab'), {});
  assert.deepEqual(compiled('%{AB:x=[ab]+} %{AB:y}').match('ab ba'), { x: 'ab', y: 'ba' });
});

test('fields that take no part are left out', () => {
  assert.deepEqual(compiled('(?:%{INT:n}|%{WORD:w})').match('x'), { w: 'x' });
});

test('a percent sign before a placeholder makes it text', () => {
  assert.deepEqual(compiled('%%{WORD:w}').match('%{WORD:w}'), undefined);
});

for (const [pattern, problem] of [
  ['', /ended up compiling into an empty regex/],
  ['%{NONE}', /"NONE" could not be found/],
  ['%{WORD', /"InvalidPattern"/],
  ['%{WORD:a b}', /"InvalidCharacter\(' '\)"/],
  ['%{WORD:}', /"InvalidPatternDefinition"/],
  ['%{WORD} (', /OnigError\(-117\), end pattern with unmatched parenthesis/],
] as const) {
  test(`${pattern} is refused`, () => {
    assert.match(String(compileGrok(pattern)), problem);
  });
}

test('hostile lines end without a match', () => {
  assert.equal(compiled('%{COMBINEDAPACHELOG}').match('a.'.repeat(50_000)), undefined);
  assert.equal(compiled('%{EMAILADDRESS} %{URI}').match('a.'.repeat(50_000)), undefined);
});
