// Which values nobody uses.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from '../1_parse/parser.ts';
import { unusedWarnings } from './unused.ts';

function warnings(source: string): string[] {
  const parsed = parse(source);
  assert.ok('program' in parsed);
  return unusedWarnings(parsed.program).map(({ message, labels }) => {
    const { start, end } = labels[0]!.span;
    return `${message} @${start}-${end}`;
  });
}

for (const [name, source, expected] of [
  ['a literal before the end', '"a"\n"b"', ['unused literal `"a"` @0-3']],
  ['the value of the program', '"a"', []],
  ['a variable that is never read', 'x = 1\ny = 2\ny', ['unused variable `x` @0-1']],
  [
    'variables by name, after all else',
    'b = 1\n1\na = 2\n.',
    ['unused literal `1` @6-7', 'unused variable `a` @8-9', 'unused variable `b` @0-1'],
  ],
  ['a name with `_` at its start', '_x = 1\n.', []],
  ['a variable in a template', 'x = "a"\n"b {{ x }}"', []],
  ['a path of a variable that is only written', 'x = {}\nx.a = 1\n.', ['unused variable `x` @0-1']],
  ['a literal in a block', '. = { "a"; "b" }', ['unused literal `"a"` @6-9']],
  ['an object', '{ "a": [{ "b": 1 }] }\n.', ['unused object `{ "a": [{ "b": 1 }] }` @0-21']],
  ['the result of a call', 'f(a: x.b)\n.', ['unused result for function call `f(a: xb)` @0-9']],
  ['the result of a call with an effect', 'del(.a)\nlog("x")\n.', []],
  ['the call that decides in a block', '{ parse_json("x"); 2 } ?? 1', []],
  ['what closures set', 'x = false\nfor_each([1]) -> |_i, v| { if !x { x = true } }\n.', []],
  ['the second assignment', 'x = 1\n.a = x\nx = 2\n.', []],
  ['both targets', 'a, b = f()\n.', ['unused variable `a` @0-1', 'unused variable `b` @3-4']],
  ['the value that is returned', 'x = 1\nreturn x', []],
] as const) {
  test(`${name}: ${expected.length > 0 ? 'warned of' : 'no warning'}`, () => {
    assert.deepEqual(warnings(source), expected);
  });
}
