import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  anything,
  array,
  asciiChar,
  bool,
  check,
  either,
  float,
  int,
  map,
  object,
  oneOf,
  sampleOf,
  string,
  uint,
  variants,
} from './schema.ts';

test('a sample shows what is required and what has a default, and nothing that is hidden or old', () => {
  const option = object('O.', {
    address: string('Where.', { examples: ['0.0.0.0:80'] }),
    size: uint('Size.', { default: 10 }),
    optional: string('Optional.', { optional: true }),
    hidden: uint('Hidden.', { default: 1, hidden: true }),
    old: uint('Old.', { default: 1, deprecated: 'use `size`' }),
    unlimited: uint('Unlimited.', { default: 2 ** 63 }),
    none: array(string('One.'), 'None.', { default: [] }),
    empty: string('Empty.', { default: '' }),
    labels: map(string('V.'), 'Labels.', { default: {} }),
    group: object('Group.', { x: uint('X.', { default: 1 }) }),
    needed: object('Needed.', { y: uint('Y.') }),
  });
  assert.deepEqual(sampleOf(option), { address: '0.0.0.0:80', size: 10, needed: { y: 1 } });
});

test('a sample of a variant shows its default, else `json`, else its first', () => {
  const cases = { text: { a: uint('A.') }, json: { pretty: bool('P.', { default: false }) } };
  assert.deepEqual(sampleOf(variants('V.', 'codec', cases, {})), { codec: 'json', pretty: false });
  assert.deepEqual(sampleOf(variants('V.', 'codec', cases, {}, { default: 'text' })), { codec: 'text', a: 1 });
  assert.deepEqual(sampleOf(variants('V.', 'codec', { b: {}, a: {} }, { size: int('S.') })), { codec: 'b', size: 1 });
});

test('a sample of options of every kind, each required and without examples, is valid', () => {
  const option = object('O.', {
    string: string('T.'),
    uint: uint('N.', { min: 268_435_488 }),
    int: int('N.'),
    float: float('N.'),
    bool: bool('B.'),
    char: asciiChar('C.'),
    word: oneOf(['a', 'b'], 'W.'),
    list: array(object('I.', { x: uint('X.', { min: 3 }) }), 'L.'),
    map: map(uint('V.'), 'M.'),
    either: either(oneOf(['none'], 'W.'), uint('N.'), 'E.'),
    variant: variants('V.', 'type', { disk: { max_size: uint('M.', { min: 7 }) } }, {}),
    any: anything('A.'),
  });
  assert.deepEqual(check(option, sampleOf(option)).problems, []);
});
