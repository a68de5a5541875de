import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Float } from '../../event/value.ts';
import { Failure } from '../4_run/failure.ts';
import { parseRubyHash } from './ruby_hash.ts';

function parse(text: string) {
  const result = parseRubyHash(text);
  return result instanceof Failure ? result.message : result;
}

test('reads keys and values of all sorts', () => {
  assert.deepEqual(parse(`{ "a" => 1, :b => [nil, true, 2.5], c: { 'd' => :e }, 7 => "x\\"y" }`), {
    a: new Float(1),
    b: [null, true, 2.5],
    c: { d: 'e' },
    7: 'x\\"y',
  });
});

test('says what was wanted where', () => {
  assert.equal(parse('x'), "0: at line 1:\nx\n^\nexpected '{', found x\n\n1: at line 1, in map:\nx\n^\n\n");
  assert.equal(
    parse('{"a'),
    `0: at line 1:\n{"a\n   ^\nexpected '"', got end of input\n\n1: at line 1, in string:\n{"a\n ^\n\n2: at line 1, in map:\n{"a\n^\n\n`,
  );
  assert.equal(parse('{} x'), 'could not parse whole line successfully');
});

test('deep nesting is refused', () => {
  assert.match(String(parse('{"a"=>['.repeat(100_000))), /nested deeper/);
});
