import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Float, type Value } from '../../../event/value.ts';
import { compileDatadogSearch, UNUSABLE_FIELD } from './match.ts';
import { parseDatadogSearch } from './parse.ts';

const event: Value = {
  message: 'connection refused by peer Übung',
  host: 'web1',
  tags: ['env:prod', 'beta', 'size:12'],
  http: { status: 503, time: 1.5, whole: new Float(2), path: '/a b' },
  nothing: null,
};

function matches(query: string): boolean {
  const matcher = compileDatadogSearch(query);
  if (typeof matcher === 'string') assert.fail(`${query}: ${matcher}`);
  return matcher(event);
}

const cases: readonly [query: string, expected: boolean][] = [
  ['', true],
  ['*:*', true],
  ['-*:*', false],
  ['refused', true],
  ['refuse', false],
  ['ref*', true],
  ['con*ed', true],
  ['*peer', true],
  ['Übung', true],
  ['refused by', true],
  ['by refused', false],
  ['"refused by"', true],
  ['refused AND timeout', false],
  ['refused OR timeout', true],
  ['NOT timeout refused', true],
  ['refused -peer', false],
  ['(timeout OR refused) AND env:prod', true],
  ['host:web1', true],
  ['host:web', false],
  ['host:web*', true],
  ['host:(web1 OR web2)', true],
  ['env:prod', true],
  ['env:(prod)', true],
  ['env:p*d', true],
  ['tags:beta', true],
  ['size:>11', true],
  ['@http.status:503', true],
  ['@http.status:>=503', true],
  ['@http.status:[500 TO 599]', true],
  ['@http.status:{503 TO *}', false],
  ['@http.time:<2', true],
  ['@http.whole:2', true],
  ['@http.path:"/a b"', true],
  ['@http.path:\\/a*', true],
  ['@nothing:*', true],
  ['@gone:*', false],
  ['_exists_:@nothing', true],
  ['_exists_:env', true],
  ['_exists_:beta', true],
  ['_missing_:@gone', true],
  ['_missing_:env', false],
];

for (const [query, expected] of cases) {
  test(`\`${query}\` ${expected ? 'matches' : 'does not match'}`, () => assert.equal(matches(query), expected));
}

test('AND binds more than OR, and a word that looks like an operator is none', () => {
  const word = (text: string) => ({ type: 'equals', field: '_default_', text });
  assert.deepEqual(parseDatadogSearch('a AND b OR "c" AND NOT d'), {
    type: 'or',
    nodes: [
      { type: 'and', nodes: [word('a'), word('b')] },
      { type: 'and', nodes: [word('c'), { type: 'not', node: word('d') }] },
    ],
  });
  assert.equal(typeof parseDatadogSearch('a:b:c'), 'string');
});

test('says what cannot be searched', () => {
  assert.match(parseDatadogSearch('a)') as string, /^ --> 1:2\n {2}\|\n1 \| a\)\n {2}\| {2}\^---/);
  assert.match(parseDatadogSearch('@a:[1 TO 2}') as string, /one of its bounds/);
  assert.match(parseDatadogSearch(`${'('.repeat(1000)}a${')'.repeat(1000)}`) as string, /nested deeper than/);
  assert.equal(compileDatadogSearch('@a..b:c'), UNUSABLE_FIELD);
});

test('many stars over a long text cost time in proportion', { timeout: 10_000 }, () => {
  const matcher = compileDatadogSearch(`${'a*'.repeat(30)}b`);
  assert.ok(typeof matcher !== 'string');
  assert.equal(matcher({ message: 'a'.repeat(100_000) }), false);
});
