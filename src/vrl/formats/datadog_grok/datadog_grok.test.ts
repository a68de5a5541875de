import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Timestamp } from '../../../event/timestamp.ts';
import type { Value } from '../../../event/value.ts';
import { Failure } from '../../4_run/failure.ts';
import { datadogGrok } from './datadog_grok.ts';

/** 2024-03-05 12:00:00 UTC. */
const now = () => new Timestamp(1_709_640_000, 0);

function parse(text: string, patterns: string | readonly string[], aliases: Readonly<Record<string, string>> = {}) {
  const list = typeof patterns === 'string' ? [patterns] : patterns;
  const parser = datadogGrok(list, new Map(Object.entries(aliases)), now);
  if (typeof parser === 'string') return parser;
  const result = parser(text);
  return result instanceof Failure ? result.message : result;
}

const CASES: readonly (readonly [text: string, pattern: string, expected: Value])[] = [
  ['12 ab', '%{integer:n} %{word:w}', { n: 12, w: 'ab' }],
  ['1e3', '%{numberExt:n}', { n: 1000 }],
  ['a b', '%{word:x} %{word:x}', { x: ['a', 'b'] }],
  ['a b', '%{word:p.q} %{word:p.r}', { p: { q: 'a', r: 'b' } }],
  ['a', '%{word:["odd name"]}', { 'odd name': 'a' }],
  ['ab', '%{regex("[a-b]+"):x}', { x: 'ab' }],
  ['a\nb', '%{data:x}', { x: 'a\nb' }],
  ['-', '%{data:x:nullIf("-")}', {}],
  ['ABC', '%{word:x:lowercase}', { x: 'abc' }],
  ['1.5', '%{number:x:scale(10)}', { x: 15 }],
  ['[1,2]', '%{data:x:array(integer)}', { x: [1, 2] }],
  ['{a;b}', '%{data:x:array("{}", ";")}', { x: ['a', 'b'] }],
  ['{"a.b":{"c":1,"d":{}}}', '%{data::json}', { a: { b: { c: 1 } } }],
  ['{"l[1]":2}', '%{data::json}', { l: [null, 2] }],
  ['a=1, b="x y" c=08', '%{data::keyvalue}', { a: 1, b: 'x y', c: '08' }],
  ['a:{x y}|b:2', '%{data::keyvalue(":", "", "{}", "|")}', { a: 'x y', b: 2 }],
  ['a=1&b=', '%{data:q:querystring}', { q: { a: '1' } }],
  ['<a b="c">d</a>', '%{data:x:xml}', { x: { a: { b: 'c', value: 'd' } } }],
  ['2020-01-02 03:04:05,678', '%{date("yyyy-MM-dd HH:mm:ss,SSS"):d}', { d: 1_577_934_245_678 }],
  ['2020-01-02', '%{date("yyyy-MM-dd"):d}', { d: 1_577_923_200_000 }],
  ['2020-01-02 03:04', '%{date("yyyy-MM-dd HH:mm", "+2"):d}', { d: 1_577_927_040_000 }],
  ['2020-01-02 03:04:05 Europe/Berlin', '%{date("yyyy-MM-dd HH:mm:ss zzzz"):d}', { d: 1_577_930_645_000 }],
  ['03:04:05', '%{date("HH:mm:ss"):d}', { d: 1_709_607_845_000 }],
  ['Fri Jun 16 08:29:03 2016', '%{date("EEE MMM dd HH:mm:ss yyyy"):d}', { d: 30_543_000 }],
];

for (const [text, pattern, expected] of CASES) {
  test(`${pattern} makes ${JSON.stringify(expected)} of ${JSON.stringify(text)}`, () => {
    assert.deepEqual(parse(text, pattern), expected);
  });
}

test('the first rule that matches all of the text counts', () => {
  assert.deepEqual(parse('a b', ['%{word:x}', '%{word:y} %{word:z}']), { y: 'a', z: 'b' });
  assert.equal(parse('?', '%{word:x}'), 'unable to parse grok: value does not match any rule');
});

test('aliases name rules, and come before matchers of the same name', () => {
  assert.deepEqual(parse('7 x', '%{pair}', { pair: '%{n} %{word:w}', n: '%{integer:n}' }), { n: 7, w: 'x' });
  assert.deepEqual(parse('7', '%{word:w}', { word: '%{integer:i}' }), { w: '7', i: 7 });
});

for (const [pattern, aliases, problem] of [
  ['%{a}', { a: '%{b}', b: '%{a}' }, "Circular dependency found in the alias 'a'"],
  ['%{word:x:none}', {}, "unknown filter 'none'"],
  ['%{word:x:scale}', {}, "invalid arguments for the function 'scale'"],
  ['%{date("b"):x}', {}, "invalid arguments for the function 'date'"],
  ['%{word:x "y"}', {}, /^failed to parse grok expression '%\{word:x "y"\}': invalid grok pattern: %\{word:x "y"\}$/],
  ['%{none}', {}, /could not be found in the definition map$/],
  ['%{regex("\\q"):x}', {}, /invalid escape literal/],
] as const) {
  test(`${pattern} is refused`, () => {
    const result = parse('a', pattern, aliases);
    if (typeof problem === 'string') assert.equal(result, problem);
    else assert.match(String(result), problem);
  });
}

test('names that objects inherit are ordinary fields', () => {
  const result = parse('{"__proto__":{"x":1},"constructor":2}', '%{data::json}') as Record<string, unknown>;
  assert.deepEqual(Object.keys(result).sort(), ['__proto__', 'constructor']);
  assert.equal(({} as Record<string, unknown>)['x'], undefined);
});
