import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Failure } from '../4_run/failure.ts';
import { type KeyValueOptions, parseKeyValue } from './key_value.ts';

const LOGFMT: KeyValueOptions = { keyValueDelimiter: '=', fieldDelimiter: ' ', lenient: true, standaloneKey: true };

function parse(text: string, options: Partial<KeyValueOptions> = {}) {
  const result = parseKeyValue(text, { ...LOGFMT, ...options });
  return result instanceof Failure ? result.message : result;
}

test('reads plain and quoted pairs', () => {
  assert.deepEqual(parse('a=1  b = "x \\"y\\"\\n" \'c d\'=e f'), { a: '1', b: 'x "y"\n', 'c d': 'e', f: true });
});

test('text that only begins with a quoted one is plain', () => {
  assert.deepEqual(parse('a="x" y, b=1', { fieldDelimiter: ',' }), { a: '"x" y', b: '1' });
});

test('values of a repeated key become an array, standalone keys give way', () => {
  assert.deepEqual(parse('a a=1 a=2 a b b'), { a: ['1', '2'], b: true });
});

test('without leniency blanks are characters', () => {
  assert.deepEqual(parse('a= b=1', { lenient: false }), { a: '', b: '1' });
});

test('delimiters are free', () => {
  assert.deepEqual(parse('a=>1; b=>2', { keyValueDelimiter: '=>', fieldDelimiter: ';' }), { a: '1', b: '2' });
});

test('says where a line stops being pairs', () => {
  assert.equal(parse(''), '0: in Verify, got empty input\n\n');
  assert.equal(parse('=x', { standaloneKey: false }), '0: at line 1, in Verify:\n=x\n^\n\n');
  assert.equal(
    parse('é ', { standaloneKey: false }),
    '0: at line 1, in Tag:\né\n   ^\n\n1: at line 1, in ManyMN:\né\n   ^\n\n',
  );
  assert.equal(parse('a=1 =', { standaloneKey: false }), 'could not parse whole line successfully');
});

test('names that objects inherit are ordinary keys', () => {
  const result = parse('__proto__=1 toString=2 __proto__=3') as Record<string, unknown>;
  assert.deepEqual(Object.getOwnPropertyDescriptor(result, '__proto__')?.value, ['1', '3']);
  assert.equal(result['toString'], '2');
});

test('long lines of anything take no time', () => {
  for (const part of ['a ', 'a=', '"', '" ', "'a' ", ' ', 'a="x ', '\\']) {
    const start = performance.now();
    parse(part.repeat(200_000));
    assert.ok(performance.now() - start < 3000, part);
  }
});
